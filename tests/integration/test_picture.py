"""The plan as text and as SVG: bounded, complete, well-formed, and with the peak named."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from edgewright.compiler.ir import Plan, Schedule
from edgewright.compiler.memory.plan import plan
from edgewright.compiler.memory.svg import render_svg
from edgewright.compiler.memory.text import render_text
from edgewright.stages.microcontroller import compile as compile_stage
from testbench.memory_problems import random_problem, schedule
from testbench.nets import Net, to_tflite

SVG = "{http://www.w3.org/2000/svg}"


def small() -> Schedule:
    return schedule([256, 512, 64], [((0,), (1,), {0: 64}, 48), ((1,), (2,), {}, 0)])


def test_text_shows_each_block() -> None:
    text = render_text("kws", small(), plan(small()))
    assert text.startswith("kws: arena 576 bytes (proven lowest), peak at 1 CONV_2D\n")
    assert "A  input" in text
    assert "B  0 CONV_2D" in text
    assert "512 bytes at" in text
    assert "steps start..0" in text
    assert "steps 1..end" in text
    assert "^^^^^^" in text


def test_text_marks_overlap_and_free_space() -> None:
    picture = render_text("kws", small(), plan(small())).split("\n\n")[1]
    assert "ABABAB" in picture
    assert "......" in picture


@pytest.mark.parametrize("steps", [1, 20, 300])
def test_text_fits_a_terminal(steps: int) -> None:
    task = random_problem(1, steps)
    lines = render_text("long-name", task, plan(task)).splitlines()
    assert max(map(len, lines)) <= 100


@pytest.mark.parametrize("steps", [1, 20, 120])
def test_svg_has_a_rectangle_for_each_block(steps: int) -> None:
    task = random_problem(1, steps)
    found = plan(task)
    root = ET.fromstring(render_svg("net <&> 1", task, found))
    blocks = [element for element in root.iter(f"{SVG}rect") if element.get("class") == "block"]
    assert len(blocks) == len(task.buffers) + len(found.scratch)
    for block in blocks:
        assert float(block.get("width", 0)) > 0
        assert float(block.get("height", 0)) > 0
    title = next(root.iter(f"{SVG}text")).text or ""
    assert title.startswith(f"net <&> 1: arena {found.arena_bytes:,} bytes")


def test_svg_names_the_peak() -> None:
    root = ET.fromstring(render_svg("kws", small(), plan(small())))
    peaks = [element.text for element in root.iter(f"{SVG}text") if "peak" in (element.get("class") or "").split()]
    assert peaks == ["1 CONV_2D"]


def test_nothing_to_draw() -> None:
    empty, none = Schedule((), ()), Plan({}, {}, 0, -1)
    assert render_text("none", empty, none).startswith("none: arena 0 bytes\n")
    ET.fromstring(render_svg("none", empty, none))


def test_the_compile_stage_draws_the_plan(tmp_path: Path) -> None:
    pytest.importorskip("tflite_micro", reason="the schema's object API needs Python 3.11")
    net = Net()
    graph = net.graph(net.pool(net.input((1, 4, 4, 2)), 2, 2))
    (tmp_path / "net.tflite").write_bytes(to_tflite(graph))
    compile_stage.main(["--model", str(tmp_path / "net.tflite"), "--name", "net", "--out-dir", str(tmp_path / "c")])
    assert "A  input" in (tmp_path / "c" / "plan.txt").read_text()
    ET.parse(tmp_path / "c" / "plan.svg")
