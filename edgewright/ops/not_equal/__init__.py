"""NOT_EQUAL: int8 to bool, with broadcasting of both sides; scales below 1."""

from __future__ import annotations

from edgewright.ops.base import Op
from edgewright.ops.families.compare import Compare
from edgewright.ops.families.whole import NUMERIC, CompareTyped


class NotEqual(Compare):
    """a != b."""

    name = relation = "NOT_EQUAL"
    versions = range(1, 5)


OP = NotEqual()
TYPED: tuple[Op, ...] = (CompareTyped("NOT_EQUAL", range(1, 5), "bool", *NUMERIC),)
