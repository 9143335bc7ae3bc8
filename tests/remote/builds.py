"""Whole builds whose stages are stubs, run by stub_build.py where the real ones would be."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.graph.conftest import FILES
from tests.remote.cluster import ROOT, WAIT_S

ALL = ("target=linux,mobile,micro", "model=tiny")


def create(folder: Path) -> Path:
    """A project of three targets and a model."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def build(folder: Path, executor: str, *words: str, waits: str = "") -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "STUB_WAITS": waits}
    command = [sys.executable, "-m", "tests.remote.stub_build", "cache=off", f"executor={executor}", *words]
    return subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def built(folder: Path, executor: str, *words: str) -> str:
    with build(folder, executor, *words) as process:
        said = process.communicate(timeout=WAIT_S)[0]
    assert process.returncode == 0, said
    return said


def outputs(folder: Path) -> dict[str, str]:
    found = {str(path.relative_to(folder)): path for path in sorted((folder / "build").rglob("*"))}
    return {name: path.read_text() for name, path in found.items() if path.is_file() and "/." not in name}
