"""docs/operators.md is what the code says."""

from __future__ import annotations

from edgewright import ops
from edgewright.home import home
from edgewright.ops.page import NOT_RUN, page


def test_page_is_up_to_date() -> None:
    made = "run: python -m edgewright.ops.page > docs/operators.md"
    assert (home() / "docs" / "operators.md").read_text() == page(), made


def test_what_is_missing_is_missing() -> None:
    for names, (types, _) in NOT_RUN.items():
        for name in names:
            op = ops.find(name)
            taken = {*ops.others(name), *(op.dtypes if op else ())}
            assert not taken & set(types.split(", ")), name
