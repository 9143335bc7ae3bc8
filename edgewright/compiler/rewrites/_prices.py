"""What rewrites weigh that trade memory for time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from edgewright.tflite.graph import View


@dataclass(frozen=True)
class Prices:
    """Prices in cycles.

    Attributes:
        node: of a node, run by the kernel that is best for it: its cycles, and its bytes at their rate.
        byte: of a byte of memory.
    """

    node: Callable[[View], float]
    byte: float
