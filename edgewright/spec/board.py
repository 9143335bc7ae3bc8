"""Boards: facts about hardware, one TOML file each in targets/boards/."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from edgewright.spec._validate import Section
from edgewright.units import Bytes, Hertz


class Core(Section):
    """The processor."""

    cpu: str = Field(description='name of the core as GCC\'s -mcpu takes it, for instance "cortex-m4"')
    arch: str = Field(description='instruction set, for instance "aarch64", "armv6-m", "armv7e-m"')
    clock: Hertz = Field(description='clock rate, for instance "120 MHz"')
    cores: int = Field(default=1, ge=1, description="how many of them")
    fpu: bool = Field(default=False, description="has a floating-point unit")
    dsp: bool = Field(default=False, description="has the DSP extension (SMLAD, SXTB16)")
    mve: bool = Field(default=False, description="has Helium, integer at least")
    dotprod: bool = Field(default=False, description="has the int8 dot product of Armv8.2-A")
    cycle_model: str | None = Field(default=None, description="class of the cycle estimate, for instance m4")


class Region(Section):
    """A memory region of a microcontroller."""

    origin: int = Field(ge=0, description="address of its first byte")
    size: Bytes = Field(description='its size, for instance "256 KiB"')


class Memory(Section):
    """The memory that the linker script lays out."""

    flash: Region
    ram: Region


class Toolchain(Section):
    """How code is built for the board."""

    cc: str | None = Field(default=None, description="the compiler; None: the GCC of the core's architecture")
    cpu_flags: list[str] = Field(default=[], description="flags that choose core, FPU and float ABI")


class Emulator(Section):
    """What stands in for the board when there is none."""

    kind: Literal["qemu-user", "qemu-phone", "qemu-system"] = Field(
        description="qemu-user (Linux), qemu-phone (Android) or qemu-system (microcontrollers)"
    )
    cpu: str = Field(description="value of QEMU's -cpu")
    arch: str | None = Field(default=None, description="Debian's name of it, for qemu-user: arm64 or armhf")
    machine: str | None = Field(default=None, description="value of QEMU's -M")


class Board(Section):
    """One board file."""

    description: str = Field(description="one line for scons -h")
    core: Core
    os: Literal["linux", "android"] = Field(default="linux", description="what runs on it, if it is no microcontroller")
    ram: Bytes | None = Field(default=None, description="main memory of a Linux-class board")
    memory: Memory | None = None
    port: str | None = Field(default=None, description="folder in firmware/ports/")
    port_config: dict[str, int] = Field(default={}, description="constants of the port: addresses and rates")
    toolchain: Toolchain | None = None
    emulator: Emulator | None = None
    flash: dict[str, Any] = Field(default={}, description="tool that programs it, and its options")
    uf2_family: int | None = Field(default=None, ge=0, le=0xFFFF_FFFF, description="kind of chip of UF2 files")

    @property
    def is_microcontroller(self) -> bool:
        """Whether the board runs firmware of ours and no operating system."""
        return self.memory is not None

    @property
    def device_class(self) -> Literal["microcontroller", "android", "linux"]:
        """What decides how a model gets onto it."""
        return "microcontroller" if self.is_microcontroller else self.os
