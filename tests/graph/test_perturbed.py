"""Real builds after real edits: going on from one edit to the next gives what a clean build gives, byte for byte.

Files are those that any stage reads, edited one after another in one working copy, so that each build goes on from the
one before. The ordinary run takes settings and a few files by a seed; `--live-all` takes every file, with a
clean build after each few. That no stage could hide an edit from the next clean build, test_declared.py shows for all
stages and files at once.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from testbench.books import BOOKS
from tests.graph.changes import change
from tests.graph.conftest import Builder, Project, create
from tests.graph.test_declared import brought, needs_compiler

SEED = 20261129
AT_ONCE = 8
"""Edits between two clean builds, where all files are edited."""

WHAT = ("target=micro", "model=net.tflite")

SETTING = ("targets/micro.toml", 'board = "mps2-an386"', 'board = "mps2-an386"\ncompile.optimize = "size"')
BOARD = ("targets/boards/mps2-an386.toml", "timer_hz   = 25_000_000", "timer_hz   = 12_500_000")
KINDS = ({".py"}, {".h", ".c", ".S"}, {".j2"})


@pytest.fixture
def home(builder: Builder, tmp_path: Path) -> Iterator[Path]:
    """Edgewright's own folder, which is again what it was after the test."""
    shutil.copytree(builder.home, tmp_path / "kept", symlinks=True)
    yield builder.home
    shutil.rmtree(builder.home)
    shutil.copytree(tmp_path / "kept", builder.home, symlinks=True)


def scons(project: Project) -> dict[str, bytes]:
    """Build; gives all that lies in build/ then, but for what the next build remembers of this one."""
    command = [sys.executable, str(Path(sys.executable).with_name("scons")), "-j2", "cache=off", *WHAT]
    environment = {**os.environ, "PYTHONPATH": str(project.builder.home)}
    done = subprocess.run(command, cwd=project.folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    folder = project.folder / "build"
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name not in BOOKS]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def prepared(builder: Builder, folder: Path) -> Project:
    project = create(builder, folder)
    path = project.folder / "targets/micro.toml"
    path.write_text(path.read_text().replace('transport = "qemu"', 'transport = "none"'))
    brought(project.folder / "net.tflite")
    return project


def read_files(project: Project) -> list[Path]:
    """Every file that a stage reads and no stage makes."""
    plan = project.built("-n", *WHAT, plan=True).plan
    named = {Path(name) for stage in plan for name in stage["reads"]}
    return sorted(path for path in named if path.is_relative_to(project.builder.home))


def sample(files: list[Path]) -> list[Path]:
    """One file of each kind."""
    chance = random.Random(SEED)
    return [chance.choice([file for file in files if file.suffix in kind]) for kind in KINDS]


def hold(project: Project, clone: Path) -> None:
    """All that a clean build makes is there alike; of an earlier setting, folders that its options name may be left."""
    shutil.rmtree(clone, ignore_errors=True)
    gone_on, clean = scons(project), scons(project.clone(clone))
    assert {name for name, content in clean.items() if gone_on.get(name) != content} == set()


@needs_compiler
def test_edits_of_a_sample(builder: Builder, home: Path, tmp_path: Path) -> None:
    project = prepared(builder, tmp_path / "project")
    builds = [scons(project)]
    for folder, (name, old, new) in ((project.folder, SETTING), (home, BOARD)):
        text = (folder / name).read_text()
        assert old in text, name
        (folder / name).write_text(text.replace(old, new))
        builds.append(scons(project))
        assert builds[-1] != builds[-2], name
    for number, file in enumerate(sample(read_files(project))):
        if number:
            scons(project)
        change(file, number)
    hold(project, tmp_path / "clean")  # which builds first


@needs_compiler
@pytest.mark.live_all
def test_edits_of_all_files(builder: Builder, home: Path, tmp_path: Path) -> None:
    project = prepared(builder, tmp_path / "project")
    files = read_files(project)
    random.Random(SEED).shuffle(files)
    scons(project)
    for number, file in enumerate(files, start=1):
        change(file, number)
        scons(project)
        if number % AT_ONCE == 0 or number == len(files):
            hold(project, tmp_path / "clean")
            print(f"{number} of {len(files)} files", flush=True)
