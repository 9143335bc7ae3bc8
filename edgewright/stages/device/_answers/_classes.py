"""Answers that are classes: of an example, of each of its steps, yes or no, normal or anomaly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgewright.metrics.classes import HALF
from edgewright.stages.device._answers._judged import SHOWN, Judged, histogram, reliability, share
from edgewright.stages.device._answers._shown import content

MOST_CLASSES = 64
"""A matrix of more is no picture; its greatest confusions are listed all the same."""

_BINS = 40

Classes = NDArray[np.int64]


@dataclass(frozen=True)
class _Answers:
    """One answer each, of an example or of a step.

    Attributes:
        answers, right: (m,), classes.
        sure: (m,), how sure they are: the score, or how far from the limit.
        scores: (m, k), of each class; None of an anomaly, whose error is no score.
        floats: (m,), the float model's classes; None when nobody knows.
        classes: k.
        steps: how many of them an example has.
    """

    answers: Classes
    right: Classes
    sure: NDArray[np.float64]
    scores: NDArray[np.float64] | None
    floats: Classes | None
    classes: int
    steps: int = 1


def counted(judged: Judged) -> dict[str, Any]:
    """Confusions, recall ("recall" is null for a class that no example has), reliability, and what was lost.

    "reliability" is null where scores are no probabilities. A reconstruction has "errors" besides: how many normal
    examples and anomalies are in each bin from 0 to "limit", and the threshold.
    """
    if judged.kind == "reconstruction" and judged.threshold is None:
        return {"samples": len(judged.scores), **_errors(judged)}
    found = _answers(judged)
    matrix = np.zeros((found.classes, found.classes), np.int64)
    np.add.at(matrix, (found.right, found.answers), 1)
    return {
        "classes": found.classes,
        "samples": len(judged.examples),
        "steps": found.steps,
        "recall": [share(int(row[index]), int(row.sum())) for index, row in enumerate(matrix)],
        "confusion": matrix.tolist() if found.classes <= MOST_CLASSES else None,
        "confused": _confused(matrix),
        **_reliability(found),
        **_changed(judged, found),
        **(_errors(judged) if judged.kind == "reconstruction" else {}),
    }


def _answers(judged: Judged) -> _Answers:
    scores, right = judged.scores, judged.right.astype(np.int64).reshape(-1)
    if judged.threshold is not None:
        return _yes_or_no(judged, right, judged.threshold, None)
    if judged.kind == "binary":
        return _yes_or_no(judged, right, HALF, np.stack([1 - scores, scores], axis=1))
    known = judged.floats
    if known is not None and judged.kind == "sequence":
        known = known.argmax(axis=-1)
    flat = scores.reshape(-1, scores.shape[-1])
    answers = flat.argmax(axis=1)
    floats = None if known is None else known.astype(np.int64).reshape(-1)
    steps = len(flat) // max(1, len(scores))
    return _Answers(answers, right, flat.max(axis=1), flat, floats, flat.shape[1], steps)


def _yes_or_no(judged: Judged, right: Classes, limit: float, scores: NDArray[np.float64] | None) -> _Answers:
    """What is above a limit is a yes."""
    answers = (judged.scores > limit).astype(np.int64)
    floats = None if judged.floats is None else (judged.floats > limit).astype(np.int64)
    return _Answers(answers, right, np.abs(judged.scores - limit), scores, floats, 2)


def _confused(matrix: Classes) -> list[dict[str, int]]:
    """The most frequent confusions."""
    wrong = matrix.copy()
    np.fill_diagonal(wrong, 0)
    order = np.argsort(-wrong, axis=None, kind="stable")[:SHOWN]
    pairs = [tuple(int(i) for i in np.unravel_index(flat, wrong.shape)) for flat in order]
    return [{"right": r, "answer": a, "examples": int(wrong[r, a])} for r, a in pairs if wrong[r, a]]


def _reliability(found: _Answers) -> dict[str, Any]:
    none = {"reliability": None, "calibration_error": None}
    if found.scores is None:
        return none
    best, sums = found.scores.max(axis=1), found.scores.sum(axis=1)
    least = float(found.scores.min(initial=0))
    if least < 0 or best.max(initial=0) > 1.001 or np.abs(sums - 1).max(initial=0) > 0.1:
        return none
    return reliability(best, found.answers == found.right)


def _changed(judged: Judged, found: _Answers) -> dict[str, Any]:
    """Where quantized and float model differ."""
    if found.floats is None:
        return {"lost": None, "won": None, "examples": []}
    was_right, is_right = found.floats == found.right, found.answers == found.right
    lost = np.flatnonzero(was_right & ~is_right)
    surest = sorted(lost.tolist(), key=lambda i: (-found.sure[i], i))[:SHOWN]
    shown = [_example(judged, found, index) for index in surest]
    return {"lost": len(lost), "won": int((is_right & ~was_right).sum()), "examples": shown}


def _example(judged: Judged, found: _Answers, index: int) -> dict[str, Any]:
    answer, right = int(found.answers[index]), int(found.right[index])
    example, step = divmod(index, found.steps)
    told: dict[str, Any] = {"index": example, "right": right, "answer": answer}
    if found.steps > 1:
        told["at"] = step
    if found.scores is None:
        told["error"] = float(f"{judged.scores[index]:.5g}")
    else:
        told["score"] = round(float(found.scores[index, answer]), 4)
        told["score_of_right"] = round(float(found.scores[index, right]), 4)
    return {**told, **content(judged.examples[example])}


def _errors(judged: Judged) -> dict[str, Any]:
    """Errors of normal examples and of anomalies; the last bin has all that are beyond the limit."""
    threshold = judged.threshold
    limit = max(float(np.percentile(judged.scores, 99)), 1.25 * (threshold or 0.0)) or 1.0
    parts = {name: judged.scores[judged.right == kind] for kind, name in enumerate(("normal", "anomaly"))}
    bins = {name: histogram(part, 0.0, limit, _BINS) for name, part in parts.items()}
    return {"errors": {"limit": limit, "threshold": threshold, **bins}}
