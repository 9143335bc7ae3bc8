"""The last stages: the report, and its budgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from edgewright.options import budget, words
from edgewright.options.report import Facts, Options, StepFiles
from edgewright.pipeline._stage import Job, Stage


def report_stages(
    job: Job, parts: Mapping[str, str | None], steps: Sequence[Mapping[str, str]], artifacts: Sequence[str]
) -> None:
    """Add the report and the budget.

    Args:
        job: the pair of target and model.
        parts: the JSON files of the stages, by their names in `report.Parts`.
        steps: the same for each compression step, with its "name".
        artifacts: files whose hashes the report carries.
    """
    report, text = job.report, job.path("report.txt")
    present = {name: path for name, path in parts.items() if path}
    spec = job.target.spec
    options = Options(
        facts=Facts(
            target=job.target.name, model=job.model.name, board=spec.board, runtime=spec.runtime, budget=spec.budget
        ),
        parts=present,
        steps=[StepFiles(**step) for step in steps],
        artifacts=list(artifacts),
        out=Path(report),
        text=Path(text),
    )
    read = [*present.values(), *(path for step in steps for key, path in step.items() if key != "name"), *artifacts]
    job.add(
        Stage(
            "reporting.report",
            f"report on {job.model.name} for {job.target.name}",
            words(options),
            tuple(read),
            (report, text),
            aliases=("report",),
            cached=False,
        )
    )
    _budget_stage(job, report)


def _budget_stage(job: Job, report: str) -> None:
    out = job.path("budget.txt")
    options = budget.Options(report=Path(report), out=Path(out), warn=job.warn)
    job.add(
        Stage(
            "reporting.budget",
            f"hold {job.model.name} for {job.target.name} against its budget",
            words(options),
            (report,),
            (out,),
            aliases=("report",),
            cached=False,
        )
    )
