"""`.ci/run` with a sconsw that only says what a test run would: the summary comes last, and no test is no success."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def ci(folder: Path, output: str, code: int) -> tuple[int, list[str]]:
    (folder / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", folder / ".ci" / "run")
    (folder / "sconsw").write_text(f"#!/bin/sh\n[ \"$*\" = test ] || exit 9\ncat <<'E'\n{output}\nE\nexit {code}\n")
    (folder / "sconsw").chmod(0o755)
    done = subprocess.run(["bash", folder / ".ci" / "run"], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.splitlines()


@pytest.mark.parametrize(
    "summary",
    [
        "=================== 12 passed in 0.50s ===================",
        "==== 1 failed, 301 passed, 2 skipped, 1 xfailed in 95.20s (0:01:35) ====",
        "3 passed, 1 warning in 1.00s",
    ],
)
@pytest.mark.parametrize("code", [0, 2])
def test_the_summary_comes_last_and_the_exit_code_is_kept(tmp_path: Path, summary: str, code: int) -> None:
    assert ci(tmp_path, f"some test\n{summary}\nscons: done", code) == (
        code,
        ["some test", summary, "scons: done", summary],
    )


@pytest.mark.parametrize(
    "output", ["", "== no tests ran in 0.01s ==", "=== 4 skipped in 0.10s ===", "0 passed in 0.10s"]
)
@pytest.mark.parametrize(("code", "expected"), [(0, 1), (5, 5)])
def test_no_test_is_no_success(tmp_path: Path, output: str, code: int, expected: int) -> None:
    assert ci(tmp_path, output, code)[0] == expected
