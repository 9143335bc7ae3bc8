"""Pages as text: what they are made of, what is left out where nothing is known, and what names cannot do."""

from __future__ import annotations

import base64
import json
import re
import zlib
from dataclasses import replace

import numpy as np
import pytest

from edgewright.metrics import wilson
from edgewright.packed import Packed
from edgewright.report.page import overview_of, page_of, render_html
from edgewright.report.page._examples import png
from edgewright.report.page._help import remarks
from edgewright.report.page._parts import Chart, Gallery, Remarks, Table
from edgewright.report.page._sources import HOW, present
from edgewright.tflite.graph import Graph
from edgewright.tflite.reader import parse_model
from edgewright.tflite.values import BINS, ranges, spreads
from testbench.differential.builder import ModelBuilder
from testbench.pages import entry, front, fronts, sample


def test_the_front_of_a_search_has_a_tab() -> None:
    page = overview_of([entry("mcu", sample())], [front()])
    (found,) = [section for section in page.sections if section.name == "search"]
    remarks, chart, table = found.parts
    assert isinstance(chart, Chart)
    assert isinstance(table, Table)
    assert isinstance(remarks, Remarks)
    assert [row["kind"] for row in chart.spec["data"]["values"]] == [*["on the front"] * 2, "beaten", "over a limit"]
    assert [row[0].text for row in table.rows] == ["0", "1"]
    assert chart.spec["data"]["values"][1]["cost"] * 1024 == 9000
    assert remarks.lines[0] == "4 trials: 3 within all limits, 1 over a limit."
    assert remarks.lines[-1].endswith("accuracy: 0.80 (3 trials)")
    assert table.notes == ("Trial N becomes a target of the project: edgewright adopt-trial N",)
    asked = overview_of([entry("mcu", sample())], [{**front(), "asked": 20}])
    assert next(each.parts[0].lines[0] for each in asked.sections if each.name == "search").startswith(
        "4 of 20 trials:"
    )
    assert overview_of([entry("mcu", sample())]).sections != page.sections


def test_each_of_several_targets_has_a_front() -> None:
    (found,) = [each for each in overview_of([entry("mcu", sample())], [fronts()]).sections if each.name == "search"]
    tables = [part for part in found.parts if isinstance(part, Table)]
    assert [table.title.removeprefix("The front ") for table in tables] == [
        "within the limits of all targets: digits on phone, mcu",
        "of digits on phone",
        "of digits on mcu",
    ]
    assert tables[2].notes[0].endswith("edgewright adopt-trial N --target mcu")
    assert [[row[0].text for row in table.rows] for table in tables] == [["0", "1"], ["3", "0", "1"], ["0", "1"]]
    assert tables[1].rows[0][3].text == "phone"
    assert tables[1].rows[1][3].text == "phone, mcu"


def test_every_figure_says_how_it_was_got_and_what_makes_it_again() -> None:
    build = sample()
    found = present(build.report)
    assert len(found) >= 6
    assert {source.how(build.report) for source, _ in found} <= set(HOW)
    text = render_html(page_of(build), Packed.of(""))
    assert all(f"scons target=mcu model=net {source.goal}" in text for source, _ in found)


def test_what_is_not_known_has_no_section() -> None:
    bare = replace(
        sample(),
        train=None,
        float_tflite=None,
        quantize=None,
        answers=None,
        plan=None,
        compile=None,
        steps=(),
        history=(),
    )
    brought = {**bare.report, "steps": [], "accuracy": None, "ram": None, "flash": None}
    brought["size"] = {**brought["size"], "float_tflite_bytes": None}
    names = [section.name for section in page_of(replace(bare, report={**brought, "latency": None})).sections]
    assert names == ["sources"]


def test_pages_of_equal_builds_are_equal() -> None:
    assert render_html(page_of(sample()), Packed.of("x")) == render_html(page_of(sample()), Packed.of("x"))


def test_names_end_no_script_and_start_none() -> None:
    bad = "</script><script>alert(1)</script><!--"
    text = render_html(page_of(sample(bad, label=bad)), Packed.of(""))
    assert text.count("<script") == 3
    assert "alert(1)</script>" not in text
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert data
    assert bad in json.dumps(json.loads(data[1]), ensure_ascii=False)


def test_the_policy_lets_no_other_script_run() -> None:
    text = render_html(page_of(sample()), Packed.of("one()"))
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert policy
    assert policy[1].startswith("default-src 'none'")
    assert policy[1].count("sha256-") == 2
    assert "unsafe-eval" not in policy[1]


def test_all_builds_are_linked_and_judged() -> None:
    page = overview_of([entry("mcu", sample()), entry("m0", sample(flash=80 * 1024))])
    assert page.verdict == "1 of 2 builds over budget"
    text = render_html(page, Packed.of(""))
    assert 'href="m0/net/report.html"' in text
    assert "81,920" not in text  # sizes are in KiB, for people
    assert "80.0 KiB" in text


