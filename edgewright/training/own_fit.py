"""An epoch by a function of one's own: the loop around it, its seeds, checkpoints and progress stay as they are."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgewright.errors import EdgewrightError, UserError
from edgewright.source import fault_in
from edgewright.tasks import function_of

ALLOWED = 'numbers by their names, "loss" among them, for instance {"loss": 0.4}'


@dataclass(frozen=True)
class Epoch:
    """What the function is called with, besides the compiled model.

    Attributes:
        number: from 0.
        x, y: the training examples in the order of this epoch, augmented; the truth as the model's loss takes it.
        weights: of the examples in the loss, float32 (n,); None where all count the same.
        batch_size: as [train] says.
        seed: of this epoch; random, numpy.random and TensorFlow are seeded with it.
        step: shows a step (from 0) and its values, {"loss": ...}; a loss that is no number ends the training.
    """

    number: int
    x: Any
    y: Any
    weights: Any
    batch_size: int
    seed: int
    step: Callable[[int, dict[str, float]], object]

    def batches(self) -> Iterator[tuple[Any, Any, Any]]:
        """Examples, truth and weights (None without any) of one step after the other, as tensors.

        Of a model with one input and one output; others take `x` and `y` apart themselves.
        """
        import tensorflow as tf

        for start in range(0, len(self.x), self.batch_size):
            part = slice(start, start + self.batch_size)
            weights = None if self.weights is None else tf.convert_to_tensor(self.weights[part])
            yield tf.convert_to_tensor(self.x[part]), tf.convert_to_tensor(self.y[part]), weights


def run(name: str, source: Path | None, model: Any, epoch: Epoch) -> dict[str, float]:
    """Have the function do an epoch; gives what it tells of it.

    Raises:
        UserError: it fails, or tells no loss.
    """
    function = function_of(name, source)
    where = f"[train] fit = {name}"
    try:
        told = function(model, epoch)
    except EdgewrightError:
        raise
    except Exception as error:
        raise fault_in(source or Path("model.py"), error) from error
    if not isinstance(told, Mapping) or "loss" not in told:
        raise UserError(where, "gives no loss", got=told if told is None else type(told).__name__, allowed=ALLOWED)
    found = {str(key): float(value) for key, value in told.items()}
    if wrong := [key for key, value in found.items() if not math.isfinite(value)]:
        raise UserError(where, f"{wrong[0]} is no number in epoch {epoch.number + 1}", got=found[wrong[0]])
    return found
