"""Holds a report against its budgets: exit 3 when one is broken.

python -m edgewright.stages.budget --report report.json --out budget.txt [--warn]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from edgewright.errors import BudgetError
from edgewright.files import read_json, write_text
from edgewright.report import breaches
from edgewright.stages._cli import run


def main(argv: Sequence[str] | None = None) -> int:
    """Run the stage."""
    parser = argparse.ArgumentParser(prog="python -m edgewright.stages.budget", description=__doc__)
    parser.add_argument("--report", required=True, type=Path)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--warn", action="store_true", help="tell of a broken budget and go on")
    arguments = parser.parse_args(argv)
    broken = breaches(read_json(arguments.report))
    if broken and not arguments.warn:
        raise BudgetError("\n".join([*broken, "  (budget=warn builds all the same)"]))
    for line in broken:
        print(f"warning: {line}", file=sys.stderr)
    write_text(arguments.out, "\n".join(broken) + "\n" if broken else "all budgets are kept\n")
    return 0


if __name__ == "__main__":
    run(main)
