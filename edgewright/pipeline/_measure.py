"""The stages that judge a model as its device runs it: accuracy, and latency on the device or what stands in for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from edgewright import registry
from edgewright.devices import EMULATED, Abilities
from edgewright.executors import Needs, board_name
from edgewright.options import evaluate_tflite, sections, words
from edgewright.options.measure import Options
from edgewright.pipeline._compiler import DIFFERENCES, compiler_files, compiler_modules
from edgewright.pipeline._data import data_inputs, model_folder, model_source
from edgewright.pipeline._stage import Job, Stage, short_hash
from edgewright.pipeline._training import Trained
from edgewright.sections.board import StandIn
from edgewright.sections.compile import Rounding
from edgewright.sections.task import Task

PACKAGES = {"tflite-runtime": ("tflite-runtime",), "litert": ("ai-edge-litert",), "aot": ()}
"""Python packages that run a model on this machine, by runtime."""


@dataclass(frozen=True)
class Accuracy:
    """Where the figures of the final evaluation lie, and the answers counted."""

    figures: str | None = None
    answers: str | None = None


DEVICE_FILES = (
    *("edgewright/devices/*.c", "edgewright/devices/*.txt"),
    *(
        "edgewright/devices/_on_device.py",
        "edgewright/devices/_probe.py",
    ),  # run there: nothing imports them
)


def accuracy_stage(job: Job, trained: Trained | None) -> Accuracy:
    """Add the final evaluation, on test data through the runtime of the device; of no files without data.

    Args:
        job: the pair of target and model.
        trained: with the quantized model that targets share; those that also run it alike share the evaluation.
    """
    spec = job.model.spec
    if spec is None or trained is None:
        return Accuracy()
    data = data_inputs(job, spec)
    runtime = job.target.spec.runtime
    options = evaluate_tflite.Options(
        model=Path(trained.tflite),
        float_answers=Path(trained.float_answers),
        prepared=data.prepared,
        out=Path(),
        runtime=runtime,
        compile=_rounding(job),
        board=_stand_in(job),
        data=data.section,
        task=spec.task,
        source=_metrics_source(job),
    )
    ending = f"{runtime}-{short_hash(sections(options))}.json"
    out, answers = (f"{Path(trained.tflite).parent}/{kind}-{ending}" for kind in ("accuracy", "answers"))
    job.add(
        Stage(
            "device.evaluate_tflite",
            f"evaluate {job.model.name} as {runtime} runs it",
            words(options.model_copy(update={"out": Path(out), "answers": Path(answers)})),
            (trained.tflite, trained.float_answers, *data.files),
            (out, answers),
            data=model_folder(job) if options.source else None,
            modules=(*data.modules, *_stand_in_modules(job), *(compiler_modules() if runtime == "aot" else ())),
            resources=compiler_files() if runtime == "aot" else (),
            packages=(*PACKAGES[runtime], "numpy"),
        )
    )
    return Accuracy(out, answers)


def _metrics_source(job: Job) -> Path | None:
    """The model's own Python, where functions in it tell what the model is worth."""
    spec, files = job.model.spec, model_source(job)
    return Path(files[0]) if files and spec and spec.task.has_own_metrics else None


def _stand_in(job: Job) -> StandIn | None:
    """The device that stands in where this machine has no such runtime; generated C runs everywhere."""
    board = job.target.board
    return None if job.target.spec.runtime == "aot" or board.emulator is None else board


def _stand_in_modules(job: Job) -> tuple[str, ...]:
    board = _stand_in(job)
    return (registry.transports.module_name(board.emulator.kind),) if board and board.emulator else ()


def _rounding(job: Job) -> Rounding:
    """What the answers of generated C depend on besides the model."""
    spec = job.target.spec
    return spec.compile if spec.runtime == "aot" else Rounding()


def abilities(transport: str) -> Abilities:
    """What a transport can."""
    found: Abilities = registry.transports.load(transport).ABILITIES
    return found


def starts_once(job: Job) -> bool:
    """Whether several models are measured in one start of the device, of which a measurement is most."""
    measure = job.target.measure
    return measure is not None and hasattr(registry.transports.load(measure.transport), "measure_all")


def device_of(job: Job) -> str:
    """Names what a stage that works on the device needs for itself: the device, or the board where none is named."""
    measure = job.target.measure
    if measure is None:
        return job.target.spec.board
    transport = registry.transports.load(measure.transport)
    if not hasattr(transport, "identity"):
        return job.target.spec.board
    options = transport.OPTIONS.model_validate(dict(measure.options))
    return board_name(transport.identity(options))


def needs_of(job: Job) -> Needs:
    """What a stage that works on the device takes of a machine: the device itself, where it is a thing."""
    measure = job.target.measure
    is_thing = measure is not None and hasattr(registry.transports.load(measure.transport), "identity")
    return Needs(board=device_of(job) if is_thing else None)


def measure_stage(
    job: Job,
    models: Mapping[str, str],
    *,
    tool: str | None = None,
    firmware: str | None = None,
    select: str | None = None,
    stand_in: str | None = None,
) -> str | None:
    """Add the measurement of a .tflite; gives where its figures are, None when the target has nothing to measure with.

    Args:
        job: the pair of target and model.
        models: the .tflite by where its figures go; behind it those that are measured in the same start of the device.
        tool: a stage's output that has to be there first.
        firmware: the image of a microcontroller.
        stand_in: the board that it is measured on, where that is not the target's.
        select: which of its models is meant, where it has several.
    """
    measure, spec = job.target.measure, job.model.spec
    if measure is None:
        return None
    out, *also_out = models
    tflite, *also = models.values()
    data = data_inputs(job, spec) if spec else None
    asked = {"transport": measure.transport, **({"device": measure.device} if measure.device else {})}
    options = Options(
        model=Path(tflite),
        firmware=Path(firmware) if firmware else None,
        select=select,
        stand_in=stand_in,
        tool=[Path(tool)] if tool else [],
        prepared=data.prepared if data else None,
        out=Path(out),
        also=[Path(path) for path in also],
        also_out=[Path(path) for path in also_out],
        runtime=job.target.spec.runtime,
        compile=_rounding(job),
        board=job.target.board,
        measure={**asked, **measure.options},
        data=data.section if data else None,
        task=spec.task if spec else Task(),
        source=_metrics_source(job),
    )
    given = [path for path in (*models.values(), firmware, tool) if path]
    beside = [firmware.removesuffix(".elf") + suffix for suffix in (".bin", ".json")] if firmware else []
    what = f"{select} in {firmware}" if select else job.model.name if out == job.path("latency.json") else tflite
    job.add(
        Stage(
            "device.measure",
            f"measure {what} on {job.target.name}",
            words(options),
            (*given, *beside, *(data.files if data else ())),
            tuple(models),
            data=model_folder(job) if options.source else None,
            resources=(*DEVICE_FILES, *DIFFERENCES, *(compiler_files() if firmware else ())),
            modules=(
                registry.transports.module_name(measure.transport),
                *(data.modules if data else ()),
                *(compiler_modules() if firmware else ()),
            ),
            packages=(*PACKAGES[job.target.spec.runtime], "numpy"),
            aliases=("measure",),
            cached=False,
            device=device_of(job),
            needs=needs_of(job),
            here=abilities(measure.transport).kind != EMULATED,
        )
    )
    return out
