"""docs/import.md is what the results of the zoo say."""

from __future__ import annotations

import json

from edgewright.home import home
from testbench.imports import _page
from testbench.imports.__main__ import RESULTS


def test_the_page_is_made_from_the_results() -> None:
    assert (home() / "docs" / "import.md").read_text() == _page.page(json.loads(RESULTS.read_text()))


def test_what_is_not_green_is_told_with_its_reason() -> None:
    known = {"error": 0.0, "transposes": 2, "oracle": "", "seconds": 1.0}
    bad = {**known, "imported": "tflite", "int8": "refused", "why": "/tmp/a/net.tflite: LSTM | no"}
    good = {**known, "imported": "keras", "int8": "exact", "why": ""}
    page = _page.page({"onnx": {"lstm": bad}, "keras3-keras": {"residual": good}})
    assert "| onnx/lstm | int8: refused | net.tflite: LSTM / no |" in page
    assert "| residual | K = 2t |  |" in page
    assert "All: 1 of 2 imported" in page
    assert "Of convolutional nets: 1 of 1" in page
