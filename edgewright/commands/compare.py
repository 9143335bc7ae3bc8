"""Puts reports of several builds beside each other: one model on several devices, or one device over time.

edgewright compare build/rpi/m build/mcu/m [--html page.html]
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from edgewright.command_line import run
from edgewright.files import write_text
from edgewright.report import compare, read_report, render_comparison, render_page

SUMMARY = "reports of several builds beside each other, as a table or a page"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    arguments = parser().parse_args(argv)
    comparison = compare([read_report(path) for path in arguments.reports])
    print(render_comparison(comparison), end="")
    if arguments.html:
        write_text(arguments.html, render_page(comparison))
    return 0


def parser() -> argparse.ArgumentParser:
    """What it takes."""
    made = argparse.ArgumentParser(prog="edgewright compare", description=__doc__)
    made.add_argument("reports", nargs="+", type=Path, metavar="BUILD", help="its folder, or its report.json")
    made.add_argument("--html", type=Path, metavar="FILE", help="write a page as well")
    return made


if __name__ == "__main__":
    run(main)
