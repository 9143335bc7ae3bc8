"""What a pass was asked for in each layer and what it reached there: noted, told where it is less, refused where none.

Every pass that may leave a layer alone says so here, so that nothing is left alone in silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgewright.errors import UserError

if TYPE_CHECKING:
    from edgewright.passes import Context

SKIPPED = "skipped"
"""The reason of a layer that the user named: it need not be told."""


@dataclass(frozen=True)
class Reached:
    """Of one layer. `enough`: whether `reached` is what was asked, up to rounding; `nothing`: nothing was done."""

    asked: float
    reached: float
    enough: bool
    nothing: bool = False


def report(context: Context, where: str, what: str, rows: Mapping[str, Reached]) -> None:
    """Note all rows under "reached", and tell those that fall short.

    Args:
        context: of the pass.
        where: the pass in messages: "pass prune".
        what: the figure: "sparsity".
        rows: by name of the layer.

    Raises:
        UserError: nothing was done to a layer that something was asked for.
    """
    context.note("reached", {name: {"asked": row.asked, "reached": row.reached} for name, row in rows.items()})
    for name, row in rows.items():
        if row.nothing:
            raise UserError(
                f"{where}: layer {name}", f"its {what} did not change", got=row.reached, allowed=f"{row.asked:g}"
            )
        if not row.enough:
            context.say(f"{name}: {what} {row.reached:g}, asked for {row.asked:g}")


def left_alone(context: Context, reasons: Mapping[str, str | None]) -> None:
    """Tell the layers that the pass leaves as they are, but for those that the user named; None: it is treated."""
    for name, reason in reasons.items():
        if reason and reason != SKIPPED:
            context.say(f"{name} is left as it is: {reason}")
