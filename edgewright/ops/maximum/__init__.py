"""MAXIMUM, int8, with broadcasting of both sides. As in TensorFlow Lite Micro scales are taken to be equal."""

from __future__ import annotations

from edgewright.ops.families.extremum import Extremum


class Maximum(Extremum):
    """The greater of two elements."""

    name = "MAXIMUM"


OP = Maximum()
