"""Arm Cortex-M: Armv6-M to Armv8.1-M."""

from __future__ import annotations

import re

from edgewright.arch._base import Architecture, Effect

_TARGET = re.compile(r"<([^>+]+)(?:\+0x[0-9a-f]+)?>")
_IMMEDIATE = re.compile(r"^sp,\s*(?:sp,\s*)?#(\d+)")
_LISTED = re.compile(r"\{([^}]*)\}")


def effect(mnemonic: str, operands: str) -> Effect:
    """What an instruction does to the stack."""
    if mnemonic == "blx" and "<" not in operands:
        return Effect(unknown=True)
    target = _TARGET.search(operands) if mnemonic.startswith("b") else None
    return Effect(grows=_grows(mnemonic, operands), calls=target[1] if target else None)


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
    startup=("startup.c",),
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
    effect=effect,
    isas=isas,
    instructions=INSTRUCTIONS,
    thumb=True,
)
