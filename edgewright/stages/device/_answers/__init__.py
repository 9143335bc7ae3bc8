"""What a device answers to each test example, counted output by output, as answers.json has it for the page of a build.

Of classes (also of yes and no, and of anomalies) confusions, recall and scores held against truth; of labels the same
label by label; of numbers how far they are off. Of all of them the examples that quantization made worse.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgewright import tasks
from edgewright.errors import UserError
from edgewright.several import each
from edgewright.stages.device._answers import _classes, _labels, _numbers
from edgewright.stages.device._answers._judged import Judged

__all__ = ["Judged", "counted", "counted_output", "read_floats"]

_BY_KIND: Mapping[str, Callable[[Judged], dict[str, Any]]] = {
    **dict.fromkeys(("classification", "sequence", "binary", "reconstruction"), _classes.counted),
    "multi-label": _labels.counted,
    "regression": _numbers.counted,
}


def counted(
    values: Sequence[NDArray[Any]], truths: tasks.Truths, floats: NDArray[Any] | None, threshold: float | None
) -> dict[str, Any]:
    """The content of answers.json, as JSON values.

    Args:
        values: real values of each output, (n, ...).
        truths: what they are held against.
        floats: what the float model gave as its first output, as `edgewright.stages.training.evaluate` writes it.
        threshold: of a reconstruction: the error from which on an example is an anomaly.
    """
    names: Sequence[str | None] = truths.task.names or [None]
    outputs: list[dict[str, Any]] = []
    for goal, name, value, truth in zip(truths.task.goals, names, values, truths.truth, strict=True):
        scores, right = tasks.scores_of(goal.kind, value, truth, truths.inputs)
        known = None if outputs or floats is None else _scores(goal.kind, floats, truth, truths.inputs)
        judged = Judged(goal.kind, scores, right, each(truths.inputs)[0], known, threshold)
        outputs.append({"output": name, "kind": goal.kind, "unit": goal.unit, **counted_output(judged)})
    return {"schema": 2, "outputs": outputs}


def counted_output(judged: Judged) -> dict[str, Any]:
    """What is counted of one output: the keys that its kind has."""
    return _BY_KIND[judged.kind](judged)


def read_floats(path: Path) -> NDArray[Any]:
    """The file that `edgewright.stages.training.evaluate` wrote."""
    try:
        found: NDArray[Any] = np.load(path, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise UserError(str(path), f"cannot be read: {error}", hint="build again: it is made anew") from None
    return found


def _scores(kind: str, floats: NDArray[Any], truth: NDArray[Any], inputs: Any) -> NDArray[Any] | None:
    """The float model's in the shapes of the device's, of a classification the class alone; None where none fit."""
    if len(floats) != len(truth):
        return None
    return floats.reshape(-1) if kind == "classification" else tasks.scores_of(kind, floats, truth, inputs)[0]
