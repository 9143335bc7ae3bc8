"""What `load()` gives is looked at before anything learns from it: one shape, no NaN, a truth that fits the task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from edgewright.datasets._forms import Part
from edgewright.datasets._truth import truth
from edgewright.errors import UserError
from edgewright.several import Several, shape_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from edgewright.sections.task import Task
    from edgewright.several import Values

SHOWN = {"train": "training"}
"""What messages call a part, where that is not its name."""


def checked(parts: Mapping[str, Part], where: str, task: Task) -> dict[str, tuple[Values, Values]]:
    """The arrays of each part in the promised types: inputs float32 [N, ...], truth as `_truth` tells it for the task.

    Raises:
        UserError: different or no length, inputs that are no finite numbers or differ in shape, truth that is none for
            the task; `where` is how the message calls what gave them.
    """
    found = {name: _part(part.x, part.y, SHOWN.get(name, name), where, task) for name, part in parts.items()}
    first = next(iter(found.values()))  # training data, where they were asked for
    for name, part in found.items():
        for what, given, wanted in (("inputs", part[0], first[0]), ("labels", part[1], first[1])):
            if shape_of(given) != shape_of(wanted):
                got, allowed = shape_of(given), f"{shape_of(wanted)}, as the training {what}"
                raise UserError(where, f"{name} {what} of another shape", got=got, allowed=allowed)
    return found


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
    if inputs.ndim == 1:
        hint = "an example of one number has the shape (1,): x[:, np.newaxis]"
        raise UserError(where, f"{what} without a shape", got=f"{inputs.shape}", allowed="[N, ...]", hint=hint)
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
        got = f"{type(values).__name__} of {array.dtype}"
        uneven = "examples of one shape: cut the longer ones, or fill up the shorter ones" if not array.size else None
        raise UserError(where, f"{what} are no array of numbers", got=got, hint=uneven)
    return array
