"""Stages from data to a quantized .tflite: train, compress step by step, quantize, each followed by an evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from edgewright import registry
from edgewright.executors import LEARNS
from edgewright.options import compress, deliver, evaluate, quantize, train, words
from edgewright.pipeline._data import DataInputs, data_stage, model_folder, model_source
from edgewright.pipeline._import import TENSORFLOW, float_tflite, imported, stats_of
from edgewright.pipeline._quantize import sections
from edgewright.pipeline._stage import Job, Stage, short_hash
from edgewright.sections.quantize import CALIBRATED, Quantize
from edgewright.sections.task import Task
from edgewright.sections.train import Train
from edgewright.spec import Model, Step

Split = Literal["validation", "test"]


@dataclass(frozen=True)
class CompressedStep:
    """Where the artifacts of one compression step lie."""

    name: str
    model: str
    stats: str
    evaluation: str
    float_tflite: str


@dataclass(frozen=True)
class Trained:
    """Where the artifacts of training, compression and quantization lie, which targets share.

    `tflite` is the quantized model: targets that ask for the same have one, and a copy each. `train` is the history of
    its training, `imported` what is known of its import.
    """

    float_tflite: str
    float_test: str
    float_answers: str
    float_validation: str
    steps: tuple[CompressedStep, ...]
    tflite: str
    train: str | None
    imported: str | None


def training_stages(job: Job, spec: Model) -> Trained:
    """Add the stages from data to `job.tflite`."""
    data = data_stage(job, spec)
    float_model, trained, facts = _float_model(job, spec, data)
    float_tflite = _float_tflite(job, data, float_model)
    test = _evaluate(job, spec, data, float_model, "test")
    validation = _evaluate(job, spec, data, float_model, "validation")
    steps: list[CompressedStep] = []
    current = float_model
    passes = () if float_model.endswith(".tflite") else job.target.steps  # they work on Keras models
    for index, step in enumerate(passes):
        steps.append(_compress(job, spec, data, (current, float_model), passes[: index + 1]))
        current = steps[-1].model
        _float_tflite(job, data, current)
        _evaluate(job, spec, data, current, "validation", steps[-1].evaluation, step.name)
    chosen = sections(job.target, spec)
    written = [section.model_dump(mode="json", exclude_defaults=True) for section in chosen]
    folder = f"{Path(current).parent}/{chosen[0].scheme}-{short_hash(written)}"
    shared = f"{folder}/{job.model.name}.tflite"
    _quantize(job, data, (current, shared), chosen, "quantize")
    _deliver(job, shared)
    return Trained(float_tflite, test, _float_answers(job), validation, tuple(steps), shared, trained, facts)


def _float_model(job: Job, spec: Model, data: DataInputs) -> tuple[str, str | None, str | None]:
    """The model that the rest begins with, the history of its training and what is known of its import."""
    source = job.model.source
    if source is None:
        return (*_train(job, spec, data), None)
    if source.keras:
        return f"{job.model_folder}/float.h5", None, imported(job, source, "float.h5", data)
    model, facts = float_tflite(job, source, data)
    return model, None, facts


def _source(job: Job) -> Path | None:
    """Every stage that loads the model needs its model.py: layers of its own may be registered there."""
    return next(map(Path, model_source(job)), None)


def _train(job: Job, spec: Model, data: DataInputs) -> tuple[str, str]:
    """The model, and the history of its training."""
    source, out = f"{model_folder(job)}/model.py", f"{job.trained_folder}/float.h5"
    stats = f"{job.trained_folder}/train.json"
    options = train.Options(
        source=Path(source),
        out=Path(out),
        stats=Path(stats),
        prepared=data.prepared,
        data=data.section,
        build=spec.build,
        train=spec.train,
        task=spec.task.learning,
    )
    job.add(
        Stage(
            "training.train",
            f"train {job.model.name}",
            words(options),
            (source, *data.files),
            (out, stats),
            data=model_folder(job),
            modules=data.modules,
            packages=TENSORFLOW,
            needs=LEARNS,
            aliases=("train",),
        )
    )
    return out, stats


def _compress(
    job: Job, spec: Model, data: DataInputs, models: tuple[str, str], chain: Sequence[Step]
) -> CompressedStep:
    """The last pass of `chain`; `models` are the one that it begins with and the uncompressed one."""
    step = chain[-1]
    folder = f"{job.trained_folder}/{step.name}-{_chain_hash(chain)}"
    files = (f"{folder}/{name}" for name in ("model.h5", "compress.json", "evaluation.json", "model.tflite"))
    made = CompressedStep(step.name, *files)
    model, reference = models
    options = compress.Options(
        source=_source(job),
        pass_=step.name,
        model=Path(model),
        reference=Path(reference),
        out=Path(made.model),
        stats=Path(made.stats),
        compress=dict(step.options),
        prepared=data.prepared,
        data=data.section,
        train=spec.train,
        task=spec.task,
    )
    job.add(
        Stage(
            "training.compress",
            f"{step.name} {job.model.name}",
            words(options),
            (*dict.fromkeys((model, reference)), *model_source(job), *data.files, *_own_inputs(step)),
            (made.model, made.stats),
            data=model_folder(job),
            modules=(registry.passes.module_name(step.name), *data.modules),
            packages=TENSORFLOW,
            needs=LEARNS,
            aliases=("compress",),
        )
    )
    return made


def _own_inputs(step: Step) -> tuple[str, ...]:
    """Files that a pass reads besides the model and the data."""
    module = registry.passes.load(step.name)
    return tuple(module.inputs(module.OPTIONS.model_validate(dict(step.options)))) if hasattr(module, "inputs") else ()


def _chain_hash(chain: Sequence[Step]) -> str:
    """Names a chain of passes: targets whose chains begin alike share the artifacts of that beginning."""
    return short_hash([[step.name, dict(step.options)] for step in chain])


def _deliver(job: Job, shared: str) -> None:
    """Each target has its own copy of the quantized model beside what is made of it."""
    facts = (Path(stats_of(shared)), Path(stats_of(job.tflite)))
    options = deliver.Options(model=Path(shared), out=Path(job.tflite), facts=facts[0], out_facts=facts[1])
    job.add(
        Stage(
            "model.deliver",
            f"hand {job.model.name} to {job.target.name}",
            words(options),
            (shared, stats_of(shared)),
            (job.tflite, stats_of(job.tflite)),
            aliases=("quantize",),
            cached=False,
        )
    )


def _float_tflite(job: Job, data: DataInputs, model: str) -> str:
    """The same network without quantization: what sizes and latencies are compared with."""
    chosen = job.target.spec.quantize.form("float32")
    usual = chosen.recurrent == Quantize().recurrent
    stem = f"{job.trained_folder}/float" if model.endswith(".tflite") else model.removesuffix(".h5")
    out = stem + ("" if usual else f"-{chosen.recurrent}") + ".tflite"
    _quantize(job, data, (model, out), (chosen, Train()), "convert")
    return out


def _quantize(job: Job, data: DataInputs, files: tuple[str, str], chosen: tuple[Quantize, Train], verb: str) -> None:
    """`files`: the model and the .tflite; `chosen`: how, and how it is trained where it may be."""
    model, out = files
    options = quantize.Options(
        source=_source(job),
        model=Path(model),
        out=Path(out),
        stats=Path(stats_of(out)),
        prepared=data.prepared,
        data=data.section,
        quantize=chosen[0],
        train=chosen[1],
        task=_judging(job, chosen[0]),
    )
    job.add(
        Stage(
            "training.quantize",
            f"{verb} {job.model.name} to {chosen[0].scheme}",
            words(options),
            (model, *model_source(job), *data.files),
            (out, stats_of(out)),
            data=model_folder(job),
            modules=data.modules,
            packages=TENSORFLOW,
            needs=LEARNS,
            aliases=("quantize",) if verb == "quantize" else (),
        )
    )


def _judging(job: Job, chosen: Quantize) -> Task:
    """The task where the quantization judges by it, or reads examples of it."""
    needed = chosen.scheme in CALIBRATED and job.model.spec
    return job.model.spec.task if needed and job.model.spec else Task()


def _float_answers(job: Job) -> str:
    """The class that the float model gives to each test example."""
    return f"{job.trained_folder}/float-answers.npy"


def _evaluate(
    job: Job, spec: Model, data: DataInputs, model: str, split: Split, out: str | None = None, step: str = "float"
) -> str:
    out = out or f"{job.trained_folder}/float-{split}.json"
    answers = _float_answers(job) if split == "test" else None
    options = evaluate.Options(
        source=_source(job),
        model=Path(model),
        split=split,
        out=Path(out),
        answers=Path(answers) if answers else None,
        prepared=data.prepared,
        data=data.section,
        task=spec.task,
    )
    job.add(
        Stage(
            "training.evaluate",
            f"evaluate {job.model.name}, {step} on {split} data",
            words(options),
            (model, *model_source(job), *data.files),
            (out, *((answers,) if answers else ())),
            data=model_folder(job),
            modules=data.modules,
            packages=TENSORFLOW,
            needs=LEARNS,
        )
    )
    return out
