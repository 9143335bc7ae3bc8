"""From a `[data]` section to arrays: the data set or the model's own `load()`, checked, limited and split."""

from __future__ import annotations

import inspect
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from edgewright.datasets._check import checked
from edgewright.datasets._declared import load_declared, options_of
from edgewright.datasets._files import expanded, own_files
from edgewright.datasets._forms import Part, parts
from edgewright.datasets._prepared import read_prepared
from edgewright.datasets._splits import CLASSES, Dataset, Splits, normal_alone, split
from edgewright.errors import EdgewrightError, UserError, machine_error
from edgewright.registry import datasets
from edgewright.sections.data import Data
from edgewright.sections.task import Task
from edgewright.source import fault_in, load_source

if TYPE_CHECKING:
    from edgewright.several import Values


def load_data(
    data: Data,
    source: Path | None = None,
    prepared: Path | None = None,
    task: Task = CLASSES,
    folder: Path | None = None,
) -> Splits:
    """The data that a model's `[data]` section asks for.

    Args:
        data: `dataset`: a name, or None for the model's own `load()`; `limit`: only the first so many training and
            so many test examples, or None; `validation`: how many of the training examples, where `load()` has none.
        source: the model's model.py; needed where `dataset` is None and nothing is prepared.
        prepared: the file of an earlier stage that loaded them; None: they are loaded here.
        task: what the model is for, which says what truths are.
        folder: the model's folder, which paths of a declared data set are relative to.
    """
    if prepared is not None:
        return read_prepared(prepared, data)
    module = _module(data, source)
    if is_declared(data):
        return load_declared(module, data, folder or Path(), task)
    if not hasattr(module, "load"):
        raise UserError(str(source), "no function load()", hint="write one, or name a data set in [data] dataset")
    own = source if data.dataset is None else None
    where = str(own or module.__name__)
    found = checked(_loaded(module, own, where, data.limit), where, task)
    found = {name: (x[: data.limit], y[: data.limit]) for name, (x, y) in found.items()}
    if "validation" in found:
        return normal_alone(Splits(*found["train"], *found["validation"], *found["test"]), task)
    return split(Dataset(*found["train"], *found["test"]), data, task)


def load_part(
    name: str, data: Data, source: Path | None = None, prepared: Path | None = None, task: Task = CLASSES
) -> tuple[Values, Values]:
    """Examples and truth of one part, "train", "validation" or "test"; arguments and errors are those of `load_data`.

    Of a data set that has `load_test`, the test examples are read alone.
    """
    if name == "test" and prepared is None and data.dataset is not None:
        module = datasets.load(data.dataset)
        if hasattr(module, "load_test"):
            x, y = checked({name: Part(*module.load_test(data.limit))}, module.__name__, task)[name]
            return x[: data.limit], y[: data.limit]
    return load_data(data, source, prepared, task).part(name)


def training_examples(data: Data) -> int | None:
    """How many examples a model with this `[data]` trains on; None when that shows only once they are loaded."""
    if data.dataset is None or is_declared(data):
        return None
    total: int = datasets.load(data.dataset).TRAIN_EXAMPLES
    examples = total if data.limit is None else min(total, data.limit)
    return examples - data.validation_of(examples)


def sources_of(data: Data, source: Path | None = None, prepared: Path | None = None) -> list[Path]:
    """Files that a stage which loads these data depends on, besides the code of the data-set module.

    Args:
        data: as of `load_data`.
        source: the model's model.py, whose whole folder counts.
        prepared: as of `load_data`.
    """
    own = own_files(source.parent) if source else []
    if prepared is not None:
        return [*own, prepared]
    module = _module(data, source)
    named = module.sources() if hasattr(module, "sources") else []
    return [*own, *expanded(named, f"{module.__name__}: sources()")]


def is_declared(data: Data) -> bool:
    """Whether the data are files of the user's, whose form is declared in the section."""
    return data.dataset is not None and hasattr(datasets.load(data.dataset), "OPTIONS")


def declared_files(data: Data, folder: Path) -> list[Path]:
    """The files and folders that hold declared data; UserError where one is not there."""
    module = _module(data, None)
    found: list[Path] = module.sources(options_of(module, data), folder)
    return found


def declared_classes(data: Data, folder: Path) -> tuple[str, ...]:
    """Names of the classes of declared data, in the order of their numbers; empty where nobody named them."""
    module = _module(data, None)
    found: tuple[str, ...] = module.classes(options_of(module, data), folder)
    return found


def _loaded(module: ModuleType, own: Path | None, where: str, limit: int | None) -> dict[str, Part]:
    """What `load()` or `load(limit)` gives; its faults are the user's where the module is `own`."""
    try:
        takes_limit = "limit" in inspect.signature(module.load).parameters
        return parts(module.load(limit=limit) if takes_limit else module.load(), where, limit)
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
