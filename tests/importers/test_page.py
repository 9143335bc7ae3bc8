"""docs/import.md is what the results of the zoo say."""

from __future__ import annotations

import json

from edgewright.home import home
from testbench.imports import _page
from testbench.imports.__main__ import COSTS, RESULTS
from testbench.imports._check import anywhere


def test_the_page_is_made_from_the_results() -> None:
    assert (home() / "docs" / "import.md").read_text() == _page.page(
        json.loads(RESULTS.read_text()), json.loads(COSTS.read_text())
    )


def test_results_name_no_folder_of_the_machine_that_made_them() -> None:
    assert anywhere("/a/b/net.tflite: read by /c/d.py, and 3/4 of it") == "net.tflite: read by d.py, and 3/4 of it"
    rows = [row for rows in json.loads(RESULTS.read_text()).values() for row in rows.values()]
    assert [row["why"] for row in rows if anywhere(row["why"]) != row["why"]] == []


def test_what_is_not_green_is_told_with_its_reason() -> None:
    known = {"error": 0.0, "transposes": 2, "oracle": "", "seconds": 1.0}
    bad = {**known, "imported": "tflite", "int8": "refused", "why": "net.tflite: LSTM | no"}
    good = {**known, "imported": "keras", "int8": "exact", "why": ""}
    costs = {"onnx": {"ours": {"cpu_s": 6.0, "peak_mb": 300}, "alone": {"cpu_s": 5.0, "peak_mb": 400}}}
    page = _page.page({"onnx": {"lstm": bad}, "keras3-keras": {"residual": good}}, costs)
    assert "| ONNX | 6.0 s | 5.0 s | 1.20 | 300 MB | 400 MB | 0.75 |" in page
    assert "| onnx/lstm | int8: refused | net.tflite: LSTM / no |" in page
    assert "| residual | K = 2t |  |" in page
    assert "All: 1 of 2 imported" in page
    assert "Of convolutional nets: 1 of 1" in page
