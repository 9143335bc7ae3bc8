"""Answers that are numbers: how far they are from the truth, and from what the float model says."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgewright.stages.device._answers._judged import SHOWN, Judged, histogram
from edgewright.stages.device._answers._shown import content

_MOST = 6  # numbers of one output that are drawn
_POINTS = 400
_BINS = 41  # an odd number: the middle one is around zero

Facts = NDArray[np.float64]


def counted(judged: Judged) -> dict[str, Any]:
    """Of each number points of truth and answer, and how many errors are in each bin from -limit to limit.

    "moved" is how far quantization moves answers from the float model's ("mean" and "most"), "worse" and "better" how
    many examples it moves further from the truth, or nearer to it; null where the float model's are not known.
    """
    floats = judged.floats
    return {
        "samples": len(judged.scores),
        "numbers": [_number(judged, n) for n in range(min(_MOST, judged.scores.shape[1]))],
        "numbers_in_all": judged.scores.shape[1],
        **(
            {"moved": None, "worse": None, "better": None, "examples": []}
            if floats is None
            else _changed(judged, floats)
        ),
    }


def _number(judged: Judged, n: int) -> dict[str, Any]:
    answers, right = judged.scores[:, n], judged.right[:, n]
    errors = answers - right
    before = None if judged.floats is None else judged.floats[:, n] - right
    every = max(1, -(-len(right) // _POINTS))
    largest = max(float(np.percentile(np.abs(each), 99)) for each in (errors, before) if each is not None)
    limit = largest or 1.0
    return {
        "points": [[_short(r), _short(a)] for r, a in zip(right[::every], answers[::every], strict=True)],
        "limit": limit,
        "mean": _short(errors.mean()),
        "quantized": histogram(errors, -limit, limit, _BINS),
        "float": None if before is None else histogram(before, -limit, limit, _BINS),
    }


def _changed(judged: Judged, floats: Facts) -> dict[str, Any]:
    moved = np.abs(judged.scores - floats)
    now, before = (np.abs(each - judged.right).mean(axis=1) for each in (judged.scores, floats))
    more = now - before
    order = [int(i) for i in np.argsort(-more, kind="stable")[:SHOWN] if more[i] > 0]
    return {
        "moved": {"mean": _short(moved.mean()), "most": _short(moved.max())},
        "worse": int((more > 0).sum()),
        "better": int((more < 0).sum()),
        "examples": [_example(judged, floats, index) for index in order],
    }


def _example(judged: Judged, floats: Facts, index: int) -> dict[str, Any]:
    off = np.abs(judged.scores[index] - judged.right[index]) - np.abs(floats[index] - judged.right[index])
    n = int(off.argmax())
    told = {"truth": judged.right[index, n], "answer": judged.scores[index, n], "float": floats[index, n]}
    numbers = {name: _short(value) for name, value in told.items()}
    return {"index": index, "number": n, **numbers, **content(judged.examples[index])}


def _short(value: float | np.floating[Any]) -> float:
    return float(f"{float(value):.5g}")
