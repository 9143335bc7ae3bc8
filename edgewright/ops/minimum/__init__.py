"""MINIMUM, int8, with broadcasting of both sides. As in TensorFlow Lite Micro scales are taken to be equal."""

from __future__ import annotations

from edgewright.ops.families.extremum import Extremum


class Minimum(Extremum):
    """The smaller of two elements."""

    name = "MINIMUM"


OP = Minimum()
