"""A board file: facts about hardware. The classes below `Board` are the parts of it that one stage reads each."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from edgewright import kinds
from edgewright.sections.section import Section
from edgewright.units import Bytes, Hertz

ADDRESSES = 1 << 32
"""Addresses of 32 bits: as many as there are, and no more."""


class CoreName(Section):
    """Which processor it is."""

    cpu: kinds.Name = Field(description='name of the core as GCC\'s -mcpu takes it, for instance "cortex-m4"')
    arch: kinds.Name = Field(description='instruction set, for instance "aarch64", "armv6-m", "armv7e-m"')


class Instructions(CoreName):
    """The processor, as far as kernels are chosen for it."""

    dsp: bool = Field(default=False, description="has the DSP extension (SMLAD, SXTB16)")
    mve: bool = Field(default=False, description="has Helium, integer at least")


class Cores(Section):
    """How many there are."""

    cores: int = Field(default=1, ge=1, description="how many of them")


class Core(Instructions, Cores):
    """The processor."""

    clock: Hertz = Field(description='clock rate, for instance "120 MHz"')
    fpu: bool = Field(default=False, description="has a floating-point unit")
    dotprod: bool = Field(default=False, description="has the int8 dot product of Armv8.2-A")
    cycle_model: kinds.Name | None = Field(default=None, description="class of the cycle estimate, for instance m4")


class Region(Section):
    """A memory region of a microcontroller."""

    origin: int = Field(ge=0, lt=ADDRESSES, description="address of its first byte")
    size: Bytes = Field(gt=0, le=ADDRESSES, description='its size, for instance "256 KiB"')


class Memory(Section):
    """The memory that the linker script lays out."""

    flash: Region
    ram: Region
    fast: Region | None = Field(
        default=None,
        description="RAM that the core reads without waiting, such as DTCM: what a model reads most goes there first",
        examples=[{"origin": 0x2000_0000, "size": "128 KiB"}],
    )

    @property
    def ram_bytes(self) -> int:
        """All RAM."""
        return self.ram.size + (self.fast.size if self.fast else 0)

    @model_validator(mode="after")
    def _lie_beside_each_other(self) -> Memory:
        regions = (self.flash, self.ram, *((self.fast,) if self.fast else ()))
        ordered = sorted(regions, key=lambda region: region.origin)
        for low, high in pairwise(ordered):
            if low.origin + low.size > high.origin:
                what = "regions" if self.fast else "flash and RAM"
                raise ValueError(f"{what} overlap: what begins at {low.origin:#x} ends behind {high.origin:#x}")
        if ordered[-1].origin + ordered[-1].size > ADDRESSES:
            raise ValueError(f"what begins at {ordered[-1].origin:#x} ends behind the last address of 32 bits")
        return self

    @model_validator(mode="after")
    def _leave_the_guard(self) -> Memory:
        """The stack lies lowest in RAM, and the 64 KiB below it are guarded where the core can do that."""
        if self.fast and self.ram.origin - (1 << 16) < self.fast.origin + self.fast.size <= self.ram.origin:
            raise ValueError("fast lies in the 64 KiB below ram, which guard the stack: let ram begin with fast")
        return self


class Toolchain(Section):
    """How code is built for the board."""

    cc: kinds.Path | None = Field(
        default=None, description="the compiler; left out: the GCC of the core's architecture"
    )
    cpu_flags: list[kinds.Flag] = Field(default=[], description="flags that choose core, FPU and float ABI")


class Emulator(Section):
    """What stands in for the board when there is none."""

    kind: kinds.Name = Field(
        description="the transport that it is: qemu-user (Linux), qemu-phone (Android), qemu-system (microcontrollers)",
    )
    cpu: kinds.Word = Field(description="value of QEMU's -cpu")
    arch: kinds.Name | None = Field(default=None, description="Debian's name of it, for qemu-user: arm64 or armhf")
    machine: kinds.Word | None = Field(default=None, description="value of QEMU's -M")


class Emulated(Section):
    """What stands in for a board."""

    emulator: Emulator | None = Field(default=None, description="what stands in for the board when there is none")


class StandIn(Emulated):
    """What runs a model when this machine has no runtime for it."""

    core: Cores


class Measured(Emulated):
    """What a transport reads of a board."""

    core: Core


class Ported(Emulated):
    """What firmware is built from."""

    description: kinds.Line = Field(description="one line for scons -h")
    core: CoreName
    memory: Memory | None = Field(default=None, description="memory of a microcontroller: without it, it is none")
    port: kinds.Name | None = Field(
        default=None, description="folder in firmware/ports/; without one the model is built and sized, and not run"
    )
    port_config: dict[kinds.Constant, Annotated[int, Field(ge=0, lt=ADDRESSES)]] = Field(
        default={}, description="constants of the port: addresses and rates"
    )
    toolchain: Toolchain = Field(default=Toolchain(), description="how code is built for it")
    uf2_family: int | None = Field(default=None, ge=0, le=0xFFFF_FFFF, description="kind of chip of UF2 files")


class Board(Ported, Measured, StandIn):
    """One board file."""

    core: Core
    os: Literal["linux", "android"] = Field(default="linux", description="what runs on it, if it is no microcontroller")
    ram: Bytes | None = Field(default=None, description="main memory of a Linux-class board")
    flash: dict[str, Any] = Field(default={}, description="tool that programs it, and its options")
    chip: kinds.Name | None = Field(default=None, description='what is printed on it, for instance "STM32L4R5ZIT6"')
    source: kinds.Line | None = Field(default=None, description="where the facts of this file are from")

    @property
    def is_microcontroller(self) -> bool:
        """Whether the board runs firmware of ours and no operating system."""
        return self.memory is not None

    @property
    def device_class(self) -> Literal["microcontroller", "android", "linux"]:
        """What decides how a model gets onto it."""
        return "microcontroller" if self.is_microcontroller else self.os
