"""The shared cache is not believed: an entry that is not what was put there is dropped, and the artifact made anew."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.graph.conftest import Project, Result

MODEL = "build/models/tiny/float.h5"


def entries(cache: Path) -> list[Path]:
    return sorted(path for path in cache.glob("[0-9A-F][0-9A-F]/*") if path.is_file())


def entry_of(cache: Path, content: str) -> Path:
    return next(path for path in entries(cache) if path.read_text().endswith(content))


def flip(entry: Path, _: Path) -> None:
    data = bytearray(entry.read_bytes())
    data[-1] ^= 1
    entry.write_bytes(data)


def halve(entry: Path, _: Path) -> None:
    os.truncate(entry, entry.stat().st_size // 2)


def empty(entry: Path, _: Path) -> None:
    os.truncate(entry, 0)


def replace(entry: Path, other: Path) -> None:
    entry.write_bytes(other.read_bytes())


def become_a_folder(entry: Path, other: Path) -> None:
    entry.unlink()
    entry.mkdir()
    replace(entry / other.name, other)


DAMAGES = (flip, halve, empty, replace, become_a_folder)


def from_cache(result: Result) -> list[str]:
    return [line.split("`")[1].split("'")[0] for line in result.out.splitlines() if line.startswith("Retrieved")]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damaged_entry_is_dropped(project: Project, tmp_path: Path, damage: Callable[[Path, Path], None]) -> None:
    cache = tmp_path / "cache"
    project.built("train", cache=cache)
    made = project.outputs()
    entry = entry_of(cache, made[MODEL])
    damage(entry, next(other for other in entries(cache) if other != entry))
    second = project.clone(tmp_path / "second")
    result = second.built("train", cache=cache)
    assert result.out.count("damaged") == 1
    assert f"note: what the cache holds of {MODEL} is damaged: dropped, and made anew" in result.out
    assert MODEL in result.ran
    assert second.outputs() == made
    third = project.clone(tmp_path / "third")
    result = third.built("train", cache=cache)
    assert (result.ran, set(from_cache(result))) == ([], set(made)), "the new one is in the cache"
    assert third.outputs() == made


def test_a_dry_run_says_what_a_build_would_take(project: Project, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    project.built("target=linux", "quantize", cache=cache)
    second = project.clone(tmp_path / "second")
    said = from_cache(second.built("target=linux", "quantize", "-n", cache=cache))
    assert second.outputs() == {}
    assert said == from_cache(second.built("target=linux", "quantize", cache=cache))
    copies = {"build/linux/tiny/tiny.tflite", "build/linux/tiny/tiny_tflite.json"}  # which a target has of its own
    assert set(said) | copies == set(second.outputs())


def test_a_cache_that_cannot_be_written_is_told_once(project: Project, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    for number in range(256):
        (cache / f"{number:02X}").write_text("in the way")
    result = project.built("target=linux", "quantize", cache=cache)
    warnings = [line for line in result.out.splitlines() if line.startswith("warning:")]
    assert len(warnings) == 1
    assert warnings[0].startswith(f"warning: the cache {cache} cannot be ")


def test_a_cache_that_lost_or_never_had_its_settings_is_used(project: Project, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "config").write_text("{")
    project.built("train", cache=cache)
    assert entries(cache)


def test_clean_cache_removes_the_entries(project: Project, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    project.built("train", cache=cache)
    project.built("clean-cache", cache=cache)
    assert entries(cache) == []
