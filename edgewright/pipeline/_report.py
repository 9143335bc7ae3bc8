"""The last stages: the report, and its budgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from edgewright.pipeline._stage import Job, Stage, options


def report_stages(
    job: Job, parts: Mapping[str, str | None], steps: Sequence[Mapping[str, str]], artifacts: Sequence[str]
) -> str:
    """Add the report and the budget; gives the report's table.

    Args:
        job: the pair of target and model.
        parts: the JSON files of the stages, by their names in `report.Parts`.
        steps: the same for each compression step, with its "name".
        artifacts: files whose hashes the report carries.
    """
    report, text = job.path("report.json"), job.path("report.txt")
    present = {name: path for name, path in parts.items() if path}
    facts = {
        "target": job.target.name,
        "model": job.model.name,
        "board": job.target.spec.board,
        "runtime": job.target.spec.runtime,
        "budget": job.target.spec.budget.model_dump(exclude_none=True),
    }
    section: dict[str, Any] = {
        "facts": facts,
        "parts": {**present, "steps": [dict(step) for step in steps]},
        "artifacts": list(artifacts),
    }
    read = [*present.values(), *(path for step in steps for key, path in step.items() if key != "name"), *artifacts]
    job.add(
        Stage(
            "report",
            f"report on {job.model.name} for {job.target.name}",
            (*options(section), "--out", report, "--text", text),
            tuple(read),
            (report, text),
            aliases=("report",),
            cached=False,
        )
    )
    _budget_stage(job, report)
    return text


def _budget_stage(job: Job, report: str) -> None:
    out = job.path("budget.txt")
    warn = ("--warn",) if job.warn else ()
    job.add(
        Stage(
            "budget",
            f"hold {job.model.name} for {job.target.name} against its budget",
            ("--report", report, "--out", out, *warn),
            (report,),
            (out,),
            aliases=("report",),
            cached=False,
        )
    )
