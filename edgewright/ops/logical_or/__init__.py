"""LOGICAL_OR: bool, with broadcasting of both sides."""

from __future__ import annotations

from edgewright.ops.families.logical import Logical


class LogicalOr(Logical):
    """a or b."""

    name = "LOGICAL_OR"


OP = LogicalOr()
