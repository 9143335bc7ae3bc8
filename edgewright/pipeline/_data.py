"""What a stage depends on when it reads a model's data."""

from __future__ import annotations

from dataclasses import dataclass

from edgewright import registry
from edgewright.datasets import expanded
from edgewright.pipeline._stage import Job
from edgewright.sections.data import Data
from edgewright.spec import Model


@dataclass(frozen=True)
class DataInputs:
    """The data of a model: its section, and the files, the model's folder and the modules behind it."""

    section: Data
    files: tuple[str, ...] = ()
    folder: str | None = None
    modules: tuple[str, ...] = ()


def data_inputs(job: Job, spec: Model) -> DataInputs:
    """What stages read that need the model's data."""
    if spec.data.dataset is None:
        return DataInputs(spec.data, (model_source(job),), model_folder(job))
    module = registry.datasets.load(spec.data.dataset)
    files = tuple(str(path) for path in expanded(module.sources(), f"data set {spec.data.dataset}: sources()"))
    return DataInputs(spec.data, files, modules=(registry.datasets.module_name(spec.data.dataset),))


def model_folder(job: Job) -> str:
    """The folder of the model's own files."""
    return f"models/{job.model.name}"


def model_source(job: Job) -> str:
    """The model's own Python file."""
    return f"{model_folder(job)}/model.py"
