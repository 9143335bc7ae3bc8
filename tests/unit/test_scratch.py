"""Folders of processes that were killed are cleared away by the next; all others stay."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from edgewright import scratch


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


@pytest.fixture
def left(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Path]:
    """Makes a folder whose owner is gone: what it had open is closed."""

    def make() -> Path:
        opened: list[int] = []
        real = os.open

        def noted(*words: object, **more: object) -> int:
            opened.append(real(*words, **more))  # type: ignore[arg-type]
            return opened[-1]

        with monkeypatch.context() as patch:
            patch.setattr(os, "open", noted)
            folder = scratch.make()
        os.close(opened[0])
        (folder / "deep").mkdir()
        (folder / "deep/file").touch()
        return folder

    return make


def test_what_a_dead_process_left_goes(left: Callable[[], Path]) -> None:
    gone = left()
    assert gone.exists()
    mine = scratch.make()
    assert not gone.exists()
    assert (mine.stat().st_mode & 0o777, [path.name for path in mine.iterdir()]) == (0o700, [scratch.OWNER])


def test_who_lives_keeps_his(left: Callable[[], Path]) -> None:
    mine = scratch.make()
    scratch.make()
    assert mine.exists()
    with scratch.kept() as folder:
        scratch.make()
        assert folder.exists()
    assert not folder.exists()


def test_what_is_not_ours_stays(left: Callable[[], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = left()
    (tmp_path / "target").mkdir()
    (tmp_path / "target" / scratch.OWNER).touch()
    linked, young = tmp_path / f"{scratch.PREFIX}link", tmp_path / f"{scratch.PREFIX}young"
    linked.symlink_to(tmp_path / "target")
    young.mkdir()
    other = tmp_path / "edgewright-other"
    other.mkdir()
    (other / scratch.OWNER).touch()
    with monkeypatch.context() as patch:
        patch.setattr(os, "geteuid", lambda: os.getuid() + 1)
        scratch.make()
        assert theirs.exists(), "of another user"
    scratch.make()
    assert not theirs.exists()
    assert linked.exists()
    assert (tmp_path / "target" / scratch.OWNER).exists()
    assert young.exists(), "its owner is about to lock it"
    assert other.exists(), "of another name"
