"""What a stage depends on when it reads a model's data, and the stage that loads what a person brings, once for all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edgewright import registry
from edgewright.datasets import expanded
from edgewright.options import words
from edgewright.options.data import Options
from edgewright.pipeline._stage import Job, Stage
from edgewright.sections.data import Data
from edgewright.spec import Model


@dataclass(frozen=True)
class DataInputs:
    """The data of a model, as the stages read them that need them.

    Attributes:
        section: `[data]`, as far as it is not done yet.
        prepared: the arrays that the data stage wrote; None for a data set that each stage loads itself.
        facts: what the data stage found, names of classes among it.
        files: inputs of the stages.
        modules: modules that they load by name.
    """

    section: Data
    prepared: Path | None = None
    facts: Path | None = None
    files: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()


def data_inputs(job: Job, spec: Model) -> DataInputs:
    """What stages read that need the model's data."""
    if spec.data.dataset is None:
        prepared = f"{job.model_folder}/data.npz"
        return DataInputs(Data(), Path(prepared), Path(job.model_folder, "data.json"), (prepared,))
    module = registry.datasets.load(spec.data.dataset)
    files = tuple(str(path) for path in expanded(module.sources(), f"data set {spec.data.dataset}: sources()"))
    return DataInputs(spec.data, files=files, modules=(registry.datasets.module_name(spec.data.dataset),))


def data_stage(job: Job, spec: Model) -> DataInputs:
    """Add the stage that loads the data, where they are the model's own; gives what the other stages read."""
    found = data_inputs(job, spec)
    if found.prepared is None or found.facts is None:
        return found
    source = f"{model_folder(job)}/model.py"
    options = Options(source=Path(source), out=found.prepared, facts=found.facts, data=spec.data, task=spec.task)
    job.add(
        Stage(
            "training.data",
            f"load the data of {job.model.name}",
            words(options),
            (source,),
            (str(found.prepared), str(found.facts)),
            data=model_folder(job),
            packages=("numpy",),
            aliases=("train",),
        )
    )
    return found


def model_folder(job: Job) -> str:
    """The folder of the model's own files."""
    return f"models/{job.model.name}"


def model_source(job: Job) -> tuple[str, ...]:
    """The model's own Python file, where it has one."""
    return (f"{model_folder(job)}/model.py",) if job.model.code else ()
