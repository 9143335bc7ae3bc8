"""What models are judged by: one record a metric, with its direction, its unit and the source of its formula.

They need numpy alone, inside their functions: a model is judged in processes that run the runtime of a device, and
named in files that are read before anything runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from edgewright.metrics import classes, errors, scores
from edgewright.metrics._interval import wilson
from edgewright.metrics._metric import Metric, of_means
from edgewright.metrics._terms import ACCURACY, Better, Terms

if TYPE_CHECKING:
    from edgewright.metrics._metric import Facts

__all__ = [
    "ACCURACY",
    "KINDS",
    "METRICS",
    "Better",
    "Facts",
    "Metric",
    "Terms",
    "default",
    "find",
    "fitting",
    "of_means",
    "wilson",
]

METRICS = {record.name: record for record in (*classes.RECORDS, *scores.RECORDS, *errors.RECORDS)}
"""By name; besides them there is top<k> for each k."""

_TOP = re.compile(r"top([1-9][0-9]{0,3})")
_KERAS = {name: record for record in METRICS.values() for name in record.keras}

KINDS = {
    "classification": "top1",
    "sequence": "top1",
    "binary": "accuracy",
    "multi-label": "f1",
    "regression": "mae",
    "reconstruction": "auc",
}
"""Kinds of tasks, and what each is judged by where nothing else is said."""


def find(name: str, kind: str) -> Metric | None:
    """The metric of a name, ours or Keras', for a kind of task; None where there is none, or it does not fit."""
    found = classes.top(int(top[1])) if (top := _TOP.fullmatch(name)) else METRICS.get(name) or _KERAS.get(name)
    if name == "accuracy" and kind in classes.RECORDS[0].kinds:
        found = METRICS["top1"]
    return found if found and kind in found.kinds else None


def default(kind: str) -> Metric:
    """What a kind of task is judged by where nothing else is said."""
    return METRICS[KINDS[kind]]


def fitting(kind: str) -> Iterable[str]:
    """Names of the metrics that fit a kind of task."""
    names = [name for name, record in METRICS.items() if kind in record.kinds]
    return [*names, "top<k>"] if "top1" in names else names
