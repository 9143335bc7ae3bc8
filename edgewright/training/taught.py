"""What a training minimises of one output that has a teacher."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edgewright.training.losses import CLASSES, LEAST, SPARSE, OutputLoss

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class TaughtLoss:
    """(1 - share) * error + share * distance to the teacher.

    Of classes the distance is temperature^2 * KL(teacher || student), both softened: G. Hinton, O. Vinyals, J. Dean,
    "Distilling the Knowledge in a Neural Network" (2015), arXiv:1503.02531. Of other outputs it is the error itself
    with the teacher's answer as the truth.

    Args:
        tf: the module `tensorflow`.
        hard: the error against the truth.
        temperature: softens the outputs of both where they are of classes.
        share: of the loss that is the distance to the teacher.
    """

    def __init__(self, tf: Any, hard: OutputLoss, temperature: float, share: float) -> None:
        self._tf = tf
        self._hard = hard
        self._temperature = temperature
        self._share = share

    @property
    def metric(self) -> Any:
        """A metric of Keras to be seen in the course of a training: that of a training without a teacher."""
        return self._tf.keras.metrics.MeanMetricWrapper(self._metric, name=self._hard.shown)

    def targets(self, truth: NDArray[Any], outputs: NDArray[np.float32]) -> NDArray[np.float32]:
        """What `loss` takes for the truth: that as the error takes it, and the answers of the teacher behind it."""
        import numpy as np

        truth = truth if truth.ndim == outputs.ndim else truth[..., None]
        return np.concatenate([truth.astype(np.float32), self._softened(outputs)], axis=-1)

    def loss(self, truth: Any, outputs: Any) -> Any:
        """What `compile` takes: the loss of each example."""
        hard, taught = self._parted(truth, outputs)
        weight, distance = self._distance(taught, outputs)
        return (1 - self._share) * self._hard.error(hard, outputs) + self._share * weight * distance

    def _softened(self, outputs: NDArray[np.float32]) -> NDArray[np.float32]:
        import numpy as np

        if self._hard.goal.kind not in CLASSES:
            return outputs
        softened = np.maximum(outputs, LEAST) ** (1 / self._temperature)
        softened /= softened.sum(axis=-1, keepdims=True)
        return softened

    def _parted(self, truth: Any, outputs: Any) -> tuple[Any, Any]:
        """The truth as the error takes it, and the teacher's part."""
        width = outputs.shape[-1]
        hard, taught = truth[..., :-width], truth[..., -width:]
        return hard[..., 0] if self._hard.loss == SPARSE else hard, taught

    def _distance(self, taught: Any, outputs: Any) -> tuple[float, Any]:
        """A factor, and the distance of each example."""
        if self._hard.goal.kind not in CLASSES:
            return 1.0, self._hard.error(taught, outputs)
        tf, temperature = self._tf, self._temperature
        logits = tf.math.log(tf.maximum(outputs, LEAST)) / temperature
        apart = tf.math.log(tf.maximum(taught, LEAST)) - tf.nn.log_softmax(logits)
        return temperature**2, tf.reduce_sum(taught * apart, axis=-1)

    def _metric(self, truth: Any, outputs: Any) -> Any:
        """Of each example, as the metric of the undistilled training."""
        hard, _ = self._parted(truth, outputs)
        metrics, kind = self._tf.keras.metrics, self._hard.goal.kind
        if kind in CLASSES:
            one_hot = self._hard.loss != SPARSE
            shown = metrics.categorical_accuracy if one_hot else metrics.sparse_categorical_accuracy
            return shown(hard, outputs)
        if kind in ("binary", "multi-label"):
            return metrics.binary_accuracy(hard, outputs)
        return metrics.mean_absolute_error(hard, outputs)
