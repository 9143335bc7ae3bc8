"""Holds a build against an earlier one: Markdown for a pull request, JUnit XML for a CI job, exit 3 on a breach.

edgewright diff BASE NEW --fail-on "flash>2%,latency>3%,metric<-0.5" [--json] [--junit diff.xml]

BASE and NEW are report.json files, or folders such as build/ with the reports of several targets and models.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from edgewright.command_line import run
from edgewright.errors import BudgetError, UserError
from edgewright.files import write_text
from edgewright.report import diff, read_report
from edgewright.report.figures import Report

SUMMARY = "what changed between two builds, as Markdown; exit 3 when it is too much"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    arguments = parser().parse_args(argv)
    limits = diff.rules(arguments.fail_on)
    before, after = reports(arguments.base), reports(arguments.new)
    found = [change for key, report in after.items() for change in diff.changes(before.get(key), report, limits)]
    made = list(after.values())
    print(json.dumps(diff.as_json(found), indent=2) if arguments.json else diff.as_markdown(found, made).rstrip("\n"))
    if arguments.junit:
        write_text(arguments.junit, diff.as_junit(found, limits, made))
    if lines := diff.breached(found, made):
        raise BudgetError("\n".join(lines))
    return 0


def parser() -> argparse.ArgumentParser:
    """What it takes."""
    made = argparse.ArgumentParser(prog="edgewright diff", description=__doc__)
    made.add_argument("base", type=Path, metavar="BASE")
    made.add_argument("new", type=Path, metavar="NEW")
    made.add_argument("--fail-on", default="", metavar="RULES", help='for instance "flash>2%%,latency>3%%,metric<-0.5"')
    made.add_argument("--json", action="store_true", help="for programs, in place of Markdown")
    made.add_argument("--junit", type=Path, metavar="FILE", help="write JUnit XML as well")
    return made


def reports(path: Path) -> dict[tuple[str, str], Report]:
    """The report in a file or a build's folder, or all in a folder of builds, by target and model."""
    alone = not path.is_dir() or (path / "report.json").is_file()
    files = [path] if alone else sorted(path.glob("*/*/report.json"))
    if not files:
        raise UserError(
            str(path), "no report is in it", hint="a build leaves them in build/<target>/<model>/report.json"
        )
    return {(str(report["target"]), str(report["model"])): report for report in map(read_report, files)}


if __name__ == "__main__":
    run(main)
