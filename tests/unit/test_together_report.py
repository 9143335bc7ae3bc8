"""The report of several models in one firmware: as that of a model alone, wherever reports are read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from edgewright.errors import UserError
from edgewright.files import write_json
from edgewright.report import compare, diff, read_report, render_comparison
from edgewright.report.history import line_of
from edgewright.report.page import Build, Entry, overview_of, page_of
from edgewright.report.page._parts import Table
from edgewright.report.together import build_together, render_together
from testbench.pages import report_of

FACTS = {"target": "duo", "model": "a_and_b", "board": "mps2", "budget": {"flash": 60_000, "ram": 5000}}
FIRMWARE = {
    "flash": {"code_bytes": 9000, "weights_bytes": 50_000, "total_bytes": 59_000},
    "ram": {"arena_bytes": 4000, "scratch_bytes": 64, "static_bytes": 32, "stack_bytes": 500, "total_bytes": 4532},
    "stack_kind": "estimated",
    "files": {"firmware.elf": "0" * 64},
}


def latency(instructions: int, stack: int, cpu: str = "cortex-m4") -> dict[str, Any]:
    told = {"kind": "emulated", "cpu": cpu, "clock_hz": 25_000_000, "runs": 2, "stack_bytes": stack}
    return {**told, "instructions": instructions, "estimated_us": instructions / 10, "layers": []}


def report(**latencies: dict[str, Any]) -> dict[str, Any]:
    alone = {name: report_of(name, 40_000) for name in ("a", "b")}
    return build_together(FACTS, alone, FIRMWARE, latencies)


def test_one_inference_of_each_on_the_deepest_stack() -> None:
    made = report(a=latency(1000, 300), b=latency(500, 700))
    assert (made["latency"]["instructions"], made["latency"]["estimated_us"]) == (1500, 150.0)
    assert (made["ram"]["stack_bytes"], made["ram"]["total_bytes"], made["ram"]["stack_kind"]) == (
        700,
        4732,
        "emulated",
    )
    assert [row["ok"] for row in made["budget"]] == [True, True]


@pytest.mark.parametrize("other", [{}, {"b": latency(500, 700, cpu="cortex-m7")}])
def test_what_does_not_add_up_is_not_added(other: dict[str, Any]) -> None:
    assert report(a=latency(1000, 300), **other)["latency"] is None


def test_it_is_read_compared_and_recorded(tmp_path: Path) -> None:
    made = report(a=latency(1000, 300), b=latency(500, 700))
    write_json(tmp_path / "report.json", made)
    assert read_report(tmp_path / "report.json") == made
    figures = line_of(made, {"commit": None, "date": None, "changed": None})["figures"]
    assert figures["flash.total_bytes"] == 59_000
    assert figures["latency.instructions"] == 1500
    slower = report(a=latency(1100, 300), b=latency(500, 700))
    broken = diff.breached(diff.changes(made, slower, diff.rules("latency>5%")), [slower])
    assert broken == ["duo/a_and_b: instructions, emulated +6.67 % (latency>5%)"]
    assert "57.6 KiB" in render_comparison(compare([made, report_of("a", 40_000)]))
    assert "a and b together on duo" in render_together(made)


def test_its_page_leads_to_those_of_each(tmp_path: Path) -> None:
    made = report(a=latency(1000, 300), b=latency(500, 700))
    page = page_of(Build(made, "scons target=duo"))
    assert [section.name for section in page.sections] == ["models", "memory", "sources"]
    (table,) = page.sections[0].parts
    assert isinstance(table, Table)
    assert [row[0].link for row in table.rows] == ["../a/report.html", "../b/report.html", None, None]
    assert [row[-1].text for row in table.rows] == ["1,000 instructions", "500 instructions", "-", "1,500 instructions"]
    assert overview_of([Entry(made, "duo/a_and_b/report.html", "scons target=duo")]).state == "good"
    write_json(tmp_path / "report.json", {**made, "schema": 0})
    with pytest.raises(UserError, match="of another version"):
        read_report(tmp_path / "report.json")
