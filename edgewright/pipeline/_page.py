"""The stages that show what was built: the project's history, the page of a build, and the page of all builds."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from edgewright import times
from edgewright.options import charts, overview, page, pictures, record, words
from edgewright.pipeline._stage import BUILD, Job, Stage
from edgewright.spec import ProjectModel, ProjectTarget, escaped

LIBRARY = f"{BUILD}/tools/charts.json"
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
    facts = page.BuildFacts(
        command=command_of(job.target, job.model),
        labels=list(labels),
        parts={"report": job.report, **{name: path for name, path in parts.items() if path}},
        steps=[page.StepFiles(**{key: step[key] for key in page.StepFiles.model_fields}) for step in steps],
    )
    _shown(job, facts)
    _pictures_stage(job, facts)


def shown_stages(job: Job, command: str) -> None:
    """Add the record and the page of what has a report alone; `command` makes it again."""
    _shown(job, page.BuildFacts(command=command, parts={"report": job.report}))


def _shown(job: Job, facts: page.BuildFacts) -> None:
    this = Made.in_folder(job.folder)
    _library_stage(job)
    _record_stage(job, this, facts.command)
    _page_stage(job, this, facts)


def _page_stage(job: Job, this: Made, facts: page.BuildFacts) -> None:
    known = facts.model_copy(update={"parts": {**facts.parts, "history": this.history}})
    options = page.Options(facts=known, library=Path(LIBRARY), out=Path(this.page))
    job.add(
        Stage(
            "reporting.page",
            f"show {job.model.name} for {job.target.name}: {this.page}",
            words(options),
            (*_read(known), LIBRARY),
            (this.page,),
            resources=TEMPLATES,
            packages=("jinja2",),
            aliases=("report",),
            cached=False,
        )
    )


def _pictures_stage(job: Job, facts: page.BuildFacts) -> None:
    """The pictures of what the build has: one that was brought has none."""
    curves, confusions = (
        Path(job.path(f"{name}.svg")) if part in facts.parts else None
        for name, part in (("curves", "train"), ("confusions", "answers"))
    )
    if not (files := [str(path) for path in (curves, confusions) if path]):
        return
    job.add(
        Stage(
            "reporting.pictures",
            f"draw pictures of {job.model.name} for {job.target.name}",
            words(pictures.Options(facts=facts, curves=curves, confusions=confusions)),
            _read(facts),
            tuple(files),
            resources=("templates/page/page.css",),
            packages=("vl-convert-python",),
            aliases=("report",),
            cached=False,
        )
    )


def _read(facts: page.BuildFacts) -> tuple[str, ...]:
    return (*facts.parts.values(), *(path for step in facts.steps for path in (step.stats, step.float_tflite)))


def overview_stage(builds: Sequence[Made], searches: Sequence[str] = ()) -> Stage:
    """The page of all builds that there are, and of what searches found."""
    files = [overview.BuildFiles(**asdict(build)) for build in builds]
    options = overview.Options(builds=files, searches=list(searches), library=Path(LIBRARY), out=Path(OVERVIEW))
    read = [path for build in builds for path in (build.report, build.history)]
    return Stage(
        "reporting.overview",
        f"show all builds: {OVERVIEW}",
        words(options),
        (*read, *searches, LIBRARY),
        (OVERVIEW,),
        resources=TEMPLATES,
        packages=("jinja2",),
        aliases=("report",),
        cached=False,
    )


def command_of(target: ProjectTarget, model: ProjectModel | None = None) -> str:
    """What builds a target with a model, or with those that it names itself."""
    words = ["scons", f"target={escaped(target.wanted)}"]
    if model is not None:
        words.append(f"model={model.name if model.spec else escaped(model.origin)}")
    return shlex.join(words)


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
    keys = [times.key(stage.words) for stage in job.stages]
    options = record.Options(command=command, stages=keys, **{name: Path(path) for name, path in files.items()})
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
