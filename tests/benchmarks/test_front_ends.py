"""What [preprocess] costs: the table of docs/models.md is what the command makes."""

from __future__ import annotations

import subprocess

import pytest

from benchmarks import front_ends
from edgewright.home import home

PAGE = home() / "docs" / "models.md"
FEW = ("window", "picture", "mfcc")


@pytest.mark.parametrize("part", FEW)
def test_rows_are_what_the_command_makes(part: str, capsys: pytest.CaptureFixture[str]) -> None:
    version = subprocess.run(["arm-none-eabi-gcc", "-dumpversion"], capture_output=True, text=True, check=True).stdout
    if not version.startswith("12.2"):
        pytest.skip(f"the table is of gcc 12.2, here is {version.strip()}")
    assert front_ends.main(["--only", part]) == 0
    *_, row = capsys.readouterr().out.splitlines()
    assert row.startswith("| ")
    assert f"\n{row}\n" in PAGE.read_text(), "make it anew: python -m benchmarks.front_ends"


def test_every_case_has_a_row() -> None:
    text = PAGE.read_text()
    assert [case.name for case in front_ends.CASES if f"| {case.name} |" not in text] == []
