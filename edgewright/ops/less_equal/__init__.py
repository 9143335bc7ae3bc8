"""LESS_EQUAL: int8 to bool, with broadcasting of both sides; scales below 1."""

from __future__ import annotations

from edgewright.ops.families.compare import Compare


class LessEqual(Compare):
    """a <= b."""

    name = relation = "LESS_EQUAL"
    versions = range(1, 4)


OP = LessEqual()
