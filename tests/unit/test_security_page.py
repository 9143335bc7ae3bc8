"""docs/security.md names files that are there, and every test of tests/hostile/."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/security.md").read_text()


def test_what_it_names_is_there() -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)\)", PAGE)
    named = re.findall(r"`((?:tests|testbench)/[\w/.]+)`", PAGE)
    assert links
    assert named
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_hostile_test_holds_a_row() -> None:
    tests = {str(path.relative_to(ROOT)) for path in (ROOT / "tests/hostile").glob("test_*.py")}
    assert {test for test in tests if test not in PAGE} == set()
