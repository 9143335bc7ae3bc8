"""What a training minimises: the error of each output against the truth, or also the distance to a teacher's."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgewright.errors import UserError
from edgewright.sections.task import Learning
from edgewright.several import Several, each, for_keras
from edgewright.training.ends import output_names
from edgewright.training.losses import CLASSES, LEAST, OutputLoss

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from edgewright.several import Values


@dataclass(frozen=True)
class Aim:
    """What a model learns: its task, and how labels are softened; `source` is its model.py, for its own functions."""

    task: Learning = field(default_factory=Learning)
    smoothing: float = 0.0
    source: Path | None = None


class Truth:
    """The error against the truth, summed over the outputs by their weights."""

    def __init__(self, tf: Any, aim: Aim, model: Any) -> None:
        self._parts = [OutputLoss(tf, goal, aim.smoothing, aim.source) for goal in aim.task.goals]
        self._task = aim.task
        self._model = model

    @property
    def compiled(self) -> dict[str, Any]:
        """What `compile` takes: loss, loss_weights, metrics."""
        if not self._task.outputs:
            return {"loss": self._parts[0].loss, "metrics": [self._parts[0].metric]}
        names = [self._layer(name) for name in self._task.names]
        losses, metrics = ([getattr(part, what) for part in self._parts] for what in ("loss", "metric"))
        weights = {self._layer(output.name): output.weight for output in self._task.outputs}
        return {
            "loss": dict(zip(names, losses, strict=True)),
            "loss_weights": weights,
            "metrics": dict(zip(names, metrics, strict=True)),
        }

    @property
    def shown(self) -> str:
        """How the metric that is seen is called in Keras' logs: that of the first output."""
        metric = self._parts[0].shown
        return f"{self._layer(self._task.names[0])}_{metric}" if self._task.outputs else metric

    def targets(self, x: Values, y: Values) -> Any:
        """What `fit` takes as the truth of the examples."""
        if not self._task.outputs or not isinstance(y, Several):
            return self._parts[0].truth(each(x)[0], each(y)[0], self._model.output_shape)
        shapes = dict(zip(output_names(self._model), self._model.output_shape, strict=True))
        parts = dict(zip(self._task.names, self._parts, strict=True))
        arrays = y.arrays.items()
        return {self._layer(name): parts[name].truth(each(x)[0], values, shapes[name]) for name, values in arrays}

    def _layer(self, name: str) -> str:
        """How the model itself calls an output: a learner of integers puts something before the name."""
        return str(self._model.output_names[output_names(self._model).index(name)])

    def mean_error(self, truth: Any, outputs: Any) -> Any:
        """The weighted sum of the mean errors, a scalar of TensorFlow: `truth` as `targets` gives it."""
        import tensorflow as tf

        if not self._task.outputs:
            return tf.reduce_mean(self._parts[0].error(truth, outputs))
        found = dict(zip(output_names(self._model), outputs, strict=True))
        return tf.add_n(
            [
                output.weight * tf.reduce_mean(part.error(truth[self._layer(output.name)], found[output.name]))
                for part, output in zip(self._parts, self._task.outputs, strict=True)
            ]
        )


@dataclass(frozen=True)
class Teacher:
    """A model to learn from.

    Attributes:
        model: Keras model with the outputs of the student; of classes they are probabilities.
        temperature: both outputs are softened by it where they are of classes: p ** (1 / temperature), normalised.
        share: of the loss that is the distance to the teacher; the rest is the error against the truth.
    """

    model: Any
    temperature: float = 4.0
    share: float = 0.9


