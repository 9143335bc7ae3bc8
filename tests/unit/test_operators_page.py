"""docs/operators.md is what the code says."""

from __future__ import annotations

from edgewright.home import home
from edgewright.ops._page import page


def test_page_is_up_to_date() -> None:
    made = "run: python -m edgewright.ops._page > docs/operators.md"
    assert (home() / "docs" / "operators.md").read_text() == page(), made
