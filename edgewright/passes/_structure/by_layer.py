"""How many channels layers are left with that are named, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgewright.errors import UserError, did_you_mean

if TYPE_CHECKING:
    from edgewright.passes._structure.model import Structure

Layers = tuple[str, ...]


@dataclass(frozen=True)
class Width:
    """Channels that some layers make together, before the first cut and after the last."""

    before: int
    after: int

    def at(self, step: int, steps: int, multiple_of: int) -> int:
        """After a step, from 1: each takes the same share of what the one before it left."""
        exact = self.before * (self.after / self.before) ** (step / steps)
        return self.after if step == steps else max(self.after, min(self.before, _rounded(exact, multiple_of)))


def widths(found: Structure, shares: Mapping[str, float], multiple_of: int, least: int) -> dict[Layers, Width]:
    """The layers that make channels together, where one of them is named.

    Args:
        found: the model before the first cut.
        shares: of its channels that a layer keeps, by name; of layers that are tied together the largest counts.
        multiple_of: a layer that loses channels is left with a multiple of it.
        least: and with so many at least.

    Raises:
        UserError: a layer that is not there, or whose channels cannot go.
    """
    known = list(names(found))
    for name in shares:
        if not any(name in layers for layers in found.groups):
            hint = did_you_mean(name, known)
            raise UserError(
                "pass prune_channels: layers", "no layer whose channels can go", got=name, allowed=known, hint=hint
            )
    asked = {layers: [shares[name] for name in layers if name in shares] for layers in found.groups}
    return {
        layers: Width(len(units), _left(len(units), max(asked[layers]), multiple_of, least))
        for layers, units in found.groups.items()
        if asked[layers]
    }


def names(found: Structure) -> dict[str, Layers]:
    """The first of each group of layers that make channels together, and the group."""
    return {layers[0]: layers for layers in found.groups}


def _left(before: int, share: float, multiple_of: int, least: int) -> int:
    return before if share >= 1 else min(before, max(least, _rounded(before * share, multiple_of)))


def _rounded(channels: float, multiple_of: int) -> int:
    return max(1, round(channels / multiple_of)) * multiple_of
