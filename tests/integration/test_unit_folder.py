"""A test of tests/unit that needs more than its own process fails, and is told where it belongs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "unit/conftest.py"
TESTS = {
    "imports tensorflow": "def test_it():\n    import tensorflow",
    "imports tflite_micro": "import tflite_micro\n\n\ndef test_it():\n    pass",
    "starts a process: true": "import subprocess\n\n\ndef test_it():\n    subprocess.run(['true'])",
    "opens a socket: socket.": "import socket\n\n\ndef test_it():\n"
    "    try:\n        socket.create_connection(('127.0.0.1', 9))\n    except Exception:\n        pass",
}


def run(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    shutil.copy(CONFTEST, folder)
    (folder / "test_it.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("what", TESTS)
def test_what_needs_more_is_refused(what: str, tmp_path: Path) -> None:
    done = run(tmp_path, TESTS[what])
    assert done.returncode != 0
    assert f"a unit test {what}" in done.stdout
    assert "tests/README.md" in done.stdout


def test_others_pass(tmp_path: Path) -> None:
    assert run(tmp_path, "import subprocess\n\n\ndef test_it():\n    assert subprocess.PIPE").returncode == 0
