"""The table of the models that come along: made of reports, and put between its marks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import models
from edgewright.errors import UserError
from edgewright.home import home
from testbench.pages import report_of


def test_a_row_for_each_model_and_target(tmp_path: Path) -> None:
    for target in models.TARGETS:
        for name in models.MODELS:
            path = tmp_path / target / name / "report.json"
            path.parent.mkdir(parents=True)
            report = {**report_of(name, 32_768), "target": target}
            report["accuracy"] = {**report["accuracy"], "quantized_interval": [0.88, 0.9]}
            path.write_text(json.dumps(report))
    lines = models.table(tmp_path).splitlines()
    assert len(lines) == 2 + len(models.TARGETS) * len(models.MODELS)
    assert lines[2].startswith("| `digits` | rpi | accuracy ")
    assert "(88.00 % to 90.00 %)" in lines[2]
    assert {line.count("|") for line in lines} == {len(models.COLUMNS) + 1}


def test_it_is_put_between_its_marks() -> None:
    begin, end = models.MARKS
    once = models.placed(f"a\n{begin}\nold\n{end}\nb\n", "new")
    assert once == f"a\n{begin}\n\nnew\n\n{end}\nb\n" == models.placed(once, "new")
    with pytest.raises(UserError, match="has no place"):
        models.placed("a", "new")


def test_the_page_has_all_rows() -> None:
    page = (home() / models.PAGE).read_text()
    rows = page.partition(models.MARKS[0])[2].partition(models.MARKS[1])[0]
    assert all(f"| `{name}` | {target} |" in rows for name in models.MODELS for target in models.TARGETS)
