"""Every folder here is a mistake: scons refuses it with exactly the message in `expected`, and builds nothing.

A case is laid over _base, a project without a fault. `arguments` holds the command line, when the case needs
one. "..." in `expected` stands for names that come and go with the project's own targets, boards and models.

To write the message of a new case: `EDGEWRIGHT_REGENERATE=1 pytest tests/failing`, then read what it wrote.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from testbench.scons import run_scons

CASES = Path(__file__).parent
NAMES = sorted(folder.name for folder in CASES.iterdir() if folder.is_dir() and not folder.name.startswith("_"))


@pytest.mark.parametrize("name", NAMES)
def test_mistake_is_refused(name: str, tmp_path: Path) -> None:
    shutil.copytree(CASES / "_base", tmp_path, dirs_exist_ok=True)
    shutil.copytree(CASES / name, tmp_path, dirs_exist_ok=True)
    arguments = tmp_path / "arguments"
    result = run_scons(tmp_path, *(arguments.read_text().split() if arguments.exists() else ()))
    expected = CASES / name / "expected"
    if os.environ.get("EDGEWRIGHT_REGENERATE"):
        expected.write_text(result.stderr)
    pattern = ".*".join(re.escape(part) for part in expected.read_text().split("..."))
    assert re.fullmatch(pattern, result.stderr), result.stderr
    assert result.returncode == 2
    assert not (tmp_path / "build").exists()


def test_the_base_has_no_fault(tmp_path: Path) -> None:
    shutil.copytree(CASES / "_base", tmp_path, dirs_exist_ok=True)
    result = run_scons(tmp_path, "-h")
    assert result.returncode == 0, result.stderr
    assert "a target without a fault" in result.stdout
