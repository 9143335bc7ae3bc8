"""The project's own style, check by check."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT = ROOT / "scripts" / "lint"


def lint(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, LINT, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("check", ["ruff", "format", "mypy", "clang-format", "sh", "bash"])
def test_clean(check: str) -> None:
    done = lint(check)
    if done.stdout.startswith(f"{check}: skipped"):
        pytest.skip(done.stdout.strip())
    assert done.returncode == 0, done.stdout + done.stderr


def test_unknown_check_is_named() -> None:
    done = lint("rufff")
    assert done.returncode == 2
    assert "unknown check: rufff; there are ruff, format, mypy, clang-format, sh, bash" in done.stderr
