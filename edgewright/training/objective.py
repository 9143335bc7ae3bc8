"""What a training minimises: the error of each output against the truth, or also the distance to a teacher's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgewright.errors import UserError
from edgewright.sections.task import Learning
from edgewright.several import Several, each, for_keras
from edgewright.training.ends import output_names, outputs_of
from edgewright.training.losses import OutputLoss
from edgewright.training.taught import TaughtLoss

if TYPE_CHECKING:
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
        return self.compiled_of(self._parts)

    def compiled_of(self, parts: Sequence[OutputLoss | TaughtLoss]) -> dict[str, Any]:
        """The same with the loss and the metric of these parts, one an output."""
        if not self._task.outputs:
            return {"loss": parts[0].loss, "metrics": [parts[0].metric]}
        names = [self.layer(name) for name in self._task.names]
        losses, metrics = ([getattr(part, what) for part in parts] for what in ("loss", "metric"))
        weights = {self.layer(output.name): output.weight for output in self._task.outputs}
        return {
            "loss": dict(zip(names, losses, strict=True)),
            "loss_weights": weights,
            "metrics": dict(zip(names, metrics, strict=True)),
        }

    @property
    def shown(self) -> str:
        """How the metric that is seen is called in Keras' logs: that of the first output."""
        metric = self._parts[0].shown
        return f"{self.layer(self._task.names[0])}_{metric}" if self._task.outputs else metric

    def targets(self, x: Values, y: Values) -> Any:
        """What `fit` takes as the truth of the examples."""
        if not self._task.outputs or not isinstance(y, Several):
            return self._parts[0].truth(each(x)[0], each(y)[0], self._model.output_shape)
        shapes = dict(zip(output_names(self._model), self._model.output_shape, strict=True))
        parts = dict(zip(self._task.names, self._parts, strict=True))
        arrays = y.arrays.items()
        return {self.layer(name): parts[name].truth(each(x)[0], values, shapes[name]) for name, values in arrays}

    def layer(self, name: str) -> str:
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
                output.weight * tf.reduce_mean(part.error(truth[self.layer(output.name)], found[output.name]))
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
    """Knowledge distillation: the error and the distance to the teacher of each output, summed by their weights."""

    def __init__(self, tf: Any, aim: Aim, teacher: Teacher, model: Any) -> None:
        settings = teacher.temperature, teacher.share
        self._parts = [TaughtLoss(tf, OutputLoss(tf, goal, 0.0, aim.source), *settings) for goal in aim.task.goals]
        self._truth = Truth(tf, Aim(aim.task, 0.0, aim.source), model)
        self._task = aim.task
        self._teacher = teacher
        self._model = model

    @property
    def compiled(self) -> dict[str, Any]:
        """What `compile` takes: loss, loss_weights, metrics."""
        return self._truth.compiled_of(self._parts)

    @property
    def shown(self) -> str:
        """How the metric that is seen is called in Keras' logs: that of the first output."""
        return self._truth.shown

    def targets(self, x: Values, y: Values) -> Any:
        """The truth, and behind it what the teacher gives: of each output float32 (N, ..., truth + outputs)."""
        found = self._teacher.model.predict(for_keras(x), batch_size=500, verbose=0)
        truth = self._truth.targets(x, y)
        if not isinstance(truth, dict):
            return self._parts[0].targets(truth, found)
        outputs = outputs_of(self._teacher.model, found, self._task.names)
        parts = zip(map(self._truth.layer, self._task.names), self._parts, outputs, strict=True)
        return {layer: part.targets(truth[layer], given) for layer, part, given in parts}


def objective(tf: Any, aim: Aim, teacher: Teacher | None, model: Any) -> Truth | Distilled:
    """What `model` is trained for; UserError when the teacher has other outputs."""
    if teacher is None:
        return Truth(tf, aim, model)
    theirs, ours = (_outputs(each_, several=bool(aim.task.outputs)) for each_ in (teacher.model, model))
    if theirs != ours:
        problem = f"the teacher has other {'outputs' if aim.task.outputs else 'classes'} than the student"
        raise UserError(f"teacher {teacher.model.name}", problem, got=f"outputs {theirs}", allowed=f"outputs {ours}")
    return Distilled(tf, aim, teacher, model)


def _outputs(model: Any, *, several: bool) -> Any:
    """The shape of its output; of several, by name."""
    shape = model.output_shape
    return dict(sorted(zip(output_names(model), shape, strict=True))) if several and len(shape) > 1 else shape