class Distilled:
    """Knowledge distillation: (1 - share) * error + share * distance to the teacher.

    Of classes the distance is temperature^2 * KL(teacher || student), both softened: G. Hinton, O. Vinyals, J. Dean,
    "Distilling the Knowledge in a Neural Network" (2015), arXiv:1503.02531. Of other outputs it is the error itself
    with the teacher's answer as the truth.
    """

    def __init__(self, tf: Any, aim: Aim, teacher: Teacher, model: Any) -> None:
        self._tf = tf
        self._teacher = teacher
        self._hard = OutputLoss(tf, aim.task.goals[0], 0.0, aim.source)
        self._model = model

    @property
    def compiled(self) -> dict[str, Any]:
        """What `compile` takes: loss, metrics."""
        return {"loss": self.loss, "metrics": [self._tf.keras.metrics.MeanMetricWrapper(self._metric, name=self.shown)]}

    @property
    def shown(self) -> str:
        """How the metric that is seen is called in Keras' logs."""
        return self._hard.shown

    def targets(self, x: Values, y: Values) -> Any:
        """The truth, and behind it what the teacher gives: float32 (N, ..., truth + outputs) along the last axis."""
        import numpy as np

        outputs = self._teacher.model.predict(for_keras(x), batch_size=500, verbose=0)
        truth = self._hard.truth(each(x)[0], each(y)[0], self._model.output_shape)
        truth = truth if truth.ndim == outputs.ndim else truth[..., None]
        return np.concatenate([truth.astype(np.float32), self._softened(outputs)], axis=-1)

    def loss(self, truth: Any, outputs: Any) -> Any:
        """What `compile` takes: the loss of each example."""
        hard, taught = self._parted(truth, outputs)
        share = self._teacher.share
        weight, distance = self._distance(taught, outputs)
        return (1 - share) * self._hard.error(hard, outputs) + share * weight * distance

    def _softened(self, outputs: NDArray[np.float32]) -> NDArray[np.float32]:
        import numpy as np

        if self._hard.goal.kind not in CLASSES:
            return outputs
        softened = np.maximum(outputs, LEAST) ** (1 / self._teacher.temperature)
        softened /= softened.sum(axis=-1, keepdims=True)
        return softened

    def _parted(self, truth: Any, outputs: Any) -> tuple[Any, Any]:
        """The truth as the error takes it, and the teacher's part."""
        width = outputs.shape[-1]
        hard, taught = truth[..., :-width], truth[..., -width:]
        return hard[..., 0] if self._hard.loss == "sparse_categorical_crossentropy" else hard, taught

    def _distance(self, taught: Any, outputs: Any) -> tuple[float, Any]:
        """A factor, and the distance of each example."""
        if self._hard.goal.kind not in CLASSES:
            return 1.0, self._hard.error(taught, outputs)
        tf, temperature = self._tf, self._teacher.temperature
        logits = tf.math.log(tf.maximum(outputs, LEAST)) / temperature
        apart = tf.math.log(tf.maximum(taught, LEAST)) - tf.nn.log_softmax(logits)
        return temperature**2, tf.reduce_sum(taught * apart, axis=-1)

    def _metric(self, truth: Any, outputs: Any) -> Any:
        """Of each example, as the metric of the undistilled training."""
        hard, _ = self._parted(truth, outputs)
        metrics, kind = self._tf.keras.metrics, self._hard.goal.kind
        if kind in CLASSES:
            one_hot = self._hard.loss != "sparse_categorical_crossentropy"
            shown = metrics.categorical_accuracy if one_hot else metrics.sparse_categorical_accuracy
            return shown(hard, outputs)
        if kind in ("binary", "multi-label"):
            return metrics.binary_accuracy(hard, outputs)
        return metrics.mean_absolute_error(hard, outputs)


def objective(tf: Any, aim: Aim, teacher: Teacher | None, model: Any) -> Truth | Distilled:
    """What `model` is trained for; UserError when the teacher has other outputs, or there are several."""
    if teacher is None:
        return Truth(tf, aim, model)
    if aim.task.outputs:
        problem = "a model with several outputs has no teacher"
        raise UserError(f"teacher {teacher.model.name}", problem, hint="leave the pass out, or write distill = false")
    theirs, ours = teacher.model.output_shape, model.output_shape
    if theirs != ours:
        problem = "the teacher has other classes than the student"
        raise UserError(f"teacher {teacher.model.name}", problem, got=f"outputs {theirs}", allowed=f"outputs {ours}")
    return Distilled(tf, aim, teacher, model)
