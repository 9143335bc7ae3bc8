"""Arm Cortex-M: Armv6-M to Armv8.1-M."""

from __future__ import annotations

import re
from collections.abc import Sequence

from edgewright.arch import _dual_issue
from edgewright.arch._base import Architecture, Effect, Instruction, Instructions, called

_IMMEDIATE = re.compile(r"^sp,\s*(?:sp,\s*)?#(\d+)")
_LISTED = re.compile(r"\{([^}]*)\}")


def effect(mnemonic: str, operands: str) -> Effect:
    """What an instruction does to the stack."""
    if mnemonic == "blx" and "<" not in operands:
        return Effect(unknown=True)
    return Effect(grows=_grows(mnemonic, operands), calls=called(operands) if mnemonic.startswith("b") else None)


def _grows(mnemonic: str, operands: str) -> int:
    if mnemonic.startswith(("push", "vpush", "stmdb")):
        wide = 8 if mnemonic.startswith("vpush") else 4
        return wide * register_count(operands) if "sp!" in operands or "push" in mnemonic else 0
    immediate = _IMMEDIATE.match(operands) if mnemonic.startswith("sub") else None
    return int(immediate[1]) if immediate else 0


def register_count(operands: str) -> int:
    """How many registers a list like "{r4, r6-r8}" names; 0 without a list."""
    listed = _LISTED.search(operands)
    count = 0
    for part in listed[1].split(",") if listed else []:
        first, dash, last = part.strip().partition("-")
        count += int(last.lstrip("rsd")) - int(first.lstrip("rsd")) + 1 if dash else 1
    return count


_LONG = ("smull", "umull", "smlal", "umlal", "smmul", "smmla", "smmls")
_ACCUMULATE = ("mla", "mls")
_MULTIPLE = ("ldm", "stm", "push", "pop", "vldm", "vstm", "vpush", "vpop")
_DOUBLE = ("ldrd", "strd")


def cycles(code: Sequence[Instruction], costs: Instructions) -> float:
    """Of code without a jump inside."""
    if costs.pairs:
        return _dual_issue.cycles(code, lambda instruction, before: _cycles(instruction, before, costs))
    before = ["", *(instruction.mnemonic for instruction in code)]
    return sum(_cycles(instruction, behind, costs) for instruction, behind in zip(code, before, strict=False))


def _cycles(instruction: Instruction, before: str, costs: Instructions) -> float:
    name = instruction.mnemonic
    if name.startswith(_MULTIPLE):
        return costs.multiple + costs.word * register_count(instruction.operands)
    if name.startswith(_DOUBLE):
        return costs.multiple + costs.word * 2
    if name.startswith("str"):
        return costs.store
    if name.startswith("ldr"):
        return costs.next_load if before.startswith(("ldr", "str")) else costs.load
    if name.startswith("v"):
        return costs.vector - (costs.overlap if _overlaps(before, name) else 0)
    return _arithmetic(name, costs)


_VECTOR_MEMORY = ("vld", "vst")
_VECTOR_PRODUCTS = ("vmul", "vmla", "vmls", "vqdmul", "vqrdmul", "vrmul", "vfma", "vrmlal")


def _overlaps(before: str, name: str) -> bool:
    """Whether an instruction of Helium begins while the one before it ends: each unit does half a vector a cycle."""
    return before.startswith("v") and _vector_unit(before) != _vector_unit(name)


def _vector_unit(name: str) -> str:
    return "memory" if name.startswith(_VECTOR_MEMORY) else "product" if name.startswith(_VECTOR_PRODUCTS) else "other"


def _arithmetic(name: str, costs: Instructions) -> float:
    if name.startswith(_LONG):
        return costs.multiply_long
    if name.startswith(_ACCUMULATE):
        return costs.multiply_accumulate
    if name.startswith("mul"):
        return costs.multiply
    if name.startswith(("sdiv", "udiv")):
        return costs.divide
    return 1


def costs_like(arch: str, has_dsp: bool, has_mve: bool) -> str:
    """The core whose costs one of these instructions uses when it has no table of its own."""
    if has_mve:
        return "cortex-m55"
    if has_dsp:
        return "cortex-m4" if arch == "armv7e-m" else "cortex-m33"
    return {"armv6-m": "cortex-m0", "armv8-m.base": "cortex-m0"}.get(arch, "cortex-m3")


def isas(arch: str, has_dsp: bool, has_mve: bool) -> tuple[str, ...]:
    """Instruction sets of a core, best first."""
    found = [name for name, has in (("mve", has_mve), ("dsp", has_dsp)) if has]
    return (*found, *{"armv6-m": ("m0",), "armv7-m": ("m3",)}.get(arch, ()))


_DSP = "defined(__ARM_FEATURE_DSP) && defined(__thumb2__)"
INSTRUCTIONS = {
    "mve": "defined(__ARM_FEATURE_MVE)",
    "dsp": _DSP,
    "m3": "defined(__thumb2__)",
    "m0": "defined(__thumb__)",
}

ARCHITECTURE = Architecture(
    name="Arm Cortex-M",
    arch=r"armv6-m|armv7-m|armv7e-m|armv8-m\.base|armv8-m\.main|armv8\.1-m\.main",
    spelled="armv6-m, armv7-m, armv7e-m, armv8-m.base, armv8-m.main, armv8.1-m.main",
    machine=40,
    tools="arm-none-eabi-",
    packages="gcc-arm-none-eabi libnewlib-arm-none-eabi",
    clang_target="arm-none-eabi",
    c_library="../../include",
    folder="cortexm",
    link_flags=("--specs=nano.specs",),
    libraries=("-lm",),
    unwind_sections=(".ARM.exidx",),
    timer="ew_systick_handler",
    qemu="qemu-system-arm",
    qemu_package="qemu-system-arm",
    program_counter=re.compile(rb"R15=([0-9a-f]{8})"),
    fatal=("R15=",),
    registers=("pc", "lr"),
    comment=re.compile("[@;]"),
    # older cores lose nothing by it; by the attributes of the file most of Helium comes out as LDC, STC and CDP
    disassembler=("--architecture=armv8.1-m.main",),
    effect=effect,
    cycles=cycles,
    isas=isas,
    costs_like=costs_like,
    instructions=INSTRUCTIONS,
    thumb=True,
)
