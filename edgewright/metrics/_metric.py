"""A metric as a described thing: what is counted of each example, and what becomes of the counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from edgewright.metrics._interval import RESAMPLES, bootstrapped, wilson
from edgewright.metrics._terms import Terms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Facts = NDArray[np.float64]


@dataclass(frozen=True)
class Metric:
    """What a model is judged by.

    Attributes:
        name: as model.toml names it: "top1".
        terms: direction, unit, title.
        kinds: of tasks that it fits.
        facts: (scores, truth) -> (n, ...) float64: what counts of each example.
        values: (facts, weights (b, n)) -> (b,): the metric with each example taken `weights` times, for each row; NaN
            where it is not defined, as an AUC of one class.
        source: where the formula is from.
        rate: each example is right or wrong, and the metric is the share of the right ones.
        keras: names that Keras has for it.
        draws: of the bootstrap.

    Scores are float64 and truths are numbers; their shapes by kind of task:
        classification: scores (n, classes), truth (n,)
        sequence: scores (n, steps, classes), truth (n, steps)
        binary: scores (n,) in 0..1, truth (n,) of 0 and 1
        multi-label: scores (n, labels) in 0..1, truth (n, labels) of 0 and 1
        regression: both (n, numbers)
        reconstruction: scores (n,), the mean squared difference of input and output; truth (n,), 1 for an anomaly
    """

    name: str
    terms: Terms
    kinds: tuple[str, ...]
    facts: Callable[[Facts, Facts], Facts]
    values: Callable[[Facts, Facts], Facts]
    source: str
    rate: bool = False
    keras: tuple[str, ...] = ()
    draws: int = RESAMPLES

    def in_unit(self, unit: str) -> Metric:
        """The same of figures with a unit, where that is the metric's: "kWh", "kWh^2"; "" is none."""
        told = self.terms.unit.replace("unit", unit) if unit else ""
        return replace(self, terms=replace(self.terms, unit=told))

    def value(self, scores: Facts, truth: Facts) -> float:
        """The metric of some examples; NaN where it is not defined."""
        import numpy as np

        return float(self.values(self.facts(scores, truth), np.ones((1, len(scores))))[0])

    def interval(self, scores: Facts, truth: Facts) -> tuple[float, float] | None:
        """Where the metric of all the examples there are lies, with 95 %; None where these say nothing of it.

        Wilson's interval of rates, else the bootstrap over examples.
        """
        import numpy as np

        facts = self.facts(scores, truth)
        flat = facts.reshape(len(facts), -1)
        if self.rate and flat.shape[1] == 1 and np.isin(flat, (0, 1)).all():
            return wilson(float(flat.mean()), len(flat))
        return bootstrapped(lambda weights: self.values(facts, weights), len(facts), self.draws)


def of_means(formula: Callable[[Facts], Facts]) -> Callable[[Facts, Facts], Facts]:
    """`values` of a metric that is a function of the means of the facts: formula(means (b, ...)) -> (b,)."""

    def values(facts: Facts, weights: Facts) -> Facts:
        sums = weights @ facts.reshape(len(facts), -1)
        means = sums / weights.sum(axis=1, keepdims=True)
        return formula(means.reshape(len(weights), *facts.shape[1:]))

    return values
