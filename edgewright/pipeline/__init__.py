"""The graph of a build as plain data: which stages a target and a model need, and what each reads and writes.

Nothing here knows SCons or TensorFlow, and nothing here touches a file. All paths are relative to the project's folder.

    data (a model that brings its own) -> features (what [preprocess] declares) -> train
    train -> (compress -> evaluate)* -> quantize -> deliver -> headers                          every target
    bring (a model of another format) in the place of train
    adopt (a .tflite that somebody brings), quantize (with its calibration data) in the place of all of these
    .tflite -> transmit (its size compressed, and the update from the version before) -> report     every target
    .tflite -> evaluate_tflite, measure -> report -> budget                                     Linux-class boards
    .tflite -> evaluate_tflite, app -> measure -> report -> budget                              Android phones
    .tflite -> compile -> firmware, bundle -> (flash) -> measure -> report -> budget            microcontrollers
    .tflite -> frontend (what [preprocess] declares, as C)                                      microcontrollers
    .tflite of several -> together -> firmware, bundle -> measure -> several -> budget, page    microcontrollers
    report -> record (a line of the project's history) -> page                                  every target
    all reports that there are -> overview                                                      every build
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from edgewright.pipeline import _linux as _linux_stages
from edgewright.pipeline import _mcu, _phone
from edgewright.pipeline._check import check_pair, left_out, renamed
from edgewright.pipeline._compiler import memory_budget
from edgewright.pipeline._data import DataInputs, data_inputs, labels_of
from edgewright.pipeline._headers import headers_stage
from edgewright.pipeline._import import import_stages, stats_of
from edgewright.pipeline._measure import Accuracy, abilities, accuracy_stage, measure_stage
from edgewright.pipeline._page import HISTORY, Made, made, overview_stage, page_stages
from edgewright.pipeline._report import report_stages
from edgewright.pipeline._stage import BUILD, GOALS, Job, Stage
from edgewright.pipeline._together import check_group, made_together, together, together_text
from edgewright.pipeline._training import Trained, training_stages
from edgewright.pipeline._transmit import transmit_stage
from edgewright.spec import Model, ProjectModel, ProjectTarget, variant

__all__ = [
    "BUILD",
    "GOALS",
    "HISTORY",
    "DataInputs",
    "Made",
    "Stage",
    "artifacts",
    "check_group",
    "check_pair",
    "data_of",
    "left_out",
    "made",
    "made_together",
    "memory_budget",
    "overview_stage",
    "renamed",
    "report_text",
    "stages_of",
    "together_stages",
    "together_text",
]


def stages_of(target: ProjectTarget, model: ProjectModel, *, warn: bool = False) -> list[Stage]:
    """All stages of one target and one model, each after those that it reads from.

    Args:
        target: what to build for.
        model: what to build; the target may have it built and trained otherwise.
        warn: a figure over its budget is told, and the build goes on.
    """
    model = variant(target, model)
    job = Job(target, model, warn)
    trained = training_stages(job, model.spec) if model.spec else None
    facts = import_stages(job, model.source) if trained is None and model.source else None
    headers = headers_stage(job, labels_of(model))
    device = _device(job, trained, headers)
    sent, update = transmit_stage(job, trained)
    parts = {**_parts(job, trained), **device.parts, "transmit": sent}
    parts["imported"] = trained.imported if trained else facts
    steps = _steps(trained, device.latencies)
    report_stages(job, parts, steps, (job.tflite, *headers, *device.artifacts, *update))
    page_stages(job, {**_shown(parts, trained), **device.shown}, steps, labels_of(model))
    return job.stages


@dataclass(frozen=True)
class _Device:
    """What the stages of a class of devices give to the report, and to its page alone (`shown`)."""

    parts: dict[str, str | None]
    shown: dict[str, str | None]
    artifacts: tuple[str, ...] = ()
    latencies: dict[str, str] = field(default_factory=dict)


def _device(job: Job, trained: Trained | None, headers: tuple[str, str]) -> _Device:
    if job.target.board.device_class == "microcontroller":
        return _microcontroller(job, trained, headers)
    return _phone_app(job, trained) if job.target.board.device_class == "android" else _linux(job, trained)


def _phone_app(job: Job, trained: Trained | None) -> _Device:
    accuracy = accuracy_stage(job, trained)
    app = _phone.app_stage(job, labels_of(job.model))
    latency, floats = _linux_stages.latencies(job, app, None, trained)
    return _Device(_judged(accuracy, latency, floats), {"answers": accuracy.answers}, (app,), floats)


def _linux(job: Job, trained: Trained | None) -> _Device:
    sysroot = _linux_stages.sysroot_stage(job)
    accuracy = accuracy_stage(job, trained)
    latency, floats = _linux_stages.latencies(job, job.tflite, sysroot, trained)
    return _Device(_judged(accuracy, latency, floats), {"answers": accuracy.answers}, (), floats)


def _judged(accuracy: Accuracy, latency: str | None, floats: dict[str, str]) -> dict[str, str | None]:
    return {"accuracy": accuracy.figures, "latency": latency, "float_latency": floats.get("float")}


def _microcontroller(job: Job, trained: Trained | None, headers: tuple[str, str]) -> _Device:
    compiled = _mcu.compile_stage(job, labels_of(job.model))
    accuracy = accuracy_stage(job, trained)
    front = _mcu.frontend_stage(job)
    image, firmware = _mcu.firmware_stage(job, compiled)
    portable = _mcu.portable_stage(job, trained.tflite if trained else job.tflite, labels_of(job.model))
    _mcu.bundle_stage(job, compiled, [portable], [headers], [front] if front else [])
    flashed = _mcu.flash_stage(job, image)
    on_board = job.target.measure is not None and abilities(job.target.measure.transport).runs_flashed
    latency = measure_stage(
        job, {job.path("latency.json"): job.tflite}, tool=flashed if on_board else None, firmware=image
    )
    latency = latency or _mcu.stand_in_stages(job, compiled)
    parts = {"accuracy": accuracy.figures, "latency": latency, "firmware": firmware}
    return _Device(parts, {"answers": accuracy.answers, "plan": job.path("c/plan.json"), "compile": compiled}, (image,))


def together_stages(target: ProjectTarget, models: Sequence[ProjectModel], *, warn: bool = False) -> list[Stage]:
    """The further stages of models that run in turn in one firmware; those of each alone stand before them."""
    alone = {model.name: stages_of(target, model, warn=warn) for model in models}
    return together(target, models, alone, labels_of, warn)


def data_of(target: ProjectTarget, model: ProjectModel) -> DataInputs:
    """What stages read of a trained model's data."""
    return data_inputs(Job(target, model), model.spec or Model(description=""))


