"""What files of a chip's vendor tell of it, and which of their names means the same chip."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

LARGEST = 1 << 26
"""Bytes of a file that is read: the largest of the vendors' have a quarter of it."""


@dataclass(frozen=True)
class Place:
    """A piece of memory."""

    name: str
    origin: int
    size: int


@dataclass(frozen=True)
class Uart:
    """A serial interface: its address, and the offsets of its registers by their names in C."""

    name: str
    base: int
    registers: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Facts:
    """What is known of a chip; None where nothing tells it.

    Attributes:
        names: of the chip, where the files call it otherwise than the user.
        cpu: core as GCC calls it.
        fpu: "", "sp" or "dp", single or double precision.
        dsp, mve: whether it has these instructions.
        clock_hz: of the core, at most.
        flash, ram, fast: regions of memory; `fast` is RAM without waiting beside `ram`.
        others: further memory.
        uarts: serial interfaces.
        sources: where all of it is from.
    """

    names: tuple[str, ...] = ()
    cpu: str | None = None
    fpu: str | None = None
    dsp: bool | None = None
    mve: bool | None = None
    clock_hz: int | None = None
    flash: Place | None = None
    ram: Place | None = None
    fast: Place | None = None
    others: tuple[Place, ...] = ()
    uarts: tuple[Uart, ...] = ()
    sources: tuple[str, ...] = ()

    def completed(self, other: Facts) -> Facts:
        """These, with what the other knows where they say nothing; sources of both."""
        names = (each.name for each in fields(self) if each.name != "sources")
        missing = {name: getattr(other, name) for name in names if getattr(self, name) in (None, ())}
        return replace(self, **missing, sources=(*self.sources, *other.sources))


def fits(chip: str, name: str) -> bool:
    """Whether a name of a vendor's file means a chip.

    Files say STM32F411RETx and nRF52840_xxAA, where an x is any letter, or a family like STM32F411; people what is
    printed on the chip, or its first part. Marks between letters do not count.
    """
    ours, theirs = _bare(chip).upper(), _bare(name)
    size = min(len(ours), len(theirs))
    return size > 0 and all(b == "x" or a == b.upper() for a, b in zip(ours[:size], theirs[:size], strict=True))


def _bare(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", name)


def best(chip: str, names: Sequence[str]) -> list[str]:
    """Those of the names that mean the chip, and no other that says more of it."""
    fitting = [name for name in names if fits(chip, name)]
    same = [name for name in fitting if _bare(name).upper() == _bare(chip).upper()]
    if same:
        return same[:1]
    whole = [name for name in fitting if len(_bare(name)) <= len(_bare(chip))]
    most = max((len(_bare(name)) for name in whole), default=0)
    return [name for name in whole if len(_bare(name)) == most] or fitting
