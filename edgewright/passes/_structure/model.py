"""What a walk through a model finds out about its channels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from edgewright.passes._structure.units import FROZEN, Ids


@dataclass(frozen=True)
class Weight:
    """One array of a layer and the channels along its axes.

    Attributes:
        layer: name of the layer.
        index: number of the array in `layer.get_weights()`.
        variable: the array itself.
        axes: axis -> root of the unit of each place along it; axes that are not here belong to no channel.
        reads: the axis that a channel coming in is multiplied along, None where a layer only passes channels on.
        makes: the axis of the channels that the layer makes, None where it makes none.
        places: multiply-accumulates of each weight in one inference; 0 for what is no kernel.
        role: "kernel", "bias", "gamma" or "other".
    """

    layer: str
    index: int
    variable: Any
    axes: Mapping[int, Ids]
    reads: int | None = None
    makes: int | None = None
    places: int = 0
    role: str = "other"

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the array."""
        return tuple(self.variable.shape)


@dataclass(frozen=True)
class Setting:
    """A key of a layer's config that follows its channels: their number, behind `before` where the key is a shape."""

    layer: str
    key: str
    channels: Ids
    before: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Blocker:
    """A layer that cannot be seen through, and why: what it touches keeps its channels."""

    layer: str
    reason: str


@dataclass(frozen=True)
class Structure:
    """The channels of a model; a unit is known by its root.

    Attributes:
        weights: all arrays of all layers that the rules know, in the order of the graph.
        other_weights, other_macs: of all other layers, which stay as they are.
        settings: what a layer's config says about its number of channels.
        blockers: what could not be seen through.
        ids: number of ids that were made: roots are below it.
    """

    weights: tuple[Weight, ...]
    other_weights: int
    other_macs: int
    settings: tuple[Setting, ...]
    blockers: tuple[Blocker, ...]
    ids: int

    @cached_property
    def makers(self) -> dict[int, tuple[str, ...]]:
        """Units that may go -> the layers that make their channels, in the order of the graph."""
        found: dict[int, list[str]] = {}
        for weight in self.weights:
            if weight.makes is not None and weight.role == "kernel":
                for root in sorted({int(one) for one in weight.axes[weight.makes]} - {FROZEN}):
                    found.setdefault(root, []).append(weight.layer)
        return {root: tuple(dict.fromkeys(layers)) for root, layers in found.items()}

    @cached_property
    def groups(self) -> dict[tuple[str, ...], list[int]]:
        """The layers that make the same units together -> those units."""
        found: dict[tuple[str, ...], list[int]] = {}
        for root, layers in self.makers.items():
            found.setdefault(layers, []).append(root)
        return found
