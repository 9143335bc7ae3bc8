"""Metrics of answers that are right or wrong: shares of examples, by class and over all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgewright.metrics._metric import Metric, of_means
from edgewright.metrics._terms import ACCURACY, Terms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from edgewright.metrics._metric import Facts

    Answers = NDArray[np.int64]

_ONE_OF_SEVERAL = ("classification", "sequence")
_YES_OR_NO = ("binary", "multi-label")
HALF = 0.5
"""A score above it says yes."""

_SOURCE = "M. Sokolova, G. Lapalme, A systematic analysis of performance measures for classification tasks (2009)"


def top(k: int) -> Metric:
    """The share of examples whose class is among the `k` with the highest scores; of equal ones the first counts."""

    def facts(scores: Facts, truth: Facts) -> Facts:
        import numpy as np

        if k == 1:
            return _by_example(scores.argmax(axis=-1) == truth)
        own = np.take_along_axis(scores, truth.astype(np.int64)[..., None], axis=-1)
        before = np.arange(scores.shape[-1]) < truth[..., None]
        better = (scores > own).sum(axis=-1) + ((scores == own) & before).sum(axis=-1)
        return _by_example(better < k)

    terms = ACCURACY if k == 1 else Terms(f"class among the first {k}", share=True)
    keras = {1: ("sparse_categorical_accuracy", "categorical_accuracy", "SparseCategoricalAccuracy")}
    return Metric(f"top{k}", terms, _ONE_OF_SEVERAL, facts, of_means(_mean), _SOURCE, rate=True, keras=keras.get(k, ()))


def _accuracy(scores: Facts, truth: Facts) -> Facts:
    return _by_example((scores > HALF) == (truth > HALF))


def _by_example(right: NDArray[np.bool_]) -> Facts:
    """The share of each example's answers that are right, (n, 1): 0 or 1 where it has one."""
    import numpy as np

    return np.asarray(right.reshape(len(right), -1).mean(axis=1, keepdims=True), np.float64)


def _mean(means: Facts) -> Facts:
    return means[:, 0]


def _of_classes(scores: Facts, truth: Facts) -> tuple[Facts, Facts]:
    """What was answered and what is true as yes (1) or no (0) of each class: both (n, steps, classes)."""
    import numpy as np

    if scores.ndim == 1:  # of two
        answers, right = ((values > HALF).astype(np.int64) for values in (scores, truth))
        classes = 2
    else:
        answers, right, classes = scores.argmax(axis=-1), truth.astype(np.int64), scores.shape[-1]
    every = np.eye(classes)
    return tuple(every[values.reshape(len(scores), -1)] for values in (answers, right))


def _recalls(scores: Facts, truth: Facts) -> Facts:
    """(n, 2, classes): of each class how often it was found, and how often it was there."""
    import numpy as np

    answers, right = _of_classes(scores, truth)
    return np.stack([(answers * right).sum(axis=1), right.sum(axis=1)], axis=1)


def _balanced(means: Facts) -> Facts:
    return _mean_of_known(means[:, 0], means[:, 1])


def _outcomes(scores: Facts, truth: Facts) -> Facts:
    """(n, 2, labels): of each label twice the hits, and the same with all false answers."""
    import numpy as np

    if scores.ndim == 1 or scores.shape == truth.shape:  # each yes or no by itself
        answers, right = ((values.reshape(len(values), 1, -1) > HALF).astype(float) for values in (scores, truth))
    else:
        answers, right = _of_classes(scores, truth)
    hits = (answers * right).sum(axis=1)
    return np.stack([2 * hits, answers.sum(axis=1) + right.sum(axis=1)], axis=1)


def _f1(means: Facts) -> Facts:
    return _mean_of_known(means[:, 0], means[:, 1])


def _mean_of_known(parts: Facts, wholes: Facts) -> Facts:
    """Row by row the mean of parts / wholes of the classes that are there at all; NaN where none is."""
    import numpy as np

    known = wholes > 0
    shares = np.divide(parts, wholes, out=np.zeros_like(parts), where=known)
    number = known.sum(axis=1)
    return np.divide(shares.sum(axis=1), number, out=np.full(len(number), np.nan), where=number > 0)


RECORDS = (
    top(1),
    Metric(
        "accuracy",
        ACCURACY,
        _YES_OR_NO,
        _accuracy,
        of_means(_mean),
        _SOURCE,
        rate=True,
        keras=("binary_accuracy", "BinaryAccuracy"),
    ),
    Metric(
        "balanced_accuracy",
        Terms("balanced accuracy", share=True),
        (*_ONE_OF_SEVERAL, "binary"),
        _recalls,
        of_means(_balanced),
        "K. H. Brodersen and others, The balanced accuracy and its posterior distribution (2010): the mean recall",
    ),
    Metric(
        "f1",
        Terms("F1"),
        (*_ONE_OF_SEVERAL, *_YES_OR_NO),
        _outcomes,
        of_means(_f1),
        "C. J. van Rijsbergen, Information Retrieval (1979): 2 hits / (2 hits + false answers); the mean of all classes"
        " that are there or were answered, of the yes alone in a binary task",
        keras=("F1Score", "f1_score"),
    ),
)
