"""Puts reports of several builds beside each other: one model on several devices, or one device over time.

edgewright compare build/rpi/m/report.json build/mcu/m/report.json [--html page.html]
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edgewright.errors import UserError
from edgewright.files import read_json, write_text
from edgewright.report import SCHEMA, compare, render_comparison, render_page
from edgewright.stages._cli import run

SUMMARY = "reports of several builds beside each other, as a table or a page"
_NEEDED = ("target", "model", "board", "runtime", "size", "latency", "budget")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="edgewright compare", description=__doc__)
    parser.add_argument("reports", nargs="+", type=Path, metavar="report.json")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page as well")
    arguments = parser.parse_args(argv)
    comparison = compare([read_report(path) for path in arguments.reports])
    print(render_comparison(comparison), end="")
    if arguments.html:
        write_text(arguments.html, render_page(comparison))
    return 0


def read_report(path: Path) -> dict[str, Any]:
    """The report in a file; UserError when it is none."""
    hint = "a build leaves it in build/<target>/<model>/report.json"
    try:
        report = read_json(path, object)
    except OSError as error:
        raise UserError(str(path), f"cannot be read: {error}", hint=hint) from None
    if not isinstance(report, dict) or not set(_NEEDED) <= set(report):
        raise UserError(str(path), "is no report", hint=hint)
    if report.get("schema") != SCHEMA:
        raise UserError(str(path), "is a report of another version", got=report.get("schema"), allowed=str(SCHEMA))
    return report


if __name__ == "__main__":
    run(main)
