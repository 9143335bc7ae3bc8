"""DETECTION_POSTPROCESS against TensorFlow Lite Micro: what is under the threshold, covered, and equal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgewright.compiler import compile_model
from edgewright.compiler.host import build
from edgewright.errors import UserError
from edgewright.tflite.reader import parse_model
from testbench.differential.builder import ModelBuilder
from testbench.differential.oracle import Oracle
from tests.ops.batch import SANITIZE

BOXES, CLASSES = 24, 3


def _model(per_box: int = 1, **changed: Any) -> bytes:
    net, most = ModelBuilder(), 10 * per_box
    encodings = net.tensor((1, BOXES, 4), dtype="float32")
    scores = net.tensor((1, BOXES, CLASSES + 1), dtype="float32")
    grid = np.stack(np.meshgrid(np.arange(4), np.arange(6)), -1).reshape(-1, 2) / 6
    anchors = net.constant(np.concatenate([grid, np.full((BOXES, 2), 0.3)], 1).astype(np.float32))
    outputs = [net.tensor(shape, dtype="float32") for shape in ((1, most, 4), (1, most), (1, most), (1,))]
    options = {"max_detections": 10, "max_classes_per_detection": per_box, "num_classes": CLASSES}
    options |= {"use_regular_nms": False, "nms_score_threshold": 0.3, "nms_iou_threshold": 0.4}
    options |= {"y_scale": 10.0, "x_scale": 10.0, "h_scale": 5.0, "w_scale": 5.0}
    net.op("DETECTION_POSTPROCESS", [encodings, scores, anchors], outputs, **{**options, **changed})
    return net.finish([encodings, scores], outputs)


def _samples() -> list[list[np.ndarray[Any, Any]]]:
    random = np.random.default_rng(4)
    found = []
    for spread in (1.0, 1.0, 0.35, 0.2):
        boxes, scores = random.normal(size=(1, BOXES, 4)), random.random((1, BOXES, CLASSES + 1)) * spread
        scores[0, 5] = scores[0, 9]
        found.append([boxes.astype(np.float32), scores.astype(np.float32)])
    return found


def test_what_is_found(tmp_path: Path, oracle: Oracle) -> None:
    model, samples = _model(), _samples()
    expected = oracle.run(model, samples)
    program = build(compile_model(parse_model(model), "net"), tmp_path, "gcc", SANITIZE)
    got = program.run([np.stack(each) for each in zip(*samples, strict=True)])
    counts = [int(outputs[3].reshape(-1)[0]) for outputs in expected]
    assert len(set(counts)) > 1
    for sample, count in enumerate(counts):
        assert got[3][sample].reshape(-1).tolist() == [count]
        for place in range(3):
            want = expected[sample][place].reshape(10, -1)[:count]
            np.testing.assert_array_equal(got[place][sample].reshape(10, -1)[:count], want)
            assert not got[place][sample].reshape(10, -1)[count:].any()


def test_two_classes_a_box_are_as_in_litert(tmp_path: Path, litert: Oracle) -> None:
    model, samples = _model(per_box=2), _samples()
    expected = litert.run(model, samples)
    program = build(compile_model(parse_model(model), "net"), tmp_path, "gcc", SANITIZE)
    got = program.run([np.stack(each) for each in zip(*samples, strict=True)])
    for sample, outputs in enumerate(expected):
        count = int(outputs[3].reshape(-1)[0])
        assert got[3][sample].reshape(-1).tolist() == [count]
        for place in range(3):  # boxes differ in their last bit: LiteRT computes in float32
            want = outputs[place].reshape(20, -1)[: 2 * count]
            np.testing.assert_allclose(got[place][sample].reshape(20, -1)[: 2 * count], want, rtol=1e-5, atol=1e-6)


def test_scores_that_are_no_numbers_find_nothing(tmp_path: Path) -> None:
    program = build(compile_model(parse_model(_model()), "net"), tmp_path, "gcc", SANITIZE)
    boxes, scores = _samples()[0]
    got = program.run([boxes, np.full_like(scores, np.nan)])
    assert got[3].reshape(-1).tolist() == [0]


@pytest.mark.parametrize(
    ("model", "problem"),
    [
        (_model(use_regular_nms=True), "suppression class by class, is not supported"),
        (_model(num_classes=7), "4 scores of a box for 7 classes"),
        (_model(h_scale=0.0), "h_scale is 0"),
        (_model(max_detections=0), "max_detections is 0"),
    ],
)
def test_refused(model: bytes, problem: str) -> None:
    with pytest.raises(UserError, match=problem):
        compile_model(parse_model(model), "net")
