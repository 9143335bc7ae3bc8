"""Which model a target is built with, and what it says when a pass of it does not run; `scons -n` builds nothing."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from edgewright.home import home
from edgewright.spec import load_project
from testbench.scons import run_scons

BASE = Path(__file__).parents[1] / "failing/_base"

OTHER = """
description = "a target with a model of its own, and a pass"
board       = "pi-board"
runtime     = "tflite-runtime"
model       = "other"

[[compress]]
pass = "fold"
"""
NOTE = "note: net.tflite is quantized already and is taken as it is: fold of target other left out\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(BASE, tmp_path, dirs_exist_ok=True)
    shutil.copytree(tmp_path / "models/tiny", tmp_path / "models/other")
    (tmp_path / "targets/other.toml").write_text(OTHER)
    (tmp_path / "net.tflite").touch()
    return tmp_path


def plan(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    done = run_scons(project, "-n", "cache=off", *arguments)
    assert done.returncode == 0, done.stderr
    return done


def test_the_targets_own_model_stands_before_the_projects(project: Path) -> None:
    printed = plan(project, "target=pi,other").stdout
    assert "train tiny" in printed
    assert "fold other" in printed
    assert "fold tiny" not in printed


def test_the_command_line_stands_before_both(project: Path) -> None:
    printed = plan(project, "target=pi,other", "model=tiny").stdout
    assert "fold tiny" in printed
    assert "train other" not in printed


def test_passes_that_do_not_run_are_told(project: Path) -> None:
    done = plan(project, "target=other", "model=net.tflite")
    assert done.stderr == NOTE
    assert "check net.tflite" in done.stdout
    assert "fold" not in done.stdout


def test_nothing_is_told_where_nothing_is_left_out(project: Path) -> None:
    assert plan(project, "target=pi", "model=net.tflite").stderr == ""
    assert plan(project, "target=other").stderr == ""


def test_all_and_more_of_the_same_list(project: Path) -> None:
    printed = plan(project, "target=pi", "model=all,net.tflite").stdout
    assert "train tiny" in printed
    assert "train other" in printed
    assert "check net.tflite" in printed
    read = load_project(project, home())
    assert read.select_targets("all,pi") == read.select_targets("all") == [*read.targets.values()]


def test_the_name_under_which_a_file_is_built_is_told(project: Path) -> None:
    (project / "ünï_模型.tflite").touch()
    said = plan(project, "target=pi", "model=ünï_模型.tflite").stderr
    assert said == "note: ünï_模型.tflite is built under the name n: names of C have no other letters than A to Z\n"
