"""What a stage depends on when it reads a model's data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from edgewright import registry
from edgewright.pipeline._stage import Job
from edgewright.spec import Model


@dataclass(frozen=True)
class DataInputs:
    """The data of a model: its section, and the files and modules behind it."""

    section: dict[str, Any]
    files: tuple[str, ...]
    modules: tuple[str, ...]


def data_inputs(job: Job, spec: Model) -> DataInputs:
    """What stages read that need the model's data."""
    section = spec.data.model_dump(mode="json")
    if spec.data.dataset is None:
        return DataInputs(section, (model_source(job),), ())
    module = registry.datasets.load(spec.data.dataset)
    files = tuple(str(path) for path in module.sources())
    return DataInputs(section, files, (registry.datasets.module_name(spec.data.dataset),))


def model_source(job: Job) -> str:
    """The model's own Python file."""
    return f"models/{job.model.name}/model.py"
