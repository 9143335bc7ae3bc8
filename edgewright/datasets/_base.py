"""What all data sets share: the arrays, their checks, the limit, and the split of validation from training data."""

from __future__ import annotations

import inspect
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from edgewright.datasets._check import checked
from edgewright.datasets._files import expanded, own_files
from edgewright.errors import EdgewrightError, UserError, machine_error
from edgewright.registry import datasets
from edgewright.sections.data import Data
from edgewright.sections.task import Task
from edgewright.source import fault_in, load_source

CLASSES = Task()
"""One class an example, told by the share of right ones."""


class Dataset(NamedTuple):
    """Examples and what is true of them.

    `*_x`: float32 [N, height, width, channels] in 0..1 (or [N, ...] of the model's input shape); `*_y`: int64 [N] of
    classes, and of other tasks what `_truth.truth` tells. Several inputs or outputs are `Several`, by their names.
    """

    train_x: Any
    train_y: Any
    test_x: Any
    test_y: Any


class Split(NamedTuple):
    """Training data with the validation data taken off; shapes and types as in `Dataset`."""

    train_x: Any
    train_y: Any
    validation_x: Any
    validation_y: Any


def load_data(data: Data, source: Path | None = None, task: Task = CLASSES) -> Dataset:
    """The data that a model's `[data]` section asks for.

    Args:
        data: `dataset`: a name, or None for the model's own `load()`; `limit`: only the first so many training and
            so many test examples, or None.
        source: the model's model.py; needed where `dataset` is None.
        task: what the model is for, which says what truths are.
    """
    module = _module(data, source)
    if not hasattr(module, "load"):
        raise UserError(str(source), "no function load()", hint="write one, or name a data set in [data] dataset")
    own = source if data.dataset is None else None
    dataset = Dataset(*checked(_loaded(module, own, data.limit), str(own or module.__name__), task))
    limit = data.limit
    train_x, train_y, test_x, test_y = dataset
    return dataset if limit is None else Dataset(train_x[:limit], train_y[:limit], test_x[:limit], test_y[:limit])


def split(dataset: Dataset, data: Data, task: Task = CLASSES) -> Split:
    """Take the last training examples as validation data, as many as `data` says; both parts must have some.

    A reconstruction learns from normal examples alone; its validation data have the anomalies that were among them.
    """
    examples = len(dataset.train_x)
    validation = data.validation_of(examples)
    if not 0 < validation < examples:
        raise UserError("[data] validation", "leaves no data", got=validation, allowed=f"1 to {examples - 1}")
    cut = examples - validation
    x, y = dataset.train_x, dataset.train_y
    if task.kind != "reconstruction":
        return Split(x[:cut], y[:cut], x[cut:], y[cut:])
    normal = (y[:cut] == 0).nonzero()[0]
    if not len(normal) or not (y[cut:] == 0).any():
        raise UserError("[task]", "no normal example is left to learn from, or to validate by", hint="1 is an anomaly")
    return Split(x[normal], y[normal], x[cut:], y[cut:])


def training_examples(data: Data) -> int | None:
    """How many examples a model with this `[data]` trains on; None when that shows only once they are loaded."""
    if data.dataset is None:
        return None
    total: int = datasets.load(data.dataset).TRAIN_EXAMPLES
    examples = total if data.limit is None else min(total, data.limit)
    return examples - data.validation_of(examples)


def sources_of(data: Data, source: Path | None = None) -> list[Path]:
    """Files that a stage which loads these data depends on, besides the code of the data-set module.

    Args:
        data: as of `load_data`.
        source: the model's model.py, whose whole folder counts.
    """
    module = _module(data, source)
    named = module.sources() if hasattr(module, "sources") else []
    return [*(own_files(source.parent) if source else ()), *expanded(named, f"{module.__name__}: sources()")]


def _loaded(module: ModuleType, own: Path | None, limit: int | None) -> Any:
    """What `load()` or `load(limit)` gives; its faults are the user's where the module is `own`."""
    try:
        takes_limit = "limit" in inspect.signature(module.load).parameters
        return module.load(limit=limit) if takes_limit else module.load()
    except Exception as error:
        machines = isinstance(error, OSError | MemoryError) and machine_error(error)
        if own is None or machines or isinstance(error, EdgewrightError):
            raise
        raise fault_in(own, error) from error


def _module(data: Data, source: Path | None) -> ModuleType:
    if data.dataset is not None:
        return datasets.load(data.dataset)
    if source is None:
        raise UserError("--source", "needed, as the model brings its own data", allowed="the path of its model.py")
    return load_source(source)
