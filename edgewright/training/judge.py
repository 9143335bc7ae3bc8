"""How much worse a quantized model is than the float one, on validation data, by the metric of its task."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgewright import tasks
from edgewright.datasets import Split
from edgewright.metrics import Terms
from edgewright.sections.task import Task
from edgewright.several import each
from edgewright.training import interpreters

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FIRST = 2000  # examples; all of them are asked only where these show a loss

TOLERATED, TOLERATED_SHARE = 0.003, 0.05
"""What int8 may lose where nothing is said: so much of a share or a score, or this share of an error."""


@dataclass(frozen=True)
class Verdict:
    """The metric of both models on the same validation examples, and how it is read."""

    float_value: float
    value: float
    examples: int
    terms: Terms

    @property
    def loss(self) -> float:
        """What was lost, in the metric's own terms; negative where the quantized model is better."""
        return self.terms.loss(self.float_value, self.value)

    def is_better_than(self, other: Verdict) -> bool:
        """Whether this quantized model is the better one."""
        return self.terms.loss(other.value, self.value) < 0

    def as_json(self) -> dict[str, Any]:
        """What quantize.json has of it."""
        values = {"float": self.float_value, "quantized": self.value, "examples": self.examples}
        return {**values, **self.terms.as_json()}


def validation(data: Split, task: Task, source: Path | None) -> tasks.Truths:
    """What is true of the validation examples."""
    return tasks.Truths(task, data.validation_x, each(data.validation_y), source)


class Judge:
    """Compares .tflite models with `reference`, the float one, on validation data."""

    def __init__(self, tf: Any, truths: tasks.Truths, reference: bytes) -> None:
        self._tf = tf
        self._truths = truths
        self._reference = reference
        self._values: dict[int, float] = {}

    @property
    def terms(self) -> Terms:
        """How the metric is read."""
        return tasks.judged_by(self._truths).terms

    def judge(self, tflite: bytes, threshold: float | None = 0.0) -> Verdict | None:
        """The verdict; by all examples where the first ones show a loss above `threshold`. None without any."""
        if not len(self._truths):
            return None
        first = self._on(tflite, min(FIRST, len(self._truths)))
        return (
            self.all(tflite)
            if first.loss > self.limit(threshold, first) and first.examples < len(self._truths)
            else first
        )

    def limit(self, threshold: float | None, verdict: Verdict) -> float:
        """What may be lost: `threshold`, or what is tolerated where it is None."""
        if threshold is not None:
            return threshold
        return (
            TOLERATED_SHARE * abs(verdict.float_value)
            if self.terms.unit or not self.terms.more_is_better
            else TOLERATED
        )

    def all(self, tflite: bytes) -> Verdict:
        """The verdict by all validation examples."""
        return self._on(tflite, len(self._truths))

    def errors(self, tflite: bytes) -> NDArray[np.float64]:
        """Of a reconstruction: the error of each validation example, (n,)."""
        found = interpreters.outputs(self._tf, tflite, self._truths.inputs)
        return tasks.scores_of("reconstruction", found[0], self._truths.truth[0], self._truths.inputs)[0]

    def _on(self, tflite: bytes, examples: int) -> Verdict:
        if examples not in self._values:
            self._values[examples] = self._value(self._reference, examples)
        ours = self._value(tflite, examples)
        return Verdict(self._values[examples], ours, examples, self.terms)

    def _value(self, tflite: bytes, examples: int) -> float:
        truths = self._truths.first(examples)
        return tasks.value(interpreters.outputs(self._tf, tflite, truths.inputs, truths.task.names), truths)
