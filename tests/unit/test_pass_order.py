"""Which pass may come after which: what docs/compression.md says is what the passes say.

To write the table anew: `EDGEWRIGHT_REGENERATE=1 pytest tests/unit/test_pass_order.py`, then read what it wrote.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from edgewright.registry import passes

PAGE = Path(__file__).parents[2] / "docs/compression.md"
TABLE = re.compile(
    r"(?<=<!-- order: made by tests/unit/test_pass_order.py -->\n).*?(?=<!-- end of order -->)", re.DOTALL
)
HEAD = "| pass | not after | because |\n|---|---|---|\n"
NAMES = passes.names()

# later, earlier: what would be lost is told in the notes of each pass
SENSELESS = {
    *(("cluster", "latent"), ("latent", "cluster"), ("latent", "latent")),
    *((other, "cluster") for other in ("distill", "fold", "low_rank", "prune", "prune_channels")),
    *((other, "latent") for other in ("distill", "fold", "low_rank", "prune", "prune_channels")),
    *(("low_rank", "prune"), ("prune_channels", "prune")),
}  # fmt: skip
RECOMMENDED = ("prune_channels", "low_rank", "distill", "fold", "prune", "latent")


def faults(later: str, earlier: str) -> list[str]:
    """What `later` says to standing after `earlier`, both with the options that they have by default."""
    module = passes.load(later)
    before = [(earlier, passes.load(earlier).OPTIONS())]
    check_order = getattr(module, "check_order", None)
    return (
        [str(error) for error in check_order(module.OPTIONS(), before, "targets/t.toml:3: compress[1]")]
        if check_order
        else []
    )


def table() -> str:
    rows = []
    for later in NAMES:
        told = {earlier: faults(later, earlier) for earlier in NAMES}
        for earlier, errors in told.items():
            rows += [f"| `{later}` | `{earlier}` | {reason(error)} |\n" for error in errors]
    return HEAD + "".join(rows)


def reason(error: str) -> str:
    found = re.search(r"may not come after '\w+': (.*)", error)
    assert found, error
    return found[1]


def test_the_table_says_what_the_passes_say() -> None:
    page = PAGE.read_text(encoding="utf-8")
    (written,) = TABLE.findall(page)
    if os.environ.get("EDGEWRIGHT_REGENERATE"):
        PAGE.write_text(page.replace(written, table()), encoding="utf-8")
    assert TABLE.findall(PAGE.read_text(encoding="utf-8")) == [table()]


@pytest.mark.parametrize(("later", "earlier"), sorted(SENSELESS))
def test_senseless_orders_are_refused(later: str, earlier: str) -> None:
    (error,) = faults(later, earlier)
    assert error.startswith(f"targets/t.toml:3: compress[1].pass: '{later}' may not come after '{earlier}': ")
    assert (
        error.endswith((f"\n  hint: move the entry before '{earlier}'", "\n  hint: take one of the two"))
        or later == earlier
    )


def test_the_recommended_order_is_refused_nowhere() -> None:
    for index, later in enumerate(RECOMMENDED):
        for earlier in RECOMMENDED[:index]:
            assert faults(later, earlier) == [], (later, earlier)


def test_every_pass_has_its_section() -> None:
    page = PAGE.read_text(encoding="utf-8")
    sections = re.findall(r"^## `?(\w+)`?$", page, re.MULTILINE)
    assert [name for name in NAMES if name not in sections] == []


def test_a_pass_twice_in_a_row_is_a_pass_taken_further() -> None:
    for name in ("distill", "fold", "low_rank", "prune", "prune_channels"):
        assert faults(name, name) == []
