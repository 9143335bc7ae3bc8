"""The figures of a model's outputs: each metric of each output, with its interval."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgewright.errors import UserError
from edgewright.metrics import Metric
from edgewright.sections.task import Judged, Task
from edgewright.tasks._anomaly import errors
from edgewright.tasks._own import metric_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edgewright.metrics import Facts


@dataclass(frozen=True)
class Truths:
    """What outputs are held against.

    Attributes:
        task: what they are to tell.
        inputs: (n, ...), what the model was fed; of a reconstruction alone something is made of it.
        truth: of each output (n, ...), in the order of `task.goals`.
        source: the model's model.py, for metrics of one's own.
    """

    task: Task
    inputs: Any
    truth: Sequence[NDArray[Any]]
    source: Path | None = None

    def __len__(self) -> int:
        """How many examples there are."""
        return len(self.truth[0])

    def first(self, examples: int) -> Truths:
        """The first so many examples."""
        return self._of(slice(examples))

    def across(self, examples: int, first: int) -> Truths:
        """So many examples: the first `first`, then others evenly across the rest, which may be sorted."""
        import numpy as np

        rest = np.linspace(first, len(self) - 1, max(0, min(examples, len(self)) - first)).astype(int)
        return self._of(np.concatenate([np.arange(min(first, examples, len(self))), rest]))

    def _of(self, chosen: Any) -> Truths:
        truth = [values[chosen] for values in self.truth]
        return Truths(self.task, self.inputs[chosen], truth, self.source)


@dataclass(frozen=True)
class Figure:
    """A metric of one output: `interval` is of 95 %, None where the examples say nothing of it."""

    metric: Metric
    value: float
    interval: tuple[float, float] | None
    samples: int
    output: str | None = None

    @property
    def told(self) -> str:
        """For people: "top1 89.80 % (89.19 to 90.38 %)"."""
        terms = self.metric.terms
        interval = f" ({terms.span(self.interval)})" if self.interval else ""
        return f"{self.metric.name} {terms.show(self.value)}{interval}"


def figures(outputs: Sequence[NDArray[Any]], truths: Truths) -> list[Figure]:
    """Every metric of the task, the one that the model is judged by first.

    Args:
        outputs: real values (n, ...) of each output, in the order of the task's.
        truths: what they are held against.

    Raises:
        UserError: a metric is not defined on these examples.
    """
    found = []
    names: Sequence[str | None] = truths.task.names or [None]
    for goal, name, output, truth in zip(truths.task.goals, names, outputs, truths.truth, strict=True):
        scores, right = scores_of(goal.kind, output, truth, truths.inputs)
        for metric in (metric_of(told, goal, truths.source) for told in goal.told):
            value_ = _defined(metric, scores, right)
            found.append(Figure(metric, value_, metric.interval(scores, right), len(right), name))
    return found


def value(outputs: Sequence[NDArray[Any]], truths: Truths) -> float:
    """What the model is judged by: the metric of the first output."""
    goal = truths.task.goals[0]
    scores, right = scores_of(goal.kind, outputs[0], truths.truth[0], truths.inputs)
    return _defined(judged_by(truths), scores, right)


def judged_by(truths: Truths) -> Metric:
    """The metric that decides."""
    goal: Judged = truths.task.goals[0]
    return metric_of(goal.judged_by, goal, truths.source)


def record(found: Sequence[Figure]) -> dict[str, Any]:
    """Figures as JSON values: the one that decides, and under "others" the rest."""
    first, *others = (_record(figure) for figure in found)
    return {**first, "others": others} if others else first


def of_json(found: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The one that decides and the others, of what `record` gave."""
    return [found, *found.get("others", ())]


def scores_of(kind: str, outputs: NDArray[Any], truth: NDArray[Any], inputs: Any) -> tuple[Facts, Facts]:
    """Outputs and truth in the shapes that `edgewright.metrics.Metric` tells, whatever those of the model are."""
    import numpy as np

    n = len(truth)
    values, right = outputs.reshape(n, -1).astype(np.float64), truth.reshape(n, -1)
    if kind == "classification":
        return values, right[:, 0]
    if kind == "sequence":
        return values.reshape(n, right.shape[1], -1), right
    if kind == "binary":
        return values[:, 0], right[:, 0]
    if kind == "reconstruction":
        return errors(outputs, inputs), right[:, 0]
    return values, right.astype(np.float64) if kind == "regression" else right


def _defined(metric: Metric, scores: Facts, truth: Facts) -> float:
    found = metric.value(scores, truth)
    if not math.isfinite(found):
        problem = f"{metric.terms.title} is not defined on these {len(truth)} examples"
        hint = "an AUC needs both classes, an R2 numbers that vary: look at what load() gives, or take another metric"
        raise UserError(f"[task] metric = {metric.name}", problem, hint=hint)
    return found


def _record(figure: Figure) -> dict[str, Any]:
    ends = figure.interval and [round(end, 6) for end in figure.interval]
    found = {"metric": figure.metric.name, **figure.metric.terms.as_json()}
    found |= {"value": figure.value, "interval": ends, "samples": figure.samples}
    return {**found, "output": figure.output} if figure.output else found
