"""Reports beside each other: kinds of figures are kept apart, the best is marked, and what is no report is refused."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from edgewright import cli
from edgewright.report import compare, render_comparison, render_page

EMULATED = {"kind": "emulated", "instructions": 900_000, "cpu": "cortex-a72"}
MEASURED = {"kind": "measured", "latency_us": 812.5, "p99_us": 900.0, "cpu": "Raspberry Pi 4", "device": "kitchen-pi"}


def report(target: str, latency: dict[str, Any] | None, **changes: Any) -> dict[str, Any]:
    return {
        "schema": 1,
        "target": target,
        "model": "m",
        "board": "raspberry-pi-4",
        "runtime": "litert",
        "accuracy": {"quantized": 0.9},
        "size": {"tflite_bytes": 2048},
        "flash": None,
        "ram": None,
        "latency": latency,
        "budget": [],
        **changes,
    }


def rows(*reports: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    found = compare(reports)
    return {row.name: row.cells for row in (*found.facts, *found.figures)}


def test_kinds_of_figures_have_rows_of_their_own() -> None:
    found = rows(report("emulated", EMULATED), report("pi", MEASURED))
    assert found["instructions, emulated"] == ("900,000", "-")
    assert found["latency, measured"] == ("-", "812 us")
    assert found["device"] == ("cortex-a72", "kitchen-pi")
    assert "flash" not in found
    assert any("different things" in note for note in compare([report("a", EMULATED), report("b", MEASURED)]).notes)


def test_the_first_inference_of_a_model_with_state_has_a_row() -> None:
    emulated = report("emulated", {**EMULATED, "first_instructions": 910_000})
    pi = report("pi", {**MEASURED, "first_us": 4000.0})
    found = rows(emulated, pi)
    assert found["first inference, emulated"] == ("910,000", "-")
    assert found["first inference, measured"] == ("-", "4.0 ms")
    assert "first inference" not in render_comparison(compare([report("a", EMULATED), report("b", MEASURED)]))
    assert "first inference, measured" in render_page(compare([emulated, pi]))


def test_the_best_is_marked_where_there_is_a_choice() -> None:
    faster = report("fast", {**MEASURED, "latency_us": 400.0}, accuracy={"quantized": 0.8})
    found = {row.name: row.best for row in compare([report("slow", MEASURED), faster]).figures}
    assert found["latency, measured"] == {1}
    assert found["accuracy"] == {0}
    assert found[".tflite"] == frozenset()


def test_a_build_that_was_not_measured_has_gaps() -> None:
    assert rows(report("pico", None))["device"] == ("-",)


def test_throttling_and_broken_budgets_are_told() -> None:
    hot = report("pi", {**MEASURED, "throttled": ["throttled"]}, budget=[{"name": "latency", "ok": False}])
    text = render_comparison(compare([hot]))
    assert "pi: the device was slowed down: throttled." in text
    assert "BROKEN: latency" in text


def test_columns_have_different_names() -> None:
    assert compare([report("pi", None), report("pi", None)]).columns == ("pi (1)", "pi (2)")
    assert compare([report("pi", None), report("pi", None, model="n")]).columns == ("pi/m", "pi/n")


class Cells(HTMLParser):
    """Texts of a page's table, and how often each tag was opened and closed."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.open: dict[str, int] = {}

    def handle_starttag(self, tag: str, attrs: Any) -> None:  # noqa: ARG002
        self.open[tag] = self.open.get(tag, 0) + 1

    def handle_endtag(self, tag: str) -> None:
        self.open[tag] -= 1

    def handle_data(self, data: str) -> None:
        self.texts += [data.strip()] if data.strip() else []


def test_the_page_is_whole_and_escaped() -> None:
    page = render_page(compare([report("<b>pi</b>", MEASURED), report("mcu", EMULATED)]))
    cells = Cells()
    cells.feed(page)
    assert {tag: count for tag, count in cells.open.items() if count} == {"meta": 2}
    assert {"<b>pi</b>", "812 us", "900,000", "kitchen-pi"} <= set(cells.texts)
    assert "http" not in page


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.json").write_text(json.dumps(report(name, MEASURED)))
    page = tmp_path / "page.html"
    assert cli.main(["compare", str(tmp_path / "a.json"), str(tmp_path / "b.json"), "--html", str(page)]) == 0
    assert "latency, measured" in capsys.readouterr().out
    assert page.read_text().startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "cannot be read: "),
        ("{", "is damaged, it is no JSON: "),
        ("[]", "is no report\n  hint: a build leaves it in build/"),
        ('{"schema": 1}', "is no report"),
        (json.dumps(report("a", None, schema=9)), "is a report of another version, got 9, allowed: 1"),
        (
            json.dumps({**report("a", None), "budget": [{"name": "x"}]}),
            "has a budget that is not known, got 'x', allowed",
        ),
    ],
)
def test_what_is_no_report_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | None, said: str
) -> None:
    if text is not None:
        (tmp_path / "r.json").write_text(text)
    assert cli.main(["compare", str(tmp_path / "r.json")]) == 2
    assert said in capsys.readouterr().err
