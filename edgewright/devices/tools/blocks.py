"""The record of the QEMU plugin that says which code ran how often (see blockcount.c)."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from edgewright.arch import architecture_of_elf
from edgewright.devices.tools import device_cache, elf_file
from edgewright.devices.tools.run import need, run_tool
from edgewright.errors import DeviceError
from edgewright.files import sha256_file

SOURCE = Path(__file__).with_name("blockcount.c")
HOOK, CALLER = "ew_profile_layer", "ew_glue_run_{}"
_FLAGS = ("-std=c99", "-O2", "-shared", "-fPIC")


@dataclass(frozen=True)
class Block:
    """Code without a jump inside: its first address, and how many instructions follow from there."""

    address: int
    instructions: int


@dataclass
class Interval:
    """The code that ran from one mark to the next.

    Attributes:
        entries: how often each block was entered.
        jumps: how many of the entries were jumps, not the code before going on.
    """

    entries: Counter[Block] = field(default_factory=Counter)
    jumps: Counter[Block] = field(default_factory=Counter)


@dataclass(frozen=True)
class Region:
    """One inference: an interval for each layer, and what ran after the last one."""

    layers: tuple[Interval, ...]
    rest: Interval


def ensure_plugin() -> Path:
    """The built plugin in the cache; ToolError when there is no gcc."""
    recipe = {"source": sha256_file(SOURCE), "machine": os.uname().machine, "flags": list(_FLAGS)}
    return device_cache.ensure("blockcount", recipe, _build) / "blockcount.so"


def _build(folder: Path) -> None:
    need("gcc", "apt-get install gcc libc6-dev")
    run_tool("building the block counter", ["gcc", *_FLAGS, "-o", str(folder / "blockcount.so"), str(SOURCE)], 60.0)


def arguments(elf: Path, model: str, regions: int, record: str) -> str:
    """The plugin's arguments for a firmware whose model is called `model`."""
    by_name = {symbol.name: symbol for symbol in elf_file.symbols(elf)}
    timer = architecture_of_elf(elf).timer
    names = (f"{model}_invoke", CALLER.format(model), HOOK, *((timer,) if timer else ()))
    wanted = {name: by_name.get(name) for name in names}
    for name, symbol in wanted.items():
        if symbol is None:
            raise DeviceError(f"{elf}: has no function {name}: it is no firmware of Edgewright's")
    start, stop, hook, *interrupts = (symbol for symbol in wanted.values() if symbol)
    skips = "".join(f",skip={symbol.address:x}-{symbol.end:x}" for symbol in (hook, *interrupts))
    return (
        f"out={record},regions={regions},start={start.address:x},stop={stop.address:x}-{stop.end:x}"
        f",mark={hook.address:x}{skips}"
    )


def read_regions(record: str) -> list[Region]:
    """All whole regions of a record.

    Raises:
        DeviceError: the text is no such record.
    """
    try:
        return list(_regions(record))
    except ValueError:
        raise DeviceError(f"the block counter wrote no record of blocks: {record[:80]!r}") from None


def _regions(record: str) -> Iterator[Region]:
    layers: list[Interval] = []
    interval = Interval()
    for line in record.splitlines():
        if line == "m":
            layers.append(interval)
            interval = Interval()
        elif line == "e":
            yield Region(tuple(layers), interval)
            layers, interval = [], Interval()
        else:
            _add(interval, line)


def _add(interval: Interval, line: str) -> None:
    kind, address, instructions, entries, jumps = line.split()
    if kind != "b":
        raise ValueError(line)
    block = Block(int(address, 16), int(instructions))
    interval.entries[block] += int(entries)
    interval.jumps[block] += int(jumps)