def test_wilsons_interval_of_a_published_case() -> None:
    """Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263 is 0.2553 to 0.3662 without correction."""
    assert wilson(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0.0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_a_picture_is_a_png_that_can_be_read() -> None:
    url = png({"shape": [2, 2, 1], "pixels": base64.b64encode(bytes([0, 64, 128, 255])).decode()})
    data = base64.b64decode(url.removeprefix("data:image/png;base64,"))
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert zlib.decompress(data[data.index(b"IDAT") + 4 : data.index(b"IEND") - 8]) == bytes([0, 0, 64, 0, 128, 255])


def net() -> Graph:
    made = ModelBuilder()
    x, y = made.tensor((1, 2), 0.5, -128), made.tensor((1, 2), 0.25, -128)
    weights = made.constant(np.array([[0, 2], [-4, 2]], np.int8), 0.125)
    made.op("FULLY_CONNECTED", [x, weights, made.constant(np.array([1, 2], np.int32), 0.0625)], [y], version=4)
    return parse_model(made.finish([x], [y]), "net")


def test_weights_are_counted_as_real_numbers() -> None:
    (found,) = spreads(net())
    assert (found["values"], found["zeros"], found["codes"], found["limit"]) == (4, 1, 3, 0.5)
    assert (len(found["counts"]), sum(found["counts"])) == (BINS, 4)
    assert found["counts"][0] == 1
    assert found["op"] == "FULLY_CONNECTED"


def test_ranges_are_what_codes_reach() -> None:
    found = ranges(net())
    assert [(row["op"], row["low"], row["high"]) for row in found] == [
        ("input", 0.0, 127.5),
        ("FULLY_CONNECTED", 0.0, 63.75),
    ]


def layer(index: int, op: str, macs: int, cost: int | None, size: int | None, kernel: str = "dsp") -> dict[str, object]:
    known = {"index": index, "name": f"l{index}", "op": op, "macs": macs, "cost": cost, "bytes": size}
    return {**known, "kernel": kernel, "storages": True}


def test_what_would_help_follows_from_the_figures_of_the_layers() -> None:
    rows = [layer(0, "CONV_2D", 1000, 1500, 100), layer(1, "FULLY_CONNECTED", 1000, 8500, 900, "ref")]
    time, pace, flash, tried = remarks(rows, "instructions")
    assert time.startswith("Layer 1 l1 (FULLY_CONNECTED) takes 85.0% of the instructions. Half of its inputs")
    assert "8.50 instructions (kernel ref) there, 1.50 instructions (kernel dsp) in layer 0" in pace
    assert "holds 90.0% of the weights' bytes" in flash
    assert "edgewright advise" in tried
    moves = remarks([layer(0, "TRANSPOSE", 0, 900, None), layer(1, "CONV_2D", 10, 100, 5)], "cycles")
    assert "only moves or converts data" in moves[0]


def test_what_is_always_stored_as_it_is_counts_and_is_not_to_be_coded() -> None:
    rows = [layer(0, "UNIDIRECTIONAL_SEQUENCE_LSTM", 1000, 90, 800) | {"storages": False}, layer(1, "CONV_2D", 9, 9, 8)]
    assert "holds 99.0% of the weights' bytes. They are stored as they are: fewer units" in remarks(rows, None)[0]


def test_nothing_is_said_of_layers_that_nobody_counted() -> None:
    even = [layer(index, "CONV_2D", 10, 10, 10) for index in range(20)]
    assert remarks(even, "instructions") == []
    assert all("instructions" not in line for line in remarks([layer(0, "CONV_2D", 1, None, 9)] * 2, None))


def test_names_begin_no_code() -> None:
    rows = [layer(0, "CONV_2D", 10, 10, 10) | {"name": "a`b`"}]
    assert "a'b'" in remarks(rows, "cycles")[0]


def test_a_row_of_features_is_bars_from_zero_and_a_waveform_a_line() -> None:
    examples = [part for section in page_of(sample()).sections for part in section.parts if isinstance(part, Gallery)]
    picture, row, wave = examples[0].examples
    assert picture.picture
    assert (len(row.bars), row.line) == (4, None)
    (_, top, _, up), (_, below, _, down) = row.bars[1], row.bars[2]
    assert top + up == pytest.approx(below)  # one ends at zero, where the other begins
    assert down == pytest.approx(up / 2)
    assert wave.line
    assert wave.bars == ()


def test_models_whose_metric_is_no_share_are_left_out_of_comparisons_and_that_is_said() -> None:
    build = sample()
    error = {**build.report["accuracy"], "title": "mean absolute error", "better": "less", "share": False, "unit": "V"}
    other = replace(build, report={**build.report, "accuracy": error})
    page = overview_of([entry("a", sample(flash=9000)), entry("b", sample()), entry("c", other)])
    charts = next(section.parts for section in page.sections if section.name == "trade")
    assert all(isinstance(part, Chart) and "no share of examples are left out" in part.note for part in charts)


def test_history_of_an_error_is_told_in_its_own_terms() -> None:
    terms = {"title": "mean absolute error", "better": "less", "share": False, "unit": "V"}
    plain = sample()
    build = replace(plain, history=[{**line, "metric": terms} for line in plain.history])
    mixed = overview_of([entry("a", plain), entry("b", build)])
    for page, titles in ((page_of(build), ["mean absolute error"]), (mixed, ["accuracy", "mean absolute error"])):
        parts = next(section.parts for section in page.sections if section.name == "history")
        charts = {part.title: part for part in parts if isinstance(part, Chart)}
        assert list(charts)[: len(titles)] == titles
        shown = charts["mean absolute error"]
        assert "Less is better." in shown.note
        assert shown.spec["encoding"]["y"]["axis"]["format"] == ".4~g"
        assert shown.spec["encoding"]["y"]["title"] == "V"
        assert charts["latency, estimated"].spec["encoding"]["y"]["title"] == "us"
