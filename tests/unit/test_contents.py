"""Hashes of files that are read again when the file system says so, and never believed by a time stamp alone."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import pytest

from edgewright.scons import _contents
from edgewright.scons._contents import Contents


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were read."""
    found: list[Path] = []

    def count(path: Path) -> str:
        found.append(path)
        return hashlib.sha256(path.read_bytes()).hexdigest()

    monkeypatch.setattr(_contents, "sha256_file", count)
    return found


def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have files count as old enough for their time stamps to tell a change."""
    monkeypatch.setattr(_contents, "SETTLED_NS", -1)


def look(tmp_path: Path, file: Path) -> str | None:
    """As a build of its own looks."""
    contents = Contents(tmp_path / "record")
    found = contents.sha256(file)
    contents.save()
    return found


def test_a_file_is_read_once(tmp_path: Path, read: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    settled(monkeypatch)
    file = tmp_path / "file"
    file.write_text("one")
    assert [look(tmp_path, file) for _ in range(3)] == [sha256("one")] * 3
    assert read == [file]


def test_equal_size_and_time_hide_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settled(monkeypatch)
    file = tmp_path / "file"
    file.write_text("one")
    stamp = file.stat()
    assert look(tmp_path, file) == sha256("one")
    time.sleep(0.05)  # more than a step of the kernel's clock
    file.write_text("two")
    os.utime(file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert look(tmp_path, file) == sha256("two")


def test_a_file_in_the_place_of_another_with_its_time_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settled(monkeypatch)
    file, other = tmp_path / "file", tmp_path / "other"
    file.write_text("one")
    other.write_text("two")
    stamp = file.stat()
    os.utime(other, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert look(tmp_path, file) == sha256("one")
    other.replace(file)
    assert look(tmp_path, file) == sha256("two")


def test_what_changed_a_moment_ago_is_read_again(tmp_path: Path, read: list[Path]) -> None:
    file = tmp_path / "file"
    file.write_text("one")
    assert [look(tmp_path, file) for _ in range(2)] == [sha256("one")] * 2
    assert read == [file, file], "it may change again within the same step of the clock"


@pytest.mark.parametrize("text", ["", "{", "[]", "[1, [], {}]", "[2, {}, {}]", "null", "\0"])
def test_a_damaged_record_is_forgotten(tmp_path: Path, text: str) -> None:
    (tmp_path / "record").write_text(text)
    (tmp_path / "file").write_text("one")
    assert look(tmp_path, tmp_path / "file") == sha256("one")


def test_no_file(tmp_path: Path) -> None:
    assert look(tmp_path, tmp_path / "none") is None
    assert look(tmp_path, tmp_path) is None


def test_imports_are_those_of_the_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settled(monkeypatch)
    file = tmp_path / "file.py"
    for text, module in (("import os\n", "os"), ("import sys\n", "sys")):
        file.write_text(text)
        contents = Contents(tmp_path / "record")
        assert [tuple(each) for each in contents.imports(file)] == [(0, module, "")]
        contents.save()
        time.sleep(0.02)
    again = Contents(tmp_path / "record")
    monkeypatch.setattr(_contents, "statements", lambda path: pytest.fail(f"{path} is parsed again"))
    assert [list(each) for each in again.imports(file)] == [[0, "sys", ""]]
