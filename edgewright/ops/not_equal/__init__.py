"""NOT_EQUAL: int8 to bool, with broadcasting of both sides; scales below 1."""

from __future__ import annotations

from edgewright.ops.families.compare import Compare


class NotEqual(Compare):
    """a != b."""

    name = relation = "NOT_EQUAL"
    versions = range(1, 5)


OP = NotEqual()
