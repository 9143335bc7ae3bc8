"""What [preprocess] costs: the table of docs/models.md is what the command makes."""

from __future__ import annotations

import subprocess
import sys

import pytest

from edgewright.home import home

PAGE = home() / "docs" / "models.md"
SLOW = pytest.mark.slow
MARK, END = "<!-- python -m benchmarks.front_ends -->", "<!-- end -->"


# the pictures stand for all: each row is built and counted by the same program
@pytest.mark.parametrize("part", [pytest.param("window", marks=SLOW), "picture", pytest.param("mfcc", marks=SLOW)])
def test_rows_are_what_the_command_makes(part: str) -> None:
    version = subprocess.run(["arm-none-eabi-gcc", "-dumpversion"], capture_output=True, text=True, check=True).stdout
    if not version.startswith("12.2"):
        pytest.skip(f"the table is of gcc 12.2, here is {version.strip()}")
    words = [sys.executable, "-m", "benchmarks.front_ends", "--only", part]
    said = subprocess.run(words, cwd=home(), capture_output=True, text=True, check=True).stdout
    *head, row = said.splitlines(keepends=True)
    between = PAGE.read_text().partition(MARK)[2].partition(END)[0]
    assert "".join(head) in between
    assert row in between, "make it anew: python -m benchmarks.front_ends"
