"""How much each training example counts in the loss: by its class, and by a function of the user's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgewright.datasets import Split
from edgewright.errors import UserError
from edgewright.sections.task import Learning
from edgewright.sections.train import Train
from edgewright.source import fault_in
from edgewright.tasks import function_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_OF_CLASSES = ("classification", "binary")


def weights(options: Train, task: Learning, data: Split, source: Path | None) -> NDArray[np.float32] | None:
    """The weight of each training example, float32 (n,); None where all count the same.

    Raises:
        UserError: the task has no classes to weigh, there are too few weights, or the function gives something else.
    """
    import numpy as np

    found = []
    if options.class_weights:
        found.append(_of_classes(options.class_weights, task, data))
    if options.sample_weights:
        found.append(_of_function(options.sample_weights, data, source))
    return np.prod(found, axis=0, dtype=np.float32) if found else None


def _of_classes(wanted: Any, task: Learning, data: Split) -> NDArray[np.float32]:
    import numpy as np

    where = "[train] class_weights"
    if task.outputs or task.kind not in _OF_CLASSES:
        kind = "several outputs" if task.outputs else task.kind
        raise UserError(where, "are for one class an example", got=kind, allowed=f"[task] kind = {_OF_CLASSES}")
    counts = np.bincount(data.train_y)
    if wanted == "balanced":
        known = max(1, np.count_nonzero(counts))
        each = len(data.train_y) / (known * np.maximum(counts, 1))
    elif len(wanted) < len(counts):
        raise UserError(where, "too few for the classes of the data", got=len(wanted), allowed=f"{len(counts)}")
    else:
        each = np.array(wanted)
    return np.asarray(each.astype(np.float32)[data.train_y], np.float32)


def _of_function(name: str, data: Split, source: Path | None) -> NDArray[np.float32]:
    import numpy as np

    function = function_of(name, source)
    try:
        found = np.asarray(function(data.train_x, data.train_y), np.float32)
    except Exception as error:
        raise fault_in(source or Path("model.py"), error) from error
    if found.shape != (len(data.train_x),) or not np.isfinite(found).all() or found.min() < 0:
        allowed = f"({len(data.train_x)},), each a number from 0"
        raise UserError(
            f"[train] sample_weights = {name}", "gives no weight an example", got=found.shape, allowed=allowed
        )
    return found
