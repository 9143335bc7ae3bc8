"""What a device answers to each test example, counted: confusions, scores held against truth, and examples gone wrong.

A classifier's answers alone are counted so; there is nothing to say of outputs that are no scores of classes.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgewright.errors import UserError

BINS = 10
"""Of the reliability diagram."""

SHOWN = 12
"""Examples that the quantized model gets wrong and the float model right."""

MOST_CLASSES = 64
"""A matrix of more is no picture; its greatest confusions are listed all the same."""

_POINTS = 256  # of a series, or numbers of a row
_PIXELS = 96 * 96 * 3

Classes = NDArray[np.int64]


@dataclass(frozen=True)
class Judged:
    """The answers to the test examples.

    Attributes:
        scores: float (n, k), one score a class.
        right: (n,), the class of each example.
        examples: (n, ...), what the model was fed.
        floats: (n,), what the float model answered; None when nobody knows.
    """

    scores: NDArray[np.float64]
    right: Classes
    examples: NDArray[np.float32]
    floats: Classes | None = None


def counted(judged: Judged) -> dict[str, Any]:
    """The content of answers.json, as JSON values.

    "recall" is null for a class that no example has. "reliability" has a row for each tenth of the best score that
    some example has: how many, their mean score and the share of right ones (Guo et al., 2017); "calibration_error" is
    the mean of the differences, weighted by the numbers. Both are null where the scores are no probabilities.
    """
    answers = judged.scores.argmax(axis=1)
    classes = judged.scores.shape[1]
    matrix = np.zeros((classes, classes), np.int64)
    np.add.at(matrix, (judged.right, answers), 1)
    return {
        "schema": 1,
        "classes": classes,
        "samples": len(answers),
        "recall": [_share(int(row[index]), int(row.sum())) for index, row in enumerate(matrix)],
        "confusion": matrix.tolist() if classes <= MOST_CLASSES else None,
        "confused": _confused(matrix),
        **_reliability(judged, answers),
        **_changed(judged, answers),
    }


def read_classes(path: Path) -> Classes:
    """The classes in a file that `write_classes` wrote."""
    try:
        found = np.load(path, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise UserError(str(path), f"cannot be read: {error}", hint="build again: it is made anew") from None
    return np.asarray(found, np.int64)


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None


def _confused(matrix: NDArray[np.int64]) -> list[dict[str, int]]:
    """The most frequent confusions."""
    wrong = matrix.copy()
    np.fill_diagonal(wrong, 0)
    order = np.argsort(-wrong, axis=None, kind="stable")[:SHOWN]
    pairs = [tuple(int(i) for i in np.unravel_index(flat, wrong.shape)) for flat in order]
    return [{"right": r, "answer": a, "examples": int(wrong[r, a])} for r, a in pairs if wrong[r, a]]


def _reliability(judged: Judged, answers: Classes) -> dict[str, Any]:
    best = judged.scores.max(axis=1)
    sums = judged.scores.sum(axis=1)
    if best.min(initial=0) < 0 or best.max(initial=0) > 1.001 or np.abs(sums - 1).max(initial=0) > 0.1:
        return {"reliability": None, "calibration_error": None}
    tenth = np.minimum((best * BINS).astype(np.int64), BINS - 1)
    rows, error = [], 0.0
    for index in range(BINS):
        inside = tenth == index
        if number := int(inside.sum()):
            score, right = float(best[inside].mean()), float((answers == judged.right)[inside].mean())
            rows.append({"examples": number, "score": round(score, 6), "right": round(right, 6)})
            error += abs(score - right) * number / len(best)
    return {"reliability": rows, "calibration_error": round(error, 6)}


def _changed(judged: Judged, answers: Classes) -> dict[str, Any]:
    """Where quantized and float model differ."""
    if judged.floats is None or len(judged.floats) != len(answers):
        return {"lost": None, "won": None, "examples": []}
    was_right, is_right = judged.floats == judged.right, answers == judged.right
    lost = np.flatnonzero(was_right & ~is_right)
    surest = sorted(lost.tolist(), key=lambda i: (-judged.scores[i, answers[i]], i))[:SHOWN]
    shown = [_example(judged, answers, index) for index in surest]
    return {"lost": len(lost), "won": int((is_right & ~was_right).sum()), "examples": shown}


def _example(judged: Judged, answers: Classes, index: int) -> dict[str, Any]:
    answer, right = int(answers[index]), int(judged.right[index])
    scores = {"score": round(float(judged.scores[index, answer]), 4)}
    scores["score_of_right"] = round(float(judged.scores[index, right]), 4)
    return {"index": index, "right": right, "answer": answer, **scores, **_content(judged.examples[index])}


def _content(example: NDArray[np.float32]) -> Mapping[str, Any]:
    """What was fed, small enough to be shown: a picture, else a series of numbers."""
    if example.ndim in (2, 3) and example.shape[-1 if example.ndim == 3 else 0] and _is_picture(example):
        pixels = _bytes(example)
        return {"picture": {"shape": list(pixels.shape), "pixels": base64.b64encode(pixels.tobytes()).decode()}}
    series = example.reshape(len(example), -1)[:, 0] if example.ndim > 1 else example.reshape(-1)
    step = max(1, -(-len(series) // _POINTS))
    return {"series": [float(f"{value:.5g}") for value in series[::step]], "step": step}


def _is_picture(example: NDArray[np.float32]) -> bool:
    height, width = example.shape[:2]
    channels = example.shape[2] if example.ndim == 3 else 1
    return channels in (1, 3) and min(height, width) >= 8 and example.size <= _PIXELS


def _bytes(example: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The picture from black, its least value, to white, its greatest."""
    low, high = float(example.min()), float(example.max())
    scaled = (example - low) * (255 / (high - low) if high > low else 0)
    return np.asarray(np.rint(scaled.reshape(*example.shape[:2], -1)), np.uint8)
