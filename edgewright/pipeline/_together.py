"""Stages of models that run in turn in one firmware: compiled together, measured, and held against each alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

from edgewright.errors import UserError
from edgewright.options import budget, words
from edgewright.options import together as together_options
from edgewright.options.several import Facts
from edgewright.options.several import Options as ReportOptions
from edgewright.pipeline import _mcu
from edgewright.pipeline._compiler import compiler_files, compiler_modules
from edgewright.pipeline._measure import abilities, measure_stage
from edgewright.pipeline._page import Made, command_of, made, shown_stages
from edgewright.pipeline._stage import BUILD, Job, Stage
from edgewright.sections.budget import MemoryBudget
from edgewright.spec import ProjectModel, ProjectTarget

Alone = Mapping[str, Sequence[Stage]]
"""The stages of each model by itself, by its name."""


def group_name(models: Sequence[ProjectModel]) -> str:
    """What the common firmware and library are named after."""
    return "_and_".join(model.name for model in models)


def together_text(target: ProjectTarget, models: Sequence[ProjectModel]) -> str:
    """Path of the table of the figures for a terminal."""
    return f"{BUILD}/{target.name}/{group_name(models)}/together.txt"


PARTS = (
    *("", "_layers", "_memory", "_weights", "_portable", "_portable_weights", "_selftest", "_tflite"),
    *("_stream", "_input", "_frontend", "_frontend_layers", "_frontend_memory", "_frontend_weights"),
)
"""What follows a model's name in the names of its files in a library, before their suffixes."""


def made_together(target: ProjectTarget, models: Sequence[ProjectModel]) -> Made:
    """What the page of all builds shows of models in one firmware."""
    return made(target, ProjectModel(group_name(models)))


def check_group(target: ProjectTarget, models: Sequence[ProjectModel], others: Collection[str]) -> Iterator[UserError]:
    """What is wrong with building these models together; `others` are the names of all that the target builds."""
    if (name := group_name(models)) in others:
        problem = f"the model {name} would be built in the folder of these: {BUILD}/{target.name}/{name}"
        yield UserError(f"target={target.name}: models", problem, hint=f"copy {name} under another name")
    first: dict[str, ProjectModel] = {}
    for model in models:
        other = first.setdefault(model.name.upper(), model)
        if other is not model:
            problem = f"{other.name} and {model.name} would have the same constants in C: {model.name.upper()}_..."
            yield UserError(f"target={target.name}: models", problem, hint="copy one of them under another name")
    files = {f"{model.name}{part}".lower(): model.name for part in PARTS[1:] for model in models}
    for model in models:
        if other_name := files.get(model.name.lower()):
            problem = f"{other_name} has files that are called {model.name}, as {model.name} has"
            yield UserError(f"target={target.name}: models", problem, hint="copy one of them under another name")


def together(
    target: ProjectTarget,
    models: Sequence[ProjectModel],
    alone: Alone,
    labels_of: Callable[[ProjectModel], tuple[str, ...]],
    warn: bool,
) -> list[Stage]:
    """The stages that come to those of each model alone."""
    job = Job(target, ProjectModel(group_name(models)), warn)
    compiled = _compile_stage(job, [(model, labels_of(model)) for model in models])
    image, facts = _mcu.firmware_stage(job, compiled)
    portable = [_outputs(alone[model.name], "portable")[0] for model in models]
    of_models = [stage for model in models for stage in alone[model.name]]
    fronts = [stage.outputs[0] for stage in of_models if stage.name == "frontend"]
    _mcu.bundle_stage(job, compiled, portable, _arrays(models, alone), fronts)
    others = (stage for stages in alone.values() for stage in stages)  # the common image is the last on a board
    before = tuple(path for stage in others if stage.name in ("measure", "flash") for path in stage.outputs)
    flashed = _mcu.flash_stage(job, image, after=before)
    on_board = target.measure is not None and abilities(target.measure.transport).runs_flashed
    latencies = {}
    there, stand_in = target, None
    if other := _mcu.on_stand_in(job, compiled):
        there, image, stand_in = other[0].target, other[1], other[2]
    for model in models:
        own = Job(there, model, warn, job.stages)
        path = job.path(f"latency-{model.name}.json")
        tool = flashed if on_board else None
        if found := measure_stage(
            own, {path: own.tflite}, tool=tool, firmware=image, select=model.name, stand_in=stand_in
        ):
            latencies[model.name] = found
    _report_stages(job, {model.name: Job(target, model).report for model in models}, facts, latencies)
    return job.stages


def _outputs(stages: Sequence[Stage], name: str) -> tuple[str, ...]:
    return next(stage.outputs for stage in stages if stage.name == name)


def _arrays(models: Sequence[ProjectModel], alone: Alone) -> list[tuple[str, str]]:
    found = (_outputs(alone[model.name], "headers") for model in models)
    return [(header, source) for header, source in found]


def _compile_stage(job: Job, models: Sequence[tuple[ProjectModel, tuple[str, ...]]]) -> str:
    folder, facts = job.path("c"), job.path("c/compile.json")
    files = {model.name: Job(job.target, model).tflite for model, _ in models}
    options = together_options.Options(
        name=job.model.name,
        out_dir=Path(folder),
        models=[
            together_options.Member(name=model.name, model=files[model.name], labels=list(labels))
            for model, labels in models
        ],
        core=job.target.board.core,
        compile=job.target.spec.compile,
    )
    job.add(
        Stage(
            "microcontroller.together",
            f"compile {' and '.join(files)} together to C for {job.target.board.core.cpu}",
            words(options),
            tuple(files.values()),
            (facts,),
            resources=compiler_files(),
            modules=compiler_modules(),
            packages=("jinja2", "numpy", "tflite"),
            manifest=facts,
            aliases=("headers",),
            cached=False,
        )
    )
    return facts


def _report_stages(job: Job, reports: Mapping[str, str], firmware: str, latencies: Mapping[str, str]) -> None:
    out, text = job.report, job.path("together.txt")
    spec = job.target.spec
    options = ReportOptions(
        facts=Facts(
            target=job.target.name,
            model=job.model.name,
            board=spec.board,
            budget=MemoryBudget.model_construct(flash=spec.budget.flash, ram=spec.budget.ram),
        ),
        reports=dict(reports),
        firmware=firmware,
        latencies=dict(latencies),
        out=Path(out),
        text=Path(text),
    )
    read = (*reports.values(), firmware, *latencies.values())
    title = f"hold {job.model.name} against its parts"
    job.add(Stage("reporting.several", title, words(options), read, (out, text), aliases=("report",), cached=False))
    verdict = job.path("budget.txt")
    held = budget.Options(report=Path(out), out=Path(verdict), warn=job.warn)
    title = f"hold {job.model.name} for {job.target.name} against its budget"
    job.add(Stage("reporting.budget", title, words(held), (out,), (verdict,), aliases=("report",), cached=False))
    shown_stages(job, command_of(job.target))
