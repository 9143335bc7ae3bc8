"""`[firmware]` of a target."""

from __future__ import annotations

from pydantic import Field

from edgewright import kinds
from edgewright.sections.section import Section
from edgewright.units import Bytes


class Firmware(Section):
    """How firmware is built (runtime aot)."""

    cc: kinds.Path | None = Field(default=None, description="the C compiler, in place of the board's")
    stack: Bytes = Field(default=8192, gt=0, description="stack that the linker script keeps free")
    protocol_name: kinds.Name | None = Field(
        default=None, description="name of the model that the harness tells; left out: its own"
    )
