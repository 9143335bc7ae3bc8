"""Rules of order that several passes share: what may not stand before a pass, because the pass would undo it.

def check_order(options, before, where):
    return not_after("distill", MAKES_CODES, before, where)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from edgewright.errors import UserError

ON_A_GRID: Mapping[str, str] = {
    "cluster": "its training moves the weights off the few values that {before} gave them",
    "latent": "its training moves the weights off the codes that {before} stores",
}
"""Passes whose weights have few values, and why no training may come after them."""


def not_after(name: str, reasons: Mapping[str, str], before: Sequence[tuple[str, Any]], where: str) -> list[UserError]:
    """A fault for each pass in `before` that the pass `name` would undo.

    Args:
        name: the pass that is asked.
        reasons: by name of an earlier pass what would be lost; "{before}" stands for that name.
        before: the entries before it, (name, options) in order.
        where: place of the entry: "targets/rpi.toml:12: compress[1]".
    """
    earlier = dict.fromkeys(other for other, _ in before if other in reasons)
    return [
        UserError(
            f"{where}.pass",
            f"{name!r} may not come after {other!r}: {reasons[other].format(before=other)}",
            hint=f"move the entry before {other!r}",
        )
        for other in earlier
    ]
