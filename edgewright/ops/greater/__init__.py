"""GREATER: int8 to bool, with broadcasting of both sides; scales below 1."""

from __future__ import annotations

from edgewright.ops.base import Op
from edgewright.ops.families.compare import Compare
from edgewright.ops.families.whole import NUMERIC, CompareTyped


class Greater(Compare):
    """a > b."""

    name = relation = "GREATER"
    versions = range(1, 4)


OP = Greater()
TYPED: tuple[Op, ...] = (CompareTyped("GREATER", range(1, 4), *NUMERIC),)
