"""Pictures of a build for other pages: they stand by themselves, and names in them are text."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import vl_convert

from edgewright.home import home
from edgewright.report.page import pictures_of
from testbench.pages import sample
from tests.page.conftest import HOSTILE


def drawn(spec: Mapping[str, Any]) -> str:
    text: str = vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])
    return text


def test_curves_and_confusions_stand_by_themselves() -> None:
    pictures = {name: drawn(spec) for name, spec in pictures_of(sample()).items()}
    words = {name: " ".join(ET.fromstring(text).itertext()) for name, text in pictures.items()}
    assert all("var(" not in text and "#4477aa" in text for text in pictures.values())
    assert all(part in words["curves"] for part in ("net on mcu", "Training: accuracy", "prune: loss", "epoch"))
    assert all(part in words["confusions"] for part in ("Bag", "Coat", "95", "right class"))


def test_names_in_pictures_are_text() -> None:
    made = ET.fromstring(drawn(pictures_of(sample(HOSTILE, label="<script>x</script>"))["confusions"]))
    assert {element.tag.rpartition("}")[2] for element in made.iter()} <= {"svg", "g", "path", "rect", "text", "line"}
    assert any("<img src=x" in text for text in made.itertext())


def test_what_is_not_there_is_said() -> None:
    bare = replace(sample(), train=None, quantize=None, steps=(), answers=None)
    found = {name: " ".join(ET.fromstring(drawn(spec)).itertext()) for name, spec in pictures_of(bare).items()}
    assert "nothing was trained" in found["curves"]
    assert "no classes" in found["confusions"]


def test_readmes_picture_is_of_the_worked_examples_page() -> None:
    """It is made by the command that README names, as wide as that makes it."""
    text = (home() / "README.md").read_text(encoding="utf-8")
    command = "python -m testbench.screenshot build/mcu/fashion_cnn/report.html docs/images/page.png --tab layers"
    assert "](docs/images/page.png)" in text
    assert command in (home() / "docs/report.md").read_text(encoding="utf-8")
    head = (home() / "docs/images/page.png").read_bytes()[:24]
    assert head.startswith(b"\x89PNG\r\n\x1a\n")
    assert int.from_bytes(head[16:20], "big") == 1280


def test_a_picture_of_a_page_is_taken(browser_there: str, files: dict[str, Path], tmp_path: Path) -> None:
    """In a process of its own: Playwright runs once in each."""
    command = [sys.executable, "-m", "testbench.screenshot", str(files["one"]), str(tmp_path / "a/page.png")]
    subprocess.run([*command, "--tab", "layers", "--width", "640"], check=True, cwd=home())
    assert int.from_bytes((tmp_path / "a/page.png").read_bytes()[16:20], "big") == 640
