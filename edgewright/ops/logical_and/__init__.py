"""LOGICAL_AND: bool, with broadcasting of both sides."""

from __future__ import annotations

from edgewright.ops.families.logical import Logical


class LogicalAnd(Logical):
    """a and b."""

    name = "LOGICAL_AND"


OP = LogicalAnd()
