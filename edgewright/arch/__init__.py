"""Processor architectures of microcontrollers: all that the build knows of one, in one module each.

A board file says `core.arch`; the architecture that takes that name brings the cross compiler, the firmware's start-up,
the emulator, and how its code is read. `edgewright.arch.riscv` is the shorter of the two to read; a new one is a module
beside it, a folder in firmware/ with its start-up, and its ports.
"""

from __future__ import annotations

from edgewright.arch._base import Architecture, Effect, Instruction, Instructions, MathLibrary
from edgewright.arch._costs import TABLES, Costs, costs_of, foreign_tables, instructions_of
from edgewright.arch._find import architecture_of, architecture_of_elf, architectures

__all__ = [
    "TABLES",
    "Architecture",
    "Costs",
    "Effect",
    "Instruction",
    "Instructions",
    "MathLibrary",
    "architecture_of",
    "architecture_of_elf",
    "architectures",
    "costs_of",
    "foreign_tables",
    "instructions_of",
]
