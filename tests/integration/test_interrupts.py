"""Ctrl-C while a command still imports what it needs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

SLOW = "import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(20)\n"
COMMANDS = {
    "stage": (["-m", "edgewright.stages.microcontroller.compile", "--help"], ""),
    "cli": (
        ["-c", "import sys; sys.argv = ['bin/edgewright', '-h']; from edgewright.cli import main; main()"],
        "interrupted\n",
    ),
}


@pytest.mark.parametrize("name", ["stage", "cli"])
def test_it_ends_without_a_traceback(tmp_path: Path, name: str) -> None:
    (tmp_path / "difflib.py").write_text(SLOW)  # stands before Python's own, which the errors of all commands import
    words, said = COMMANDS[name]
    root = str(Path(__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), root])}
    done = subprocess.run(
        [sys.executable, *words], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (130, said)


AT = """\
import os, signal, sys
def hook(event, arguments):
    if event == "import" and arguments[0] == os.environ["AT"]:
        os.kill(os.getpid(), signal.SIGINT)
sys.addaudithook(hook)
"""


@pytest.mark.parametrize("moment", ["runpy", "SCons", "SCons.Node.FS", "edgewright.pipeline", "pydantic"])
def test_scons_ends_without_a_traceback(tmp_path: Path, moment: str) -> None:
    (tmp_path / "sitecustomize.py").write_text(AT)
    (tmp_path / "SConstruct").write_text(
        "Environment(tools=['edge'], toolpath=[PyPackageDir('edgewright.scons')]).EdgeProject('', '')\n"
    )
    root = str(Path(__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), root]), "AT": moment}
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # as ./sconsw starts it
    try:
        done = subprocess.run(
            [sys.executable, "-m", "edgewright.scons"],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    assert done.returncode == 130, done.stderr
    assert done.stderr.startswith("interrupted: ")
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.glob("build")) == []
