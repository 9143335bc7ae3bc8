"""Models that run in turn in one firmware: what comes to the stages of each alone, and what makes it anew."""

from __future__ import annotations

from pathlib import Path

from tests.graph.conftest import Project

TARGET = """\
description = "two in turn"
extends = "micro"
models = ["tiny", "net.tflite"]
"""
WHOLE = "build/both/tiny_and_net"


def prepared(project: Project) -> Path:
    """A file that one of the two is brought in."""
    (project.folder / "targets/both.toml").write_text(TARGET)
    (project.folder / "net.tflite").write_bytes(b"one")
    return project.folder / "net.tflite"


def test_a_firmware_of_both_beside_that_of_each(project: Project) -> None:
    brought = prepared(project)
    result = project.built("target=both")
    made = {name for name in result.ran if name.startswith(WHOLE)}
    assert {Path(name).name for name in made} >= {
        "compile.json",
        "firmware.elf",
        "bundle.json",
        "report.json",
        "report.html",
    }
    assert f"{WHOLE}/history.json" in made
    assert {f"{WHOLE}/latency-tiny.json", f"{WHOLE}/latency-net.json"} <= made
    assert "build/both/tiny/firmware.elf" in result.ran
    assert "build/both/net/firmware.elf" in result.ran
    assert not [name for name in project.built("target=both").ran if name.startswith("build/both")]
    brought.write_bytes(b"other")
    again = project.built("target=both").ran
    assert f"{WHOLE}/firmware.elf" in again
    assert "build/both/tiny/firmware.elf" not in again


def test_a_model_alone_takes_no_other_along(project: Project) -> None:
    prepared(project)
    result = project.built("target=both", "model=tiny")
    assert "build/both/tiny/firmware.elf" in result.ran
    assert not [name for name in result.ran if "net" in Path(name).parts or name.startswith(WHOLE)]


def test_a_model_of_the_name_of_both_is_refused(project: Project) -> None:
    prepared(project)
    (project.folder / "tiny_and_net.tflite").write_bytes(b"third")
    result = project.build("target=both", "model=tiny,net.tflite,tiny_and_net.tflite")
    assert result.status == 2
    assert "the model tiny_and_net would be built in the folder of these: build/both/tiny_and_net" in result.out
