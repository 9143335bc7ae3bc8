"""EXPAND_DIMS: a dimension of 1 is added; no code is made for it."""

from __future__ import annotations

from edgewright.ops.reshape import Reshape


class ExpandDims(Reshape):
    """The output's shape stands in the file."""

    name = "EXPAND_DIMS"
    versions = range(1, 2)
    inputs = range(2, 3)


OP = ExpandDims()
