"""RAM that there is beside what raw weights need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from edgewright.tflite.graph import View


@dataclass(frozen=True)
class Headroom:
    """RAM that layers may take for weights that are not raw.

    Attributes:
        layers: by id of the node, bytes that a layer may need more while it runs; any number where it is not named.
        startup: bytes that all layers together may unpack at start-up.
    """

    layers: Mapping[int, float] = field(default_factory=dict)
    startup: float = 0

    def of(self, view: View) -> float:
        """Of a layer."""
        return self.layers.get(id(view.node), float("inf"))

    def less(self, count: float) -> Headroom:
        """So many bytes less, down to none."""
        layers = {node: max(room - count, 0) for node, room in self.layers.items()}
        return Headroom(layers, max(self.startup - count, 0))
