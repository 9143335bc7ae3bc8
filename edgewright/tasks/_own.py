"""The metrics that a task names: ours, and functions of the user's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgewright import metrics
from edgewright.errors import UserError
from edgewright.metrics import Metric, Terms
from edgewright.sections.task import OWN, Judged
from edgewright.source import fault_in, load_source

if TYPE_CHECKING:
    from edgewright.metrics import Facts

DRAWS = 200
"""Of the bootstrap of a metric of one's own, which may be slow."""


def metric_of(name: str, goal: Judged, source: Path | None) -> Metric:
    """The metric of a name; `source` is the model's model.py, beside which files with functions of one's own lie.

    Raises:
        UserError: the name is of nothing that fits the kind of task.
    """
    if OWN not in name:
        found = metrics.find(name, goal.kind)
        if found is None:
            allowed = metrics.fitting(goal.kind)
            raise UserError("[task] metric", f'does not fit kind = "{goal.kind}"', got=name, allowed=allowed)
        return found.in_unit(goal.unit)
    terms = Terms(name.partition(OWN)[2].replace("_", " "), goal.better or "more", unit=goal.unit)
    function = function_of(name, source)
    return Metric(name, terms, (goal.kind,), _both, _called(function, source), "the user's own", draws=DRAWS)


def function_of(name: str, source: Path | None) -> Callable[..., Any]:
    """The function that "module:function" names; UserError where there is none."""
    module, _, function = name.partition(OWN)
    if source is None:
        raise UserError("--source", f"needed for {name}", allowed="the path of the model's model.py")
    path = source.with_name(f"{module}.py")
    found = getattr(load_source(path), function, None)
    if not callable(found):
        raise UserError(str(path), f"no function {function}()", hint=f"[task] names it: {name}")
    return found  # type: ignore[no-any-return]


def _both(scores: Facts, truth: Facts) -> Facts:
    """Scores and truth of each example behind each other, with the number of scores in front: (n, 1 + s + t)."""
    import numpy as np

    parts = [values.reshape(len(values), -1).astype(np.float64) for values in (scores, truth)]
    return np.concatenate([np.full((len(scores), 1), parts[0].shape[1]), *parts], axis=1)


def _called(function: Callable[..., Any], source: Path | None) -> Callable[[Facts, Facts], Facts]:
    """`values` of a metric: function(truth, scores) of the examples that were drawn."""

    def values(facts: Facts, weights: Facts) -> Facts:
        import numpy as np

        split = 1 + int(facts[0, 0])
        scores, truth = facts[:, 1:split], facts[:, split:]
        rows = (np.repeat(np.arange(len(facts)), row.astype(np.int64)) for row in weights)
        return np.array([_number(function, truth[row], scores[row], source) for row in rows])

    return values


def _number(function: Callable[..., Any], truth: Facts, scores: Facts, source: Path | None) -> float:
    try:
        return float(function(_flat(truth), _flat(scores)))
    except Exception as error:
        raise fault_in(source or Path("model.py"), error) from error


def _flat(values: Facts) -> Facts:
    return values[:, 0] if values.shape[1] == 1 else values
