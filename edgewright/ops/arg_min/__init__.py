"""ARG_MIN: int8 to int32, or to int64 as LiteRT has it, along any dimension."""

from __future__ import annotations

from edgewright.ops.base import Op
from edgewright.ops.families.arg import Arg, ArgTyped, ArgWhole


class ArgMin(Arg):
    """The place of the least element."""

    name = "ARG_MIN"


OP = ArgMin()
TYPED: tuple[Op, ...] = (ArgTyped("ARG_MIN"), ArgWhole("ARG_MIN"))
