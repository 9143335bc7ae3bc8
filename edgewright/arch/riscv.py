"""RISC-V, 32 bits, with the portable kernels.

Debian's compiler comes without a C library; firmware/riscv/libc has the functions of string.h that kernels call.
Functions of math.h, which some float operators call, are picolibc's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from edgewright.arch._base import Architecture, Effect, Instruction, Instructions, MathLibrary, called

_ADJUSTED = re.compile(r"^sp,\s*sp,\s*-(\d+)$")
_CALLS = frozenset({"jal", "j", "call", "tail", "jalr", "jr"})


def effect(mnemonic: str, operands: str) -> Effect:
    """What an instruction does to the stack; `ret` is no call, a jump within a function names itself."""
    if mnemonic in _CALLS:
        target = called(operands)
        return Effect(calls=target, unknown=target is None)
    adjusted = _ADJUSTED.match(operands) if mnemonic in {"addi", "add"} else None
    return Effect(grows=int(adjusted[1]) if adjusted else 0)


_LOADS = frozenset({"lb", "lbu", "lh", "lhu", "lw", "flw"})
_STORES = frozenset({"sb", "sh", "sw", "fsw"})


def cycles(code: Sequence[Instruction], costs: Instructions) -> float:
    """Of code without a jump inside."""
    before = ["", *(instruction.mnemonic for instruction in code)]
    return sum(_cycles(instruction, behind, costs) for instruction, behind in zip(code, before, strict=False))


def _cycles(instruction: Instruction, before: str, costs: Instructions) -> float:
    name = instruction.mnemonic.removeprefix("c.")
    if name in _LOADS:
        return costs.next_load if before.removeprefix("c.") in _LOADS | _STORES else costs.load
    if name in _STORES:
        return costs.store
    if name.startswith("mulh"):
        return costs.multiply_long
    if name.startswith("mul"):
        return costs.multiply
    return costs.divide if name.startswith(("div", "rem")) else 1


ARCHITECTURE = Architecture(
    name="RISC-V",
    arch=r"rv32i[a-z]*(?:_z[a-z0-9]+)*",
    spelled="rv32i and its extensions (rv32imc)",
    machine=243,
    tools="riscv64-unknown-elf-",
    packages="gcc-riscv64-unknown-elf",
    clang_target="riscv32-unknown-elf",
    math=MathLibrary(
        name="picolibc",
        packages="picolibc-riscv64-unknown-elf",
        headers=Path("/usr/lib/picolibc/riscv64-unknown-elf/include"),
        specs="picolibc.specs",
        libraries=("-lc",),
    ),
    folder="riscv",
    startup=("startup.c", "libc/string.c"),
    includes=("riscv/libc",),
    compile_flags=("-msmall-data-limit=0",),
    link_flags=("-nostdlib",),
    libraries=("-lgcc",),
    qemu="qemu-system-riscv32",
    qemu_package="qemu-system-misc",
    qemu_flags=("-bios", "none"),
    program_counter=re.compile(rb"\bpc\s+([0-9a-f]{8})"),
    registers=("pc", "ra"),
    comment=re.compile("#(?! [0-9a-f]+ <)"),
    effect=effect,
    cycles=cycles,
    costs_like=lambda _arch, _has_dsp, _has_mve: "rv32imc",
)
