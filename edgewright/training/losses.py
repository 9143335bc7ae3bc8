"""What a training minimises of one output, and the truth in the form that it takes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgewright.errors import UserError
from edgewright.sections.task import ONE_HOT, OWN, Learned
from edgewright.tasks import function_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEAST = 1e-7  # a probability below this counts as this: its logarithm stays finite
SPARSE = "sparse_categorical_crossentropy"
CLASSES = ("classification", "sequence")
_SMOOTHED = (SPARSE, "categorical_crossentropy", "binary_crossentropy")


class OutputLoss:
    """The error of one output against the truth; `smoothing` is the share of each label that goes to all answers alike.

    Args:
        tf: the module `tensorflow`.
        goal: what the output is for.
        smoothing: of `[train] label_smoothing`.
        source: the model's model.py, for functions of one's own.

    Raises:
        UserError: the loss has no smoothing, or Keras has no such loss.
    """

    def __init__(self, tf: Any, goal: Learned, smoothing: float = 0.0, source: Path | None = None) -> None:
        self._tf = tf
        self.goal = goal
        self._smoothing = smoothing
        if smoothing and goal.minimised not in _SMOOTHED:
            problem = f"{goal.minimised} takes no smoothed labels"
            raise UserError("[train] label_smoothing", problem, got=smoothing, allowed=f"0, or one of {_SMOOTHED}")
        self._error: Callable[[Any, Any], Any] = self._found(source)

    @property
    def loss(self) -> Any:
        """What `compile` takes: a name of Keras, or a function (truth, outputs) -> the error of each example."""
        plain = self.goal.minimised == SPARSE and not self._smoothing
        return SPARSE if plain else self.error

    def error(self, truth: Any, outputs: Any) -> Any:
        """The error of each example, float32 (N,) or (N, ...)."""
        if self.goal.minimised == SPARSE and self._smoothing:
            label = self._tf.one_hot(
                self._tf.cast(self._tf.reshape(truth, self._tf.shape(outputs)[:-1]), "int32"), outputs.shape[-1]
            )
            return self._tf.keras.losses.categorical_crossentropy(label, outputs, label_smoothing=self._smoothing)
        if self._smoothing:
            return self._error(truth, outputs, label_smoothing=self._smoothing)  # type: ignore[call-arg]
        return self._error(truth, outputs)

    @property
    def shown(self) -> str:
        """The name of `metric`."""
        return "mae" if self.goal.kind in ("regression", "reconstruction") else "accuracy"

    @property
    def metric(self) -> Any:
        """A metric of Keras to be seen in the course of a training."""
        if self.goal.kind in CLASSES:
            return "accuracy"
        shown = self._tf.keras.metrics
        if self.goal.kind in ("binary", "multi-label"):
            return shown.BinaryAccuracy(name="accuracy")
        return shown.MeanAbsoluteError(name="mae")

    def truth(self, x: NDArray[np.float32], y: NDArray[Any], shape: tuple[int | None, ...]) -> NDArray[Any]:
        """The truth of examples as `fit` takes it, for an output of `shape` (None, ...)."""
        import numpy as np

        if self.goal.kind in CLASSES:
            return np.eye(shape[-1] or 1, dtype=np.float32)[y] if self.goal.minimised in ONE_HOT else y
        values = x if self.goal.kind == "reconstruction" else y
        return values.reshape(len(values), *(size or -1 for size in shape[1:])).astype(np.float32)

    def _found(self, source: Path | None) -> Callable[[Any, Any], Any]:
        name = self.goal.minimised
        if OWN in name:
            return function_of(name, source)
        try:
            return self._tf.keras.losses.get(name)  # type: ignore[no-any-return]
        except ValueError as error:
            raise UserError("[task] loss", "Keras has no such loss", got=name) from error
