"""LESS: int8 to bool, with broadcasting of both sides; scales below 1."""

from __future__ import annotations

from edgewright.ops.families.compare import Compare


class Less(Compare):
    """a < b."""

    name = relation = "LESS"
    versions = range(1, 4)


OP = Less()
