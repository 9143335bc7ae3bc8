"""Metrics against values that were worked out by hand, and their intervals against published ones."""

from __future__ import annotations

import numpy as np
import pytest

from edgewright import metrics

CLASSES = ([[0.7, 0.2, 0.1], [0.1, 0.6, 0.3], [0.3, 0.3, 0.4], [0.2, 0.5, 0.3], [0.5, 0.3, 0.2]], [0, 1, 1, 1, 2])
"""Answers 0, 1, 2, 1, 0: three of five are right."""

YES = ([0.9, 0.4, 0.6, 0.2, 0.5], [1, 1, 0, 0, 0])
LABELS = ([[0.9, 0.1], [0.8, 0.7], [0.3, 0.6]], [[1, 0], [0, 1], [1, 1]])
NUMBERS = ([[1.0], [2.0], [5.0], [4.0]], [[1.0], [4.0], [4.0], [3.0]])
STEPS = ([[[0.9, 0.1], [0.2, 0.8]], [[0.6, 0.4], [0.7, 0.3]]], [[0, 1], [0, 1]])


@pytest.mark.parametrize(
    ("name", "kind", "data", "wanted"),
    [
        ("top1", "classification", CLASSES, 3 / 5),
        ("top2", "classification", CLASSES, 3 / 5),  # example 2: classes 0 and 1 are equal, and 0 counts first
        ("top3", "classification", CLASSES, 1.0),
        ("balanced_accuracy", "classification", CLASSES, (1 + 2 / 3 + 0) / 3),
        ("f1", "classification", CLASSES, (2 / 3 + 4 / 5 + 0) / 3),
        ("top1", "sequence", STEPS, 3 / 4),
        ("f1", "sequence", STEPS, (4 / 5 + 2 / 3) / 2),
        ("accuracy", "binary", YES, 3 / 5),  # 0.5 is no yes
        ("balanced_accuracy", "binary", YES, (1 / 2 + 2 / 3) / 2),
        ("f1", "binary", YES, 2 / 4),
        ("auc", "binary", YES, 4 / 6),
        ("auc", "binary", ([0.5, 0.5, 0.1], [1, 0, 0]), 3 / 4),
        ("accuracy", "multi-label", LABELS, 4 / 6),
        ("f1", "multi-label", LABELS, (2 / 4 + 1) / 2),
        ("auc", "multi-label", LABELS, (1 / 2 + 1) / 2),
        ("mae", "regression", NUMBERS, 1.0),
        ("mse", "regression", NUMBERS, 1.5),
        ("rmse", "regression", NUMBERS, 1.5**0.5),
        ("r2", "regression", NUMBERS, 0.0),  # the truth has a variance of 1.5
        ("auc", "reconstruction", ([3.0, 1.0, 2.0], [1, 0, 0]), 1.0),
        ("reconstruction_error", "reconstruction", ([3.0, 1.0, 2.0], [1, 0, 0]), 1.5),
    ],
)
def test_it_is_what_was_worked_out_by_hand(name: str, kind: str, data: tuple[list, list], wanted: float) -> None:
    metric = metrics.find(name, kind)
    assert metric is not None
    scores, truth = (np.array(values, float) for values in data)
    assert metric.value(scores, truth) == pytest.approx(wanted)


@pytest.mark.parametrize("name", metrics.METRICS)
def test_every_metric_says_where_it_is_from_and_fits_a_kind(name: str) -> None:
    metric = metrics.METRICS[name]
    assert metric.source
    assert set(metric.kinds) <= set(metrics.KINDS)
    assert all(metrics.find(keras, kind) is metric for keras in metric.keras for kind in metric.kinds)


@pytest.mark.parametrize("kind", metrics.KINDS)
def test_every_kind_has_a_metric(kind: str) -> None:
    assert kind in metrics.default(kind).kinds
    assert metrics.find("no_such_metric", kind) is None


def test_r2_is_exact_far_from_zero() -> None:
    truth = np.array([[1e8], [1e8 + 1], [1e8 + 2]])
    metric = metrics.METRICS["r2"]
    assert metric.value(truth, truth) == 1.0
    assert metric.value(np.array([[1e8], [1e8 + 1], [1e8 + 3]]), truth) == pytest.approx(0.5)


def test_ten_right_answers_are_no_certainty() -> None:
    """Wilson's interval of 10 of 10: 72.25 % to 100 %."""
    scores, truth = np.eye(2)[[0, 1] * 5], np.array([0, 1] * 5)
    low, high = metrics.METRICS["top1"].interval(scores, truth) or (0, 0)
    assert (low, high) == (pytest.approx(0.7225, abs=5e-5), pytest.approx(1.0))


def test_the_bootstrap_is_the_same_each_time_and_near_the_normal_interval() -> None:
    random = np.random.default_rng(3)
    truth = np.zeros((2000, 1))
    scores = random.normal(0, 1, (2000, 1))
    metric = metrics.METRICS["mae"]
    low, high = found = metric.interval(scores, truth) or (0, 0)
    assert metric.interval(scores, truth) == found
    mean, spread = np.abs(scores).mean(), 1.96 * np.abs(scores).std() / 2000**0.5
    assert (low, high) == (pytest.approx(mean - spread, abs=0.004), pytest.approx(mean + spread, abs=0.004))


def test_nothing_is_said_where_nothing_is_defined() -> None:
    one_class = (np.array([0.1, 0.9, 0.4]), np.zeros(3))
    assert np.isnan(metrics.METRICS["auc"].value(*one_class))
    assert metrics.METRICS["auc"].interval(*one_class) is None
    assert metrics.METRICS["mae"].interval(np.zeros((1, 1)), np.ones((1, 1))) is None


def test_terms_know_which_way_is_better() -> None:
    accuracy, error = metrics.ACCURACY, metrics.METRICS["rmse"].in_unit("kWh").terms
    assert (accuracy.loss(0.9, 0.8), error.loss(2.0, 2.5)) == (pytest.approx(0.1), 0.5)
    assert (accuracy.show(0.9), error.show(2.5)) == ("90.00 %", "2.5 kWh")
    assert (accuracy.difference(0.01), error.difference(0.5, sign=True)) == ("1.00 points", "+0.5 kWh")
    assert metrics.METRICS["mse"].in_unit("m").terms.show(2) == "2 m^2"
    assert metrics.METRICS["mse"].in_unit("").terms.show(2) == "2"
    assert metrics.Terms.read(error.as_json()) == error
    assert metrics.Terms.read({"metric": "top1"}) == accuracy
