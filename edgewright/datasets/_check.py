"""What `load()` gives is looked at before anything learns from it: four arrays, whole numbers as labels, no NaN."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edgewright.errors import UserError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WANTED = "(train_x, train_y, test_x, test_y)"

Parts = tuple["NDArray[np.float32]", "NDArray[np.int64]", "NDArray[np.float32]", "NDArray[np.int64]"]


def checked(dataset: Any, where: str) -> Parts:
    """The arrays in the promised types: inputs float32 [N, ...], labels int64 [N].

    Raises:
        UserError: not four arrays, of different or no length, inputs that are no finite numbers or differ in shape,
            labels that are no class numbers from 0.
    """
    train_x, train_y, test_x, test_y = _four(dataset, where)
    train = _part(train_x, train_y, "training", where)
    test = _part(test_x, test_y, "test", where)
    if train[0].shape[1:] != test[0].shape[1:]:
        got, allowed = f"{test[0].shape[1:]}", f"{train[0].shape[1:]}, as the training inputs"
        raise UserError(where, "test inputs of another shape", got=got, allowed=allowed)
    return (*train, *test)


def _four(dataset: Any, where: str) -> Any:
    if dataset is None:
        raise UserError(where, "load() gives nothing", allowed=WANTED, hint="end it with return")
    if not isinstance(dataset, tuple | list) or len(dataset) != 4:
        got = f"{len(dataset)} values" if isinstance(dataset, tuple | list) else type(dataset).__name__
        raise UserError(where, "load() gives something else than four arrays", got=got, allowed=WANTED)
    return dataset


def _part(x: Any, y: Any, part: str, where: str) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    import numpy as np

    inputs, labels = _array(x, f"{part} inputs", where), _array(y, f"{part} labels", where)
    if not inputs.ndim or not labels.ndim or len(inputs) != len(labels) or not len(inputs):
        counts = f"{_length(inputs)} inputs, {_length(labels)} labels"
        raise UserError(where, f"{part} data of different or no length", got=counts)
    inputs = inputs.astype(np.float32, copy=False)
    bad = int(np.count_nonzero(~np.isfinite(inputs).reshape(len(inputs), -1).all(axis=1)))
    if bad:
        got, hint = f"{bad} of {len(inputs)} examples with them", "leave these examples out, or mend them in load()"
        raise UserError(where, f"{part} inputs hold NaN or infinity", got=got, hint=hint)
    return inputs, _labels(labels, part, where)


def _array(values: Any, what: str, where: str) -> NDArray[Any]:
    import numpy as np

    try:
        array = np.asarray(values)
    except ValueError:  # lists of different lengths
        array = np.empty(0, object)
    if array.dtype.kind not in "biuf":
        raise UserError(where, f"{what} are no array of numbers", got=f"{type(values).__name__} of {array.dtype}")
    return array


def _length(array: NDArray[Any]) -> int:
    return len(array) if array.ndim else 0


def _labels(labels: NDArray[Any], part: str, where: str) -> NDArray[np.int64]:
    import numpy as np

    what, allowed = f"{part} labels", "one class number from 0 an example, [N]"
    if labels.size != len(labels):
        hint = "classes from one-hot rows: np.argmax(y, axis=1)" if labels.ndim == 2 else None
        raise UserError(where, f"{what} of a wrong shape", got=f"{labels.shape}", allowed=allowed, hint=hint)
    labels = labels.reshape(-1)
    if labels.dtype.kind == "f" and not (np.isfinite(labels) & (labels == np.floor(labels))).all():
        raise UserError(where, f"{what} are not whole numbers", got=f"dtype {labels.dtype}", allowed=allowed)
    if labels.min() < 0:
        hint = "number the classes from 0: np.unique(y, return_inverse=True)[1]"
        raise UserError(where, f"{what} below 0", got=int(labels.min()), allowed=allowed, hint=hint)
    return labels.astype(np.int64)
