"""Sizes of an image, from its ELF file."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from edgewright.arch import architecture_of_elf
from edgewright.devices.tools import elf_file

_FLASH = (".boot2", ".vectors", ".text", ".fast_data", ".rodata", ".data")
_INSTALLED = ".installed"
_FAST = (".fast_data", ".fast_bss")
_RAM = (".data", ".bss", *_FAST)
ARENA = "arena"


@dataclass(frozen=True)
class Sizes:
    """Bytes of an image.

    Attributes:
        flash: everything that is programmed, and what the program installs there.
        weights: of that, the model's constant arrays and what they are unpacked to.
        static: variables, without the arena and the stack.
        arena: the model's arena.
        fast: what of them lies in fast RAM.
    """

    flash: int
    weights: int
    static: int
    arena: int
    fast: int

    @property
    def code(self) -> int:
        """Flash without the weights."""
        return self.flash - self.weights


def sizes(elf: Path, weight_names: Collection[str]) -> Sizes:
    """What an image takes of flash and RAM."""
    sections = elf_file.sections(elf)
    programmed = (*_FLASH, *architecture_of_elf(elf).unwind_sections)
    symbols = elf_file.symbols(elf)
    installed = sections[_INSTALLED].size if _INSTALLED in sections else 0
    arena = sum(symbol.size for symbol in symbols if symbol.name == ARENA and symbol.kind in "bB")
    return Sizes(
        flash=sum(sections[name].size for name in programmed if name in sections) + installed,
        weights=installed
        + sum(symbol.size for symbol in symbols if symbol.name in weight_names and symbol.kind in "rRtT"),
        static=sum(sections[name].size for name in _RAM if name in sections) - arena,
        arena=arena,
        fast=sum(sections[name].size for name in _FAST if name in sections),
    )
