"""What firmware/ports/<port>/port.toml says of a port."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from edgewright import kinds
from edgewright.sections.section import Section

PATTERN = kinds.Kind("letters, digits and _ . + - * ?", r"[A-Za-z0-9_.+*?-]+", example="STM32F4*")
"""Names with * for any letters and ? for one."""

Pattern = Annotated[str, PATTERN]


class Port(Section):
    """A port: for which chips and cores it is, and what it reads of a board's file."""

    description: kinds.Line = Field(description="one line on it", examples=["STM32F4: USART2 on PA2 and PA3"])
    arch: list[Pattern] = Field(min_length=1, description="the `core.arch` that it runs on", examples=[["armv7e-m"]])
    chips: list[Pattern] = Field(default=[], description="chips that it is for; none: for boards that are emulated")
    config: list[kinds.Constant] = Field(default=[], description="keys of `[port_config]` that it needs")
    allowed: dict[kinds.Constant, list[int]] = Field(
        default={}, description="the values of those of them that are a choice", examples=[{"uart": [1, 2]}]
    )

    @property
    def what(self) -> str:
        """What it is for."""
        return ", ".join(self.chips or self.arch)
