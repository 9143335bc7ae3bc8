"""EQUAL: int8 to bool, with broadcasting of both sides; scales below 1."""

from __future__ import annotations

from edgewright.ops.families.compare import Compare


class Equal(Compare):
    """a == b."""

    name = relation = "EQUAL"
    versions = range(1, 5)


OP = Equal()
