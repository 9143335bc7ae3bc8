"""What the machine refuses is told as that, with the place and what to do, and is no bug of Edgewright's."""

from __future__ import annotations

import errno
import io
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from edgewright.command_line import guarded
from edgewright.errors import UserError, machine_error
from edgewright.files import misfit, read_json, staged, write_text

PROBLEMS = {
    errno.ENOSPC: "the disk is full",
    errno.EROFS: "may only be read",
    errno.EACCES: "you have no permission",
    errno.EIO: "the disk fails",
    errno.EMFILE: "too many files are open",
}


def run(error: BaseException) -> tuple[int, str]:
    """Exit code and messages of a command that ends with an error."""

    def main(_: Sequence[str] | None) -> int:
        raise error

    said = io.StringIO()
    return guarded(main, None, said), said.getvalue()


@pytest.mark.parametrize("number", PROBLEMS)
def test_the_machine_is_to_blame(number: int) -> None:
    status, said = run(OSError(number, os.strerror(number), "build/a"))
    assert status == 4
    assert said.startswith("error: build/a: ")
    assert PROBLEMS[number] in said
    assert "\n  hint: " in said
    assert "bug" not in said


def test_a_library_that_says_it_in_words_alone() -> None:
    status, said = run(OSError("Unable to write (errno = 28, error message = 'No space left on device')"))
    assert (status, "the disk is full" in said, "bug" in said) == (4, True, False)


def test_no_memory() -> None:
    status, said = run(MemoryError())
    assert (status, said.startswith("error: there is no memory left\n")) == (4, True)


def test_other_errors_of_the_system_are_still_bugs() -> None:
    assert machine_error(FileNotFoundError(errno.ENOENT, "no such file", "x")) is None
    status, said = run(FileNotFoundError(errno.ENOENT, "no such file", "x"))
    assert (status, "this is a bug in Edgewright" in said) == (1, True)


def test_a_full_disk_is_named_where_the_system_names_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left") as caught:
        write_text(tmp_path / "out.txt", "text")
    assert caught.value.filename == str(tmp_path / "out.txt")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[1,"])
def test_damaged_json_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"report.json: is damaged, it is no JSON"):
        read_json(path)


@pytest.mark.parametrize("content", ["[]", "null", "3", '"text"', "true"])
def test_json_of_another_shape_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "report.json"
    path.write_text(content)
    with pytest.raises(UserError, match=r"report.json: is damaged: the whole is not an object\n  hint: "):
        read_json(path)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({}, "files is missing"),
        ({"files": []}, "files is not an object"),
        ({"files": {"a": 1}}, "files.a is not a text"),
        ({"files": {"a": "x"}, "shape": [1, "2"]}, "shape[1] is not a whole number"),
        ({"files": {"a": "x"}, "shape": [True]}, "shape[0] is not a whole number"),
        ({"files": {}, "shape": [1]}, None),
    ],
)
def test_the_first_place_that_does_not_fit(value: object, problem: str | None) -> None:
    assert misfit(value, {"files": {str: str}, "shape": [int]}) == problem


def test_of_a_copy_the_destination_is_named() -> None:
    full = OSError(errno.ENOSPC, "No space left on device", "from/a.h", None, "to/a.h")
    assert str(machine_error(full)).startswith("to/a.h: the disk is full\n")
    several = shutil.Error([("from/a.h", "to/a.h", "[Errno 28] No space left on device: 'from/a.h' -> 'to/a.h'")])
    assert str(machine_error(several)).startswith("to/a.h: the disk is full\n")


def test_where_nothing_is_named_the_folders_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    told = machine_error(OSError(errno.ENOSPC, "No space left on device"))
    assert str(told).startswith(f"{Path.cwd()} or {tmp_path}: the disk is full\n")


def test_a_copy_that_fails_names_the_file_and_not_the_one_aside(tmp_path: Path) -> None:
    def copy() -> None:
        with staged(tmp_path / "out.bin") as aside:
            raise OSError(errno.ENOSPC, "No space left on device", "source.bin", None, str(aside))

    with pytest.raises(OSError, match="No space left") as caught:
        copy()
    assert str(machine_error(caught.value)).startswith(f"{tmp_path / 'out.bin'}: the disk is full\n")
