"""What lies in build/ is held against what was built: a damaged file is made anew, and never used."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.graph.conftest import Builder, Project, create

DAMAGED = (
    "build/models/tiny/float.h5",
    "build/linux/tiny/tiny.tflite",
    "build/micro/tiny/firmware.bin",
    "build/linux/tiny/report.json",
)


@pytest.fixture(scope="module")
def built(builder: Builder, tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = create(builder, tmp_path_factory.mktemp("built"))
    project.built()
    return project


def damage(path: Path) -> None:
    """Zeros in the place of its content, and the time stamp that it had."""
    stamp = path.stat()
    path.write_bytes(bytes(stamp.st_size))
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_file_is_made_anew(built: Project, name: str) -> None:
    before = built.outputs()
    damage(built.folder / name)
    result = built.built()
    assert f"note: {name} is not what was built: it is made anew" in result.out
    assert name in result.ran
    assert built.outputs() == before
    assert built.built().ran == []


def test_only_what_made_it_runs_again(built: Project) -> None:
    damage(built.folder / "build/micro/tiny/firmware.bin")
    ran = built.built().ran
    assert {Path(name).name.partition(".")[0] for name in ran} == {"firmware", "libtiny"}


def test_a_dry_run_mends_nothing(built: Project) -> None:
    name = "build/linux/tiny/tiny.tflite"
    damage(built.folder / name)
    assert built.built("-n").ran == []
    assert name in built.built().ran


def test_what_another_goal_needs_is_left_alone_until_it_is_needed(built: Project) -> None:
    name = "build/micro/tiny/firmware.elf"
    damage(built.folder / name)
    assert built.built("train").ran == []
    assert name in built.built("firmware").ran


def test_a_listed_file_that_is_gone_is_called_missing(built: Project) -> None:
    listed = next((built.folder / "build/micro").rglob("listed.h"))
    listed.unlink()
    name = listed.relative_to(built.folder)
    assert f"note: {name} is missing: it is made anew" in built.built().out
    assert listed.exists()


OTHERS = ("null", "3", '{"files": []}')


@pytest.mark.parametrize(  # the first two stand for all
    "content", ["{}", '{"files": {"a": 1}}', *(pytest.param(text, marks=pytest.mark.slow) for text in OTHERS)]
)
def test_a_manifest_of_another_shape_is_made_anew(built: Project, content: str) -> None:
    listed = next((built.folder / "build/micro").rglob("compile.json"))
    before = listed.read_text()
    listed.write_text(content)
    result = built.built()
    assert "is not what was built: it is made anew" in result.out
    assert listed.read_text() == before
