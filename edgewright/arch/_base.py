"""What an architecture is to the build."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field

Cycles = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Instructions(BaseModel, extra="forbid", frozen=True):
    """Cycles by class of instruction, with memory that never waits.

    Attributes:
        load: one register from memory; next_load: when another load or store is just before it.
        store: one register to memory.
        multiple: of an instruction that moves several registers, beside `word` for each of them.
        multiply, multiply_long, divide: multiply_long has a product of 64 bits.
        multiply_accumulate: of a product of 32 bits that is added.
        jump: what a branch that is taken costs more.
        vector: an instruction on vectors; overlap: what it takes less behind one that another unit does.
        pairs: the core starts two instructions in a cycle where neither waits for the other.
        scale: of the whole.
    """

    load: Cycles = 1
    next_load: Cycles = 1
    store: Cycles = 1
    multiple: Cycles = 0
    word: Cycles = 1
    multiply: Cycles = 1
    multiply_accumulate: Cycles = 1
    multiply_long: Cycles = 1
    divide: Cycles = 1
    jump: Cycles = 0
    vector: Cycles = 1
    overlap: Cycles = 0
    pairs: bool = False
    scale: Cycles = 1


@dataclass(frozen=True)
class Instruction:
    """One line of a disassembly."""

    address: int
    size: int
    mnemonic: str
    operands: str
    function: str

    @property
    def end(self) -> int:
        """Address of what follows it."""
        return self.address + self.size


@dataclass(frozen=True)
class Effect:
    """What an instruction does to the stack.

    Attributes:
        grows: bytes that it takes of the stack.
        calls: function that it enters, by a call or a jump; None for none.
        unknown: it enters a function that the code does not name.
    """

    grows: int = 0
    calls: str | None = None
    unknown: bool = False


_CALLED = re.compile(r"<([^>+]+)(?:\+0x[0-9a-f]+)?>")


def called(operands: str) -> str | None:
    """The function that a disassembly names as the target of a jump; None where it names none."""
    found = _CALLED.search(operands)
    return found[1] if found else None


def no_isas(_arch: str, _has_dsp: bool, _has_mve: bool) -> tuple[str, ...]:
    """Of an architecture that runs the portable kernels alone."""
    return ()


@dataclass(frozen=True)
class MathLibrary:
    """A C library that only images with functions of math.h need.

    Attributes:
        name: what a person reads.
        packages: Debian packages that hold it.
        headers: its folder of headers, where Debian puts it.
        specs: its specs file, by which the architecture's compiler finds the library of a core.
        libraries: what the linker is told.
    """

    name: str
    packages: str
    headers: Path
    specs: str
    libraries: tuple[str, ...]

    @property
    def hint(self) -> str:
        """How to get it."""
        return f"apt-get install {self.packages}"


@dataclass(frozen=True)
class Architecture:
    """A processor architecture.

    Attributes:
        name: what a person reads, for instance "Cortex-M".
        arch: names that boards have for it in `core.arch`, as a regular expression.
        spelled: the same for people.
        machine: e_machine of its ELF files.
        tools: prefix of the GNU tools.
        packages: Debian packages that hold compiler and C library.
        clang_target: value of Clang's --target.
        c_library: folder of headers for Clang, relative to the C library's libc.a; None where Clang brings its own.
        math: the library of models that compute in float; None where the compiler's own C library has math.h.
        compile_flags, link_flags, libraries: what the compiler is told beside the board's own flags.
        folder: its folder in firmware/.
        startup: files of that folder that every image holds.
        includes: further folders of headers, relative to firmware/.
        unwind_sections: sections of the image that hold tables of its own.
        timer: name of the interrupt handler that counts time; None where the hardware counts by itself.
        qemu: the emulator's program; qemu_package: where Debian has it; qemu_flags: what it is told beside the board.
        program_counter: the place of an emulated processor in what QEMU's monitor says, as group 1.
        fatal: beginnings of what QEMU says of a processor that cannot go on.
        registers: registers of a fault's report that hold places in the code.
        comment: what begins a comment in a disassembly.
        disassembler: what objdump is told, so that it knows every instruction of these cores.
        effect: reads what an instruction does to the stack.
        cycles: prices code without a jump inside, with the core's costs of instructions.
        isas: instruction sets of kernels that a core runs, best first, without "ref": of its `arch`, DSP, Helium.
        instructions: of an instruction set that needs more than any processor of a PC has, the condition of C's
            preprocessor under which a compiler takes it.
        costs_like: the core whose costs one without a table of its own uses: of its `arch`, DSP, Helium.
        costs: folders with tables of costs, <core>.toml each, beside those of this package.
        thumb: the lowest bit of a function's address says something else than where it lies.
    """

    name: str
    arch: str
    spelled: str
    machine: int
    tools: str
    packages: str
    clang_target: str
    folder: str
    qemu: str
    qemu_package: str
    program_counter: re.Pattern[bytes]
    comment: re.Pattern[str]
    effect: Callable[[str, str], Effect]
    cycles: Callable[[Sequence[Instruction], Instructions], float]
    costs_like: Callable[[str, bool, bool], str]
    isas: Callable[[str, bool, bool], tuple[str, ...]] = no_isas
    startup: tuple[str, ...] = ("startup.c",)
    c_library: str | None = None
    math: MathLibrary | None = None
    compile_flags: tuple[str, ...] = ()
    link_flags: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()
    unwind_sections: tuple[str, ...] = ()
    timer: str | None = None
    qemu_flags: tuple[str, ...] = ()
    fatal: tuple[str, ...] = ()
    registers: tuple[str, ...] = ("pc",)
    instructions: Mapping[str, str] = field(default_factory=dict)
    thumb: bool = False
    disassembler: tuple[str, ...] = ()
    costs: tuple[Path, ...] = ()

    @property
    def cc(self) -> str:
        """Its compiler."""
        return f"{self.tools}gcc"

    @property
    def startup_files(self) -> tuple[str, ...]:
        """What every image holds of firmware/; paths relative to it."""
        return tuple(f"{self.folder}/{name}" for name in self.startup)

    @property
    def hint(self) -> str:
        """How to get its compiler."""
        return f"apt-get install {self.packages}"

    @property
    def qemu_hint(self) -> str:
        """How to get its emulator."""
        return f"apt-get install {self.qemu_package}"

    def place(self, address: int) -> int:
        """Where the code lies that a register with this content names."""
        return address & ~1 if self.thumb else address

    def takes(self, arch: str) -> bool:
        """Whether a core's `arch` is of this architecture."""
        return re.fullmatch(self.arch, arch) is not None