def float_model(target: ProjectTarget, model: ProjectModel) -> str:
    """Path of the model that is trained for a target, before any pass."""
    return f"{Job(target, variant(target, model)).trained_folder}/float.h5"


def artifacts(target: ProjectTarget, model: ProjectModel) -> dict[str, str]:
    """Paths of what a product takes of a build, by name; which there are the class of the board decides."""
    job = Job(target, model)
    found = {"tflite": job.tflite, "report": job.report, "header": job.path(f"{model.name}_tflite.h")}
    if target.board.device_class == "microcontroller":
        found |= {"header": job.path(f"c/{model.name}.h"), "library": _mcu.library_of(job)}
        found |= {"firmware": job.path("firmware.elf"), "bundle": job.path("bundle/bundle.json")}
    return found


def report_text(target: ProjectTarget, model: ProjectModel) -> str:
    """Path of the report's table for a terminal."""
    return Job(target, model).path("report.txt")


def _parts(job: Job, trained: Trained | None) -> dict[str, str | None]:
    parts: dict[str, str | None] = {"quantize": stats_of(job.tflite)}
    if trained:
        parts |= {"float_test": trained.float_test, "float_validation": trained.float_validation}
        parts["float_tflite"] = stats_of(trained.float_tflite)
    return parts


def _shown(parts: dict[str, str | None], trained: Trained | None) -> dict[str, str | None]:
    """What the page shows besides the report."""
    names = ("quantize", "float_tflite")
    return {"train": trained.train if trained else None, **{name: parts.get(name) for name in names}}


def _steps(trained: Trained | None, floats: dict[str, str]) -> list[dict[str, str]]:
    steps = []
    for step in trained.steps if trained else ():
        files = {"stats": step.stats, "evaluation": step.evaluation, "float_tflite": stats_of(step.float_tflite)}
        latency = {"latency": floats[step.model]} if step.model in floats else {}
        steps.append({"name": step.name, **files, **latency})
    return steps
