"""Holds a report against its budgets: exit 3 when one is broken.

python -m edgewright.stages.reporting.budget --report report.json --out budget.txt [--warn]
"""

from __future__ import annotations

import sys

from edgewright.command_line import run
from edgewright.errors import BudgetError
from edgewright.files import read_json, write_text
from edgewright.options.budget import Options
from edgewright.report import breaches
from edgewright.stage_command import stage


def hold(options: Options) -> None:
    """Write what is broken; BudgetError when something is, unless only a warning was asked for."""
    broken = breaches(read_json(options.report))
    if broken and not options.warn:
        raise BudgetError("\n".join([*broken, "  (budget=warn builds all the same)"]))
    for line in broken:
        print(f"warning: {line}", file=sys.stderr)
    write_text(options.out, "\n".join(broken) + "\n" if broken else "all budgets are kept\n")


main = stage(Options, hold)

if __name__ == "__main__":
    run(main)
