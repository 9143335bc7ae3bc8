"""ARG_MAX: int8 to int32, or to int64 as LiteRT has it, along any dimension."""

from __future__ import annotations

from edgewright.ops.base import Op
from edgewright.ops.families.arg import Arg, ArgTyped, ArgWhole


class ArgMax(Arg):
    """The place of the greatest element."""

    name = "ARG_MAX"


OP = ArgMax()
TYPED: tuple[Op, ...] = (ArgTyped("ARG_MAX"), ArgWhole("ARG_MAX"))
