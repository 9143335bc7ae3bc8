"""Which architecture a core, or an ELF file, is of."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from edgewright import registry
from edgewright.arch._base import Architecture
from edgewright.errors import ToolError, UserError


@cache
def architectures() -> tuple[Architecture, ...]:
    """All of them, by name."""
    modules = [registry.architectures.load(name) for name in registry.architectures.names()]
    return tuple(module.ARCHITECTURE for module in modules)


def architecture_of(arch: str) -> Architecture:
    """The architecture of a core whose board file says `core.arch = arch`; UserError when there is none."""
    for architecture in architectures():
        if architecture.takes(arch):
            return architecture
    allowed = [each.spelled for each in architectures()]
    raise UserError("core.arch of the board", "no architecture of a microcontroller", got=arch, allowed=allowed)


def architecture_of_elf(elf: Path) -> Architecture:
    """The architecture of a firmware; ToolError when the file is no ELF file of one that is known."""
    with elf.open("rb") as file:
        head = file.read(20)
    machine = int.from_bytes(head[18:20], "little") if head[:4] == b"\x7fELF" else None
    for architecture in architectures():
        if architecture.machine == machine:
            return architecture
    raise ToolError(f"{elf}: no firmware for a known architecture (ELF machine {machine})")
