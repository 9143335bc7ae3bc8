"""SELECT_V2: with broadcasting of all three inputs; data of any type."""

from __future__ import annotations

from edgewright.ops.families.select import Select


class SelectV2(Select):
    """The second input where the first holds, else the third."""

    name = "SELECT_V2"
    versions = range(1, 3)


OP = SelectV2()
