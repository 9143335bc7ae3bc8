"""A build without a cache; what comes from one, test_incremental.py shows."""

from __future__ import annotations

from pathlib import Path

from tests.builds.conftest import Project


def test_without_a_cache_everything_is_built(pristine: Project, tmp_path: Path) -> None:
    project = Project(pristine.clone(tmp_path / "p").folder, Path("off"))
    result = project.scons("train")
    assert result.ran == ["train"]
    assert result.from_cache == []


def test_a_cache_that_cannot_be_written_is_told_and_done_without(pristine: Project, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    project = Project(pristine.clone(tmp_path / "p").folder, tmp_path / "file/cache")
    result = project.scons("-n", "train")
    assert result.returncode == 0
    assert "warning: no cache" in result.stderr
