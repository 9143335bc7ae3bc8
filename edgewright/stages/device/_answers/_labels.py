"""Answers that are several yes and no at once: a label each."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgewright.metrics.classes import HALF
from edgewright.stages.device._answers._judged import SHOWN, Judged, reliability
from edgewright.stages.device._answers._shown import content

_MOST = 64  # labels


def counted(judged: Judged) -> dict[str, Any]:
    """Of each label how often it is there, found, missed, and told though it is not; reliability; what was lost.

    "lost" and "won" count examples with a label that one of the two models alone gets wrong.
    """
    answers, right = judged.scores > HALF, judged.right > 0
    best = np.where(answers, judged.scores, 1 - judged.scores)
    sane = judged.scores.size and judged.scores.min() >= 0 and judged.scores.max() <= 1.001
    scored = reliability(best.reshape(-1), (answers == right).reshape(-1)) if sane else _UNKNOWN
    return {
        "samples": len(right),
        "labels": [_label(answers[:, n], right[:, n]) for n in range(min(_MOST, right.shape[1]))],
        **scored,
        **_changed(judged, answers, right),
    }


_UNKNOWN: dict[str, Any] = {"reliability": None, "calibration_error": None}


def _label(answers: NDArray[np.bool_], right: NDArray[np.bool_]) -> dict[str, int]:
    return {
        "hits": int((answers & right).sum()),
        "missed": int((~answers & right).sum()),
        "false": int((answers & ~right).sum()),
        "absent": int((~answers & ~right).sum()),
    }


def _changed(judged: Judged, answers: NDArray[np.bool_], right: NDArray[np.bool_]) -> dict[str, Any]:
    if judged.floats is None:
        return {"lost": None, "won": None, "examples": []}
    before = judged.floats > HALF
    lost, won = (before == right) & (answers != right), (before != right) & (answers == right)
    sure = (np.abs(judged.scores - HALF) * lost).max(axis=1)
    order = sorted(np.flatnonzero(lost.any(axis=1)).tolist(), key=lambda i: (-sure[i], i))[:SHOWN]
    shown = [_example(judged, right, lost, index) for index in order]
    return {"lost": int(lost.any(axis=1).sum()), "won": int(won.any(axis=1).sum()), "examples": shown}


def _example(judged: Judged, right: NDArray[np.bool_], lost: NDArray[np.bool_], index: int) -> dict[str, Any]:
    wrong = np.flatnonzero(lost[index])
    scores = {str(n): round(float(judged.scores[index, n]), 4) for n in wrong}
    missed, told = ([int(n) for n in wrong if right[index, n] == is_there] for is_there in (True, False))
    return {"index": index, "missed": missed, "false": told, "scores": scores, **content(judged.examples[index])}
