"""SQUEEZE: dimensions of 1 are dropped; no code is made for it."""

from __future__ import annotations

from edgewright.ops.reshape import Reshape


class Squeeze(Reshape):
    """The output's shape stands in the file."""

    name = "SQUEEZE"
    versions = range(1, 3)
    inputs = range(1, 2)


OP = Squeeze()
