"""The stages that show what was built: the project's history, the page of a build, and the page of all builds."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from edgewright.options import charts, overview, page, record, words
from edgewright.pipeline._stage import BUILD, Job, Stage
from edgewright.spec import ProjectModel, ProjectTarget, escaped

LIBRARY = f"{BUILD}/tools/charts.js"
"""The program that draws charts, which all pages hold."""

HISTORY = "history.jsonl"
"""The figures of all builds so far: beside the SConstruct, since it outlives `build`."""

OVERVIEW = f"{BUILD}/report.html"
TEMPLATES = ("templates/page/*",)


@dataclass(frozen=True, order=True)
class Made:
    """The files of a build that the page of all builds shows, by their paths."""

    report: str
    history: str
    page: str

    @classmethod
    def in_folder(cls, folder: str) -> Made:
        """Those of the target and the model that are built in a folder."""
        return cls(*(f"{folder}/{name}" for name in ("report.json", "history.json", "report.html")))


def made(target: ProjectTarget, model: ProjectModel) -> Made:
    """Of one target and one model."""
    return Made.in_folder(Job(target, model).folder)


def page_stages(
    job: Job, parts: Mapping[str, str | None], steps: Sequence[Mapping[str, str]], labels: Sequence[str]
) -> None:
    """Add the record in the project's history, and the page of one target and one model.

    Args:
        job: the pair.
        parts: the JSON files of the stages, by their names in `report.page.Build`.
        steps: the same for each compression step, with its "name".
        labels: names of classes.
    """
    _library_stage(job)
    this, command = Made.in_folder(job.folder), _command(job)
    _record_stage(job, this, command)
    present = {"report": job.report, **{name: path for name, path in parts.items() if path}, "history": this.history}
    shown = [page.StepFiles(**{key: step[key] for key in page.StepFiles.model_fields}) for step in steps]
    options = page.Options(
        command=command,
        labels=list(labels),
        parts=present,
        steps=shown,
        library=Path(LIBRARY),
        out=Path(this.page),
    )
    read = [*present.values(), *(path for step in shown for path in (step.stats, step.float_tflite))]
    job.add(
        Stage(
            "reporting.page",
            f"show {job.model.name} for {job.target.name}: {this.page}",
            words(options),
            (*read, LIBRARY),
            (this.page,),
            resources=TEMPLATES,
            packages=("jinja2",),
            aliases=("report",),
            cached=False,
        )
    )


def overview_stage(builds: Sequence[Made]) -> Stage:
    """The page of all builds that there are."""
    files = [overview.BuildFiles(**asdict(build)) for build in builds]
    options = overview.Options(builds=files, library=Path(LIBRARY), out=Path(OVERVIEW))
    read = [path for build in builds for path in (build.report, build.history)]
    return Stage(
        "reporting.overview",
        f"show all builds: {OVERVIEW}",
        words(options),
        (*read, LIBRARY),
        (OVERVIEW,),
        resources=TEMPLATES,
        packages=("jinja2",),
        aliases=("report",),
        cached=False,
    )


def _command(job: Job) -> str:
    origin = job.model.name if job.model.tflite is None else escaped(str(job.model.tflite))
    return shlex.join(["scons", f"target={escaped(job.target.name)}", f"model={origin}"])


def _library_stage(job: Job) -> None:
    """Pages of all builds share it."""
    job.add(
        Stage(
            "reporting.charts",
            "write the program that draws charts",
            words(charts.Options(out=Path(LIBRARY))),
            (),
            (LIBRARY,),
            packages=("vl-convert-python",),
        )
    )


def _record_stage(job: Job, this: Made, command: str) -> None:
    files = {"report": this.report, "log": HISTORY, "out": this.history}
    options = record.Options(command=command, **{name: Path(path) for name, path in files.items()})
    job.add(
        Stage(
            "reporting.record",
            f"record {job.model.name} for {job.target.name} in {HISTORY}",
            words(options),
            (this.report,),
            (this.history,),
            aliases=("report",),
            cached=False,
            log=HISTORY,
        )
    )
