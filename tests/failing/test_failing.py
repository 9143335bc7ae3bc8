"""Every folder here is a mistake: scons refuses it with exactly the message in `expected`, and builds nothing.

A case is laid over _base, a project without a fault. `arguments` holds the command line, when the case needs
one. "..." in `expected` stands for names that come and go with the project's own targets, boards and models.

To write the message of a new case: `EDGEWRIGHT_REGENERATE=1 pytest tests/failing`, then read what it wrote.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from testbench.scons import Done, WarmScons, run_scons

CASES = Path(__file__).parent
NAMES = sorted(folder.name for folder in CASES.iterdir() if folder.is_dir() and not folder.name.startswith("_"))


@pytest.fixture(scope="module")
def scons() -> Iterator[WarmScons]:
    with WarmScons() as warm:
        yield warm


def laid_out(name: str, folder: Path) -> list[str]:
    """Make the project of a case; its command line."""
    shutil.copytree(CASES / "_base", folder, dirs_exist_ok=True)
    shutil.copytree(CASES / name, folder, dirs_exist_ok=True)
    arguments = folder / "arguments"
    return arguments.read_text().split() if arguments.exists() else []


def assert_refused(result: Done, name: str, project: Path) -> None:
    expected = CASES / name / "expected"
    if os.environ.get("EDGEWRIGHT_REGENERATE"):
        expected.write_text(result.stderr)
    pattern = ".*".join(re.escape(part) for part in expected.read_text().split("..."))
    assert re.fullmatch(pattern, result.stderr), result.stderr
    assert result.returncode == 2
    assert not (project / "build").exists()


@pytest.mark.parametrize("name", NAMES)
def test_mistake_is_refused(name: str, tmp_path: Path, scons: WarmScons) -> None:
    assert_refused(scons.run(tmp_path, *laid_out(name, tmp_path)), name, tmp_path)


@pytest.mark.parametrize("name", ["many-files", "misspelt-goal"])
def test_a_scons_of_its_own_says_the_same(name: str, tmp_path: Path) -> None:
    assert_refused(run_scons(tmp_path, *laid_out(name, tmp_path)), name, tmp_path)


def test_the_base_has_no_fault(tmp_path: Path) -> None:
    shutil.copytree(CASES / "_base", tmp_path, dirs_exist_ok=True)
    result = run_scons(tmp_path, "-h")
    assert result.returncode == 0, result.stderr
    assert "a target without a fault" in result.stdout


def test_a_search_is_told_and_not_begun(tmp_path: Path, scons: WarmScons) -> None:
    """With -n the command, all that holds in a search in it; with -h the help."""
    shutil.copytree(CASES / "_base", tmp_path, dirs_exist_ok=True)
    words = ["search", "target=pi", "model=tiny", "cache=/mnt/shared", "--cache-readonly", "executor=local", "-Qj3"]
    result = scons.run(tmp_path, *words, "-n")
    told = "edgewright search pi tiny -j3 --executor local --cache /mnt/shared --cache-readonly\n"
    assert (result.returncode, result.stdout, result.stderr) == (0, told, "")
    result = scons.run(tmp_path, *words, "-h")
    assert result.returncode == 0
    assert "a target without a fault" in result.stdout
    assert not (tmp_path / "build/search").exists()
