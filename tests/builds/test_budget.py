"""A broken budget fails the build, after the report is written."""

from __future__ import annotations

import json

from tests.builds.conftest import Project


def test_a_broken_budget_fails_and_says_by_how_much(built: Project) -> None:
    built.edit("targets/small.toml", 'size = "64 KiB"', 'size = "1 KiB"')
    result = built.scons()
    assert result.returncode == 3, result.stdout + result.stderr
    assert "error: small/tiny: budget size:" in result.stderr
    assert "is over the limit of 1.0 KiB by" in result.stderr
    report = json.loads((built.folder / "build/small/tiny/report.json").read_text())
    assert report["budget"][0]["ok"] is False
    assert "BROKEN" in result.stdout, "the table is shown before the error"


def test_it_fails_again_when_nothing_has_changed(built: Project) -> None:
    result = built.scons()
    assert result.returncode == 3, result.stdout + result.stderr


def test_warning_alone(built: Project) -> None:
    result = built.scons("budget=warn")
    assert result.returncode == 0
    assert "warning: small/tiny: budget size:" in result.stderr


def test_a_budget_that_is_kept(built: Project) -> None:
    built.edit("targets/small.toml", 'size = "1 KiB"', 'size = "64 KiB"')
    assert built.scons().returncode == 0
