"""What a training minimises: the error against the labels, or also the distance to a teacher's outputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edgewright.errors import UserError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEAST = 1e-7  # a probability below this counts as this: its logarithm stays finite


class Labels:
    """Cross-entropy against the labels; `smoothing` is the share of each label that goes to all classes alike.

    The model's outputs are probabilities, float32 [N, classes].
    """

    def __init__(self, tf: Any, smoothing: float) -> None:
        self._tf = tf
        self._smoothing = smoothing
        self.metric: Any = "accuracy"

    @property
    def loss(self) -> Any:
        """What `compile` takes."""
        return self._smoothed if self._smoothing else "sparse_categorical_crossentropy"

    def targets(self, _x: NDArray[np.float32], y: NDArray[np.int64]) -> Any:
        """What `fit` takes as the truth of the examples."""
        return y

    def _smoothed(self, truth: Any, outputs: Any) -> Any:
        label = self._tf.one_hot(self._tf.cast(self._tf.reshape(truth, [-1]), "int32"), outputs.shape[-1])
        return self._tf.keras.losses.categorical_crossentropy(label, outputs, label_smoothing=self._smoothing)


@dataclass(frozen=True)
class Teacher:
    """A model to learn from.

    Attributes:
        model: Keras model with the classes of the student; its outputs are probabilities, float32 [N, classes].
        temperature: both outputs are softened by it: p ** (1 / temperature), normalised.
        share: of the loss that is the distance to the teacher; the rest is the error against the labels.
    """

    model: Any
    temperature: float = 4.0
    share: float = 0.9


class Distilled:
    """Knowledge distillation: (1 - share) * cross-entropy + share * temperature^2 * KL(teacher || student), softened.

    G. Hinton, O. Vinyals, J. Dean, "Distilling the Knowledge in a Neural Network" (2015), arXiv:1503.02531.
    """

    def __init__(self, tf: Any, teacher: Teacher) -> None:
        self._tf = tf
        self._teacher = teacher
        self.metric = self._accuracy

    @property
    def loss(self) -> Any:
        """What `compile` takes."""
        return self._loss

    def targets(self, x: NDArray[np.float32], y: NDArray[np.int64]) -> Any:
        """The label, and behind it the teacher's softened outputs: float32 [N, 1 + classes]."""
        import numpy as np

        outputs = self._teacher.model.predict(x, batch_size=500, verbose=0)
        softened = np.maximum(outputs, LEAST) ** (1 / self._teacher.temperature)
        softened /= softened.sum(axis=1, keepdims=True)
        return np.concatenate([y.reshape(-1, 1).astype(np.float32), softened], axis=1)

    def _loss(self, truth: Any, outputs: Any) -> Any:
        tf, teacher = self._tf, self._teacher
        hard = tf.keras.losses.sparse_categorical_crossentropy(truth[:, 0], outputs)
        logits = tf.math.log(tf.maximum(outputs, LEAST)) / teacher.temperature
        distance = tf.reduce_sum(
            truth[:, 1:] * (tf.math.log(tf.maximum(truth[:, 1:], LEAST)) - tf.nn.log_softmax(logits)), axis=1
        )
        return (1 - teacher.share) * hard + teacher.share * teacher.temperature**2 * distance

    def _accuracy(self, truth: Any, outputs: Any) -> Any:
        """Named "accuracy" by the training loop."""
        return self._tf.keras.metrics.sparse_categorical_accuracy(truth[:, 0], outputs)


def objective(tf: Any, smoothing: float, teacher: Teacher | None, model: Any) -> Labels | Distilled:
    """What `model` is trained for; UserError when the teacher knows other classes."""
    if teacher is None:
        return Labels(tf, smoothing)
    theirs, ours = teacher.model.output_shape, model.output_shape
    if theirs != ours:
        problem = "the teacher has other classes than the student"
        raise UserError(f"teacher {teacher.model.name}", problem, got=f"outputs {theirs}", allowed=f"outputs {ours}")
    return Distilled(tf, teacher)
