"""What a device answers, counted by kinds of tasks, and what a page shows of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from edgewright.report.page import page_of
from edgewright.report.page._build import Build
from edgewright.report.page._parts import Chart, Section, Table, Text
from edgewright.stages.device._answers import Judged, counted_output
from testbench.pages import sample


def judged(floats: list[int] | None = None) -> Judged:
    scores = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.45, 0.55]])
    examples = np.linspace(0, 1, 4 * 64, dtype=np.float32).reshape(4, 8, 8, 1)
    return Judged(
        "classification", scores, np.array([0, 1, 1, 1]), examples, None if floats is None else np.array(floats)
    )


def test_answers_are_counted() -> None:
    found = counted_output(judged([0, 1, 1, 0]))
    assert found["confusion"] == [[1, 0], [1, 2]]
    assert found["recall"] == [1.0, round(2 / 3, 6)]
    assert found["confused"] == [{"right": 1, "answer": 0, "examples": 1}]
    assert (found["lost"], found["won"]) == (1, 1)
    assert [row["index"] for row in found["examples"]] == [1]
    assert found["examples"][0]["picture"]["shape"] == [8, 8, 1]
    assert found["calibration_error"] == pytest.approx((0.1 + 0.6 + 0.2 + 0.45) / 4)


def test_without_the_float_models_answers_no_example_is_blamed() -> None:
    found = counted_output(judged())
    assert (found["lost"], found["examples"]) == (None, [])


def test_scores_that_are_no_probabilities_have_no_reliability() -> None:
    found = counted_output(replace(judged(), scores=judged().scores * 7))
    assert found["reliability"] is None


def test_yes_and_no_are_two_classes() -> None:
    found = counted_output(answered("binary", [0.9, 0.4, 0.6, 0.5], [1, 1, 0, 0], floats=[0.9, 0.7, 0.6, 0.1]))
    assert (found["classes"], found["confusion"]) == (2, [[1, 1], [1, 1]])
    assert (found["lost"], found["won"]) == (1, 0)
    assert (found["examples"][0]["index"], found["examples"][0]["score"]) == (1, 0.6)


def test_each_step_of_a_sequence_is_an_answer() -> None:
    scores = [[[0.9, 0.1], [0.2, 0.8]], [[0.6, 0.4], [0.7, 0.3]]]
    floats = [[[0.9, 0.1], [0.2, 0.8]], [[0.6, 0.4], [0.3, 0.7]]]
    found = counted_output(answered("sequence", scores, [[0, 1], [1, 1]], floats=floats))
    assert (found["samples"], found["steps"], found["confusion"]) == (2, 2, [[1, 0], [2, 1]])
    assert [(row["index"], row["at"]) for row in found["examples"]] == [(1, 1)]


def test_an_anomaly_is_what_the_threshold_says() -> None:
    judged = answered("reconstruction", [0.1, 0.2, 0.9, 0.3], [0, 0, 1, 1], floats=[0.1, 0.2, 0.9, 0.8], threshold=0.5)
    found = counted_output(judged)
    assert found["confusion"] == [[2, 0], [1, 1]]
    assert found["reliability"] is None
    assert (sum(found["errors"]["normal"]), sum(found["errors"]["anomaly"])) == (2, 2)
    assert [(row["index"], row["error"]) for row in found["examples"]] == [(3, 0.3)]
    assert "confusion" not in counted_output(replace(judged, threshold=None))


def test_labels_are_counted_one_by_one() -> None:
    scores, right = [[0.9, 0.2], [0.4, 0.8], [0.6, 0.1]], [[1, 0], [1, 0], [0, 0]]
    found = counted_output(answered("multi-label", scores, right, floats=[[0.9, 0.2], [0.6, 0.8], [0.6, 0.1]]))
    assert found["labels"] == [
        {"hits": 1, "missed": 1, "false": 1, "absent": 0},
        {"hits": 0, "missed": 0, "false": 1, "absent": 2},
    ]
    assert [(row["index"], row["missed"], row["false"]) for row in found["examples"]] == [(1, [0], [])]


def test_numbers_are_off_by_so_much() -> None:
    found = counted_output(
        answered("regression", [[1.0], [2.5], [4.0]], [[1.0], [2.0], [3.0]], floats=[[1.0], [2.25], [5.0]])
    )
    (number,) = found["numbers"]
    assert number["points"] == [[1.0, 1.0], [2.0, 2.5], [3.0, 4.0]]
    assert number["mean"] == 0.5
    assert sum(number["quantized"]) == sum(number["float"]) == 3
    assert (found["worse"], found["better"], found["moved"]) == (1, 1, {"mean": pytest.approx(0.41667), "most": 1.0})
    assert [(row["index"], row["answer"], row["float"]) for row in found["examples"]] == [(1, 2.5, 2.25)]


def answered(kind: str, scores: object, right: object, floats: object, threshold: float | None = None) -> Judged:
    examples = np.arange(4 * len(np.asarray(scores)), dtype=np.float32).reshape(-1, 4)
    return Judged(kind, np.asarray(scores, np.float64), np.asarray(right), examples, np.asarray(floats), threshold)


def test_each_kind_of_task_has_a_page_of_its_answers() -> None:
    """What has no classes has no confusions, and what is told has the unit of its numbers."""
    titles = {kind: [part.title for part in answers_of(kind).parts if isinstance(part, Chart)] for kind in ANSWERS}
    assert titles == {
        "binary": ["Confusions", "Recall", "Reliability of scores"],
        "reconstruction": ["Confusions", "Recall", "Errors"],
        "multi-label": ["Labels", "Reliability of scores"],
        "regression": ["Answers against truth", "Errors"],
    }
    (sentence,) = (part.text for part in answers_of("regression").parts if isinstance(part, Text))
    assert "int8 moves them from those of the float model by 0.5 kWh on average" in sentence
    names = {row["right"] for row in answers_of("reconstruction").parts[1].spec["data"]["values"]}
    assert names == {"normal", "anomaly"}


def test_several_outputs_are_told_apart_and_all_metrics_told() -> None:
    build = with_answers("binary", "regression")
    row = {"metric": "mae", "title": "mean absolute error", "better": "less", "share": False, "unit": "kWh"}
    figures = {"float": 1.0, "float_interval": None, "quantized": 1.5, "quantized_interval": [1.25, 1.75]}
    accuracy = {**build.report["accuracy"], "float_interval": None, "quantized_interval": [0.8, 0.9]}
    report = {**build.report, "accuracy": {**accuracy, "others": [{**row, **figures, "output": "out1"}]}}
    parts = next(
        section.parts for section in page_of(replace(build, report=report)).sections if section.name == "answers"
    )
    (metrics,) = (part for part in parts if isinstance(part, Table))
    assert [cell.text for cell in metrics.rows[1]] == [
        "out1",
        "mean absolute error",
        "1.5 kWh",
        "1.25 to 1.75 kWh",
        "1 kWh",
        "-",
        "less",
    ]
    assert metrics.rows[0][0].text == "out0"
    assert [part.title for part in parts if isinstance(part, Chart)][-1] == "out1: Errors"


ANSWERS = {
    "binary": answered("binary", [0.9, 0.4], [1, 1], [0.9, 0.7]),
    "reconstruction": answered("reconstruction", [0.1, 0.9, 0.3], [0, 1, 1], [0.1, 0.9, 0.8], 0.5),
    "multi-label": answered("multi-label", [[0.9, 0.2], [0.4, 0.8]], [[1, 0], [1, 1]], [[0.9, 0.2], [0.6, 0.8]]),
    "regression": answered("regression", [[1.0], [3.0]], [[1.0], [2.0]], [[1.0], [2.0]]),
}


def with_answers(*kinds: str) -> Build:
    rows = [
        {"output": f"out{n}" if len(kinds) > 1 else None, "kind": kind, "unit": "kWh", **counted_output(ANSWERS[kind])}
        for n, kind in enumerate(kinds)
    ]
    return replace(sample(), labels=(), answers={"schema": 2, "outputs": rows})


def answers_of(kind: str) -> Section:
    return next(section for section in page_of(with_answers(kind)).sections if section.name == "answers")
