"""What `load()` gives is looked at before anything learns from it: four arrays, no NaN, a truth that fits the task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from edgewright.datasets._truth import truth
from edgewright.errors import UserError
from edgewright.several import Several, shape_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from edgewright.sections.task import Task
    from edgewright.several import Values

WANTED = "(train_x, train_y, test_x, test_y)"

Parts = tuple["Values", "Values", "Values", "Values"]


def checked(dataset: Any, where: str, task: Task) -> Parts:
    """The arrays in the promised types: inputs float32 [N, ...], truth as `_truth` tells it for the task.

    Raises:
        UserError: not four arrays, of different or no length, inputs that are no finite numbers or differ in shape,
            truth that is none for the task.
    """
    train_x, train_y, test_x, test_y = _four(dataset, where)
    train = _part(train_x, train_y, "training", where, task)
    test = _part(test_x, test_y, "test", where, task)
    if shape_of(train[0]) != shape_of(test[0]):
        got, allowed = shape_of(test[0]), f"{shape_of(train[0])}, as the training inputs"
        raise UserError(where, "test inputs of another shape", got=got, allowed=allowed)
    return (*train, *test)


def _four(dataset: Any, where: str) -> Any:
    if dataset is None:
        raise UserError(where, "load() gives nothing", allowed=WANTED, hint="end it with return")
    if not isinstance(dataset, tuple | list) or len(dataset) != 4:
        got = f"{len(dataset)} values" if isinstance(dataset, tuple | list) else type(dataset).__name__
        raise UserError(where, "load() gives something else than four arrays", got=got, allowed=WANTED)
    return dataset


def _part(x: Any, y: Any, part: str, where: str, task: Task) -> tuple[Values, Values]:
    inputs = _inputs(x, part, where)
    return inputs, truth(y, len(inputs), task, (where, part))


def _inputs(x: Any, part: str, where: str) -> Values:
    """The inputs as float32; those of a model with several come as a dictionary by their names."""
    if not isinstance(x, Mapping):
        return _input(x, f"{part} inputs", where)
    if not x or not all(isinstance(name, str) for name in x):
        raise UserError(where, f"{part} inputs have no names", got=list(x), allowed="those of keras.Input")
    found = {name: _input(values, f"{part} inputs {name}", where) for name, values in x.items()}
    if len({len(values) for values in found.values()}) > 1:
        got = ", ".join(f"{name} {len(values)}" for name, values in found.items())
        raise UserError(where, f"{part} inputs of different length", got=got)
    return Several(found)


def _input(x: Any, what: str, where: str) -> NDArray[np.float32]:
    import numpy as np

    inputs = _array(x, what, where)
    if not inputs.ndim or not len(inputs):
        raise UserError(where, f"{what} hold no example", got=f"{inputs.shape}", allowed="an array [N, ...]")
    inputs = inputs.astype(np.float32, copy=False)
    bad = int(np.count_nonzero(~np.isfinite(inputs).reshape(len(inputs), -1).all(axis=1)))
    if bad:
        got, hint = f"{bad} of {len(inputs)} examples with them", "leave these examples out, or mend them in load()"
        raise UserError(where, f"{what} hold NaN or infinity", got=got, hint=hint)
    return inputs


def _array(values: Any, what: str, where: str) -> NDArray[Any]:
    import numpy as np

    try:
        array = np.asarray(values)
    except ValueError:  # lists of different lengths
        array = np.empty(0, object)
    if array.dtype.kind not in "biuf":
        raise UserError(where, f"{what} are no array of numbers", got=f"{type(values).__name__} of {array.dtype}")
    return array
