"""How much accuracy a quantized model loses against the float one, on validation data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edgewright.training import interpreters

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from edgewright.datasets import Split

FIRST = 2000  # examples; all of them are asked only where these show a loss


@dataclass(frozen=True)
class Verdict:
    """Accuracies, 0..1, of both models on the same validation examples."""

    float_accuracy: float
    accuracy: float
    examples: int

    @property
    def loss(self) -> float:
        """What was lost, absolute; negative where the quantized model is better."""
        return self.float_accuracy - self.accuracy

    def as_json(self) -> dict[str, Any]:
        """What quantize.json has of it."""
        return {"float": self.float_accuracy, "quantized": self.accuracy, "examples": self.examples}


class Judge:
    """Compares .tflite models with `reference`, the float one, on the validation part of `data`."""

    def __init__(self, tf: Any, data: Split, reference: bytes) -> None:
        self._tf = tf
        self._x, self._y = data.validation_x, data.validation_y
        self._reference = reference
        self._right: dict[int, int] = {}

    def judge(self, tflite: bytes, threshold: float = 0.0) -> Verdict | None:
        """The verdict; by all examples where the first ones show a loss above `threshold`. None without any."""
        if not len(self._y):
            return None
        first = self._on(tflite, min(FIRST, len(self._y)))
        return self.all(tflite) if first.loss > threshold and first.examples < len(self._y) else first

    def all(self, tflite: bytes) -> Verdict:
        """The verdict by all validation examples."""
        return self._on(tflite, len(self._y))

    def _on(self, tflite: bytes, examples: int) -> Verdict:
        if examples not in self._right:
            self._right[examples] = self._count(self._reference, examples)
        ours = self._count(tflite, examples)
        return Verdict(self._right[examples] / examples, ours / examples, examples)

    def _count(self, tflite: bytes, examples: int) -> int:
        return right(interpreters.outputs(self._tf, tflite, self._x[:examples]), self._y[:examples])


def right(outputs: NDArray[np.float32], y: NDArray[np.int64]) -> int:
    """How many examples have their greatest output at their class."""
    return int((outputs.argmax(axis=1) == y).sum())
