"""What `load()` gives as the truth of the examples is looked at by the kind of task: labels, numbers, yes and no."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from edgewright.errors import UserError
from edgewright.several import Several

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from edgewright.sections.task import Task
    from edgewright.several import Values

_ORDER = "load() gives train_x, train_y, test_x, test_y in this order"


def truth(values: Any, examples: int, task: Task, place: tuple[str, str]) -> Values:
    """The truth in the promised type and shape of each output.

    classification: int64 [N], from 0; sequence: int64 [N, steps], from 0; binary: int64 [N] of 0 and 1; multi-label:
    int64 [N, labels] of 0 and 1; regression: float32 [N, numbers ...]; reconstruction: int64 [N], 1 for an anomaly,
    all 0 where `values` is None.

    Args:
        values: what load() gave; a dictionary by names of outputs where there are several.
        examples: how many inputs there are.
        task: what the model is for.
        place: the file, and which part of the data it is ("training"), for messages.
    """
    if not task.outputs:
        return _one(values, examples, task.kind, place)
    if not isinstance(values, Mapping) or set(values) != set(task.names):
        got = f"{', '.join(map(str, values))}" if isinstance(values, Mapping) else type(values).__name__
        allowed = "a dictionary with " + ", ".join(task.names)
        raise UserError(place[0], f"{place[1]} labels are not by name of the outputs", got=got, allowed=allowed)
    found = {o.name: _one(values[o.name], examples, o.kind, (place[0], f"{place[1]} {o.name}")) for o in task.outputs}
    return Several(found)


def _one(values: Any, examples: int, kind: str, place: tuple[str, str]) -> NDArray[Any]:
    import numpy as np

    if values is None and kind == "reconstruction":
        return np.zeros(examples, np.int64)
    labels = _array(values, place)
    if not labels.ndim or len(labels) != examples or not examples:
        counts = f"{examples} inputs, {len(labels) if labels.ndim else 0} labels"
        raise UserError(place[0], f"{place[1]} data of different or no length", got=counts, hint=_ORDER)
    return _CHECKS[kind](labels, place)


def _array(values: Any, place: tuple[str, str]) -> NDArray[Any]:
    import numpy as np

    try:
        array = np.asarray(values)
    except ValueError:  # lists of different lengths
        array = np.empty(0, object)
    if array.dtype.kind not in "biuf":
        got = f"{type(values).__name__} of {array.dtype}"
        names = "numbers of names: names, y = np.unique(y, return_inverse=True)" if array.dtype.kind in "US" else None
        raise UserError(place[0], f"{place[1]} labels are no array of numbers", got=got, hint=names)
    return array


def _classes(labels: NDArray[Any], place: tuple[str, str]) -> NDArray[np.int64]:
    import numpy as np

    allowed = "one class number from 0 an example, [N]"
    if labels.size != len(labels):
        hint = "classes from one-hot rows: np.argmax(y, axis=1)" if labels.ndim == 2 else None
        if np.issubdtype(labels.dtype, np.integer) and labels.max(initial=0) > 1:
            hint = 'one class each step: [task] kind = "sequence"'
        raise UserError(
            place[0], f"{place[1]} labels of a wrong shape", got=f"{labels.shape}", allowed=allowed, hint=hint
        )
    return _whole(labels.reshape(-1), allowed, place)


def _steps(labels: NDArray[Any], place: tuple[str, str]) -> NDArray[np.int64]:
    allowed = "one class number from 0 each step, [N, steps]"
    if labels.ndim == 3 and labels.shape[2] == 1:
        labels = labels[..., 0]
    if labels.ndim != 2:
        raise _wrong_shape(labels, place, allowed)
    return _whole(labels, allowed, place)


def _whole(labels: NDArray[Any], allowed: str, place: tuple[str, str]) -> NDArray[np.int64]:
    import numpy as np

    what = f"{place[1]} labels"
    if labels.dtype.kind == "f" and not (np.isfinite(labels) & (labels == np.floor(labels))).all():
        hint = 'numbers are told by [task] kind = "regression"'
        raise UserError(
            place[0], f"{what} are not whole numbers", got=f"dtype {labels.dtype}", allowed=allowed, hint=hint
        )
    if labels.min() < 0:
        hint = "number the classes from 0: np.unique(y, return_inverse=True)[1]"
        raise UserError(place[0], f"{what} below 0", got=int(labels.min()), allowed=allowed, hint=hint)
    return labels.astype(np.int64)


def _yes_or_no(labels: NDArray[Any], place: tuple[str, str]) -> NDArray[np.int64]:
    allowed = "0 or 1 an example, [N]"
    if labels.size != len(labels):
        hint = 'several of them are [task] kind = "multi-label"'
        raise UserError(
            place[0], f"{place[1]} labels of a wrong shape", got=f"{labels.shape}", allowed=allowed, hint=hint
        )
    return _bits(labels.reshape(-1), allowed, place)


def _several_bits(labels: NDArray[Any], place: tuple[str, str]) -> NDArray[np.int64]:
    allowed = "0 or 1 for each label, [N, labels]"
    if labels.ndim != 2:
        raise _wrong_shape(labels, place, allowed)
    return _bits(labels, allowed, place)


def _bits(labels: NDArray[Any], allowed: str, place: tuple[str, str]) -> NDArray[np.int64]:
    import numpy as np

    other = labels[~np.isin(labels, (0, 1))]
    if len(other):
        raise UserError(place[0], f"{place[1]} labels other than 0 and 1", got=f"{other[0]}", allowed=allowed)
    return labels.astype(np.int64)


def _numbers(values: NDArray[Any], place: tuple[str, str]) -> NDArray[np.float32]:
    import numpy as np

    numbers = values.astype(np.float32)
    if bad := int(np.count_nonzero(~np.isfinite(numbers).reshape(len(numbers), -1).all(axis=1))):
        got, hint = f"{bad} of {len(numbers)} examples with them", "leave these examples out, or mend them in load()"
        raise UserError(place[0], f"{place[1]} labels hold NaN or infinity", got=got, hint=hint)
    return numbers[:, None] if numbers.ndim == 1 else numbers


def _wrong_shape(labels: NDArray[Any], place: tuple[str, str], allowed: str, hint: str | None = None) -> UserError:
    return UserError(place[0], f"{place[1]} labels of a wrong shape", got=f"{labels.shape}", allowed=allowed, hint=hint)


_CHECKS: Mapping[str, Callable[[NDArray[Any], tuple[str, str]], NDArray[Any]]] = {
    "classification": _classes,
    "sequence": _steps,
    "binary": _yes_or_no,
    "multi-label": _several_bits,
    "regression": _numbers,
    "reconstruction": _yes_or_no,
}
