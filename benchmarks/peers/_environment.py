"""A peer's own environment: made anew in a folder, by uv, from the versions that it is pinned to."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from edgewright.errors import ToolError
from edgewright.home import home


def make(folder: Path, packages: Sequence[str]) -> Path:
    """The Python of an environment with these packages; ToolError when they cannot be had."""
    program = folder / "bin" / "python"
    _uv("venv", "--quiet", "--python", sys.executable, str(folder))
    _uv("pip", "install", "--quiet", "--no-build", "--python", str(program), *packages)
    return program


def generate(program: Path, module: str, model: Path, way: str, out: Path) -> str | None:
    """Let a peer write its C of a model into a folder; None, or the line with which it refuses the model."""
    out.mkdir(parents=True)
    words = [str(program), "-m", f"benchmarks.peers.{module}", str(model), way, str(out)]
    found = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(words, cwd=home(), env=found, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return None
    last = (done.stderr.strip() or "it said nothing").splitlines()[-1]
    if done.returncode != 3:
        raise ToolError(f"{module}: could not be asked for its C: {last}")
    return last


def _uv(*words: str) -> None:
    # not in the project's folder, whose pyproject.toml uv would obey
    command = [sys.executable, "-m", "uv", *words]
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
    if done.returncode:
        raise ToolError(f"uv {' '.join(words[:2])} failed:\n{done.stderr[-2000:]}\n  hint: have PyPI within reach")
