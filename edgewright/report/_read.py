"""Reading a report that a build has left: whatever shows one gets it from here, so that all refuse the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from edgewright.errors import UserError
from edgewright.files import misfit, read_json
from edgewright.report.budget import BUDGETS, RENAMED
from edgewright.report.build import SCHEMA

FILE = "report.json"
_NEEDED = ("target", "model", "board", "runtime", "size", "latency", "budget")
_BUDGET = {"budget": [{"name": str}]}


def read_report(path: Path) -> dict[str, Any]:
    """The report in a file, or in a build's folder; UserError when it is none or of another version."""
    path = path / FILE if path.is_dir() else path
    hint = f"a build leaves it in build/<target>/<model>/{FILE}"
    try:
        report = read_json(path, object)
    except OSError as error:
        raise UserError(str(path), f"cannot be read: {error}", hint=hint) from None
    if not isinstance(report, dict) or not set(_NEEDED) <= set(report) or misfit(report, _BUDGET):
        raise UserError(str(path), "is no report", hint=hint)
    if report.get("schema") != SCHEMA:
        raise UserError(str(path), "is a report of another version", got=report.get("schema"), allowed=str(SCHEMA))
    report["budget"] = [{**row, "name": RENAMED.get(row["name"], row["name"])} for row in report["budget"]]
    if unknown := [row["name"] for row in report["budget"] if row["name"] not in BUDGETS]:
        raise UserError(str(path), "has a budget that is not known", got=unknown[0], allowed=BUDGETS)
    return report
