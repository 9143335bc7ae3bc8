"""What code takes on a Cortex-M7, which starts two instructions in a cycle, in their order.

Arm publishes no such rules. These are what people measured on boards (quinapalus.com/cm7cycles.html, 2023, and what
others wrote of it since), as far as kernels meet them: an instruction goes beside the one before it unless that one is
beside another already, writes what it reads, or works in the same unit. There is one unit for multiplications, one for
stores, one for shifted operands and instructions on parts of a register, one for branches; two loads go together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from edgewright.arch._base import Instruction

_NAMES = re.compile(r"\b(?:r(?:1[0-2]|[0-9])|sp|lr|fp|ip|sl)\b")
_RANGES = re.compile(r"\br(\d+)-r(\d+)\b")
_WRITES_BASE = re.compile(r"\[(\w+)[^\]]*\]!|\[(\w+)\],")
_SHIFTED = re.compile(r",\s*(?:lsl|lsr|asr|ror|rrx)\b")
_MULTIPLIES = ("mul", "mla", "mls", "sm", "um")
_STORES, _LOADS = ("str", "stm", "push"), ("ldr", "ldm", "pop")
_PARTS = ("sxt", "uxt", "pkh", "bf", "sbfx", "ubfx", "rev", "ssat", "usat", "sel", "lsl", "lsr", "asr", "ror")
_HALVES = ("sadd", "uadd", "ssub", "usub", "qadd", "qsub", "shadd", "uhadd")
_ALONE = ("ldm", "stm", "push", "pop", "ldrd", "strd", "sdiv", "udiv", "it", "v", "msr", "mrs", "dsb", "isb")
_NOTHING = ("cmp", "cmn", "tst", "teq", "str", "b", "cb", "it", "nop", "pld")


def unit(instruction: Instruction) -> str:
    """What of the core an instruction needs that is there once; "" for nothing."""
    name = instruction.mnemonic
    if name.startswith(_STORES):
        return "store"
    if name.startswith(_LOADS):
        return ""
    if name.startswith((*_PARTS, *_HALVES)) or _SHIFTED.search(instruction.operands):
        return "shift"
    if name.startswith(_MULTIPLIES):
        return "multiply"
    return "branch" if name.startswith(("b", "cb", "tb")) else ""


def written(instruction: Instruction) -> frozenset[str]:
    """Registers that an instruction writes."""
    name, operands = instruction.mnemonic, instruction.operands
    base = frozenset(found for pair in _WRITES_BASE.findall(operands) for found in pair if found)
    if name.startswith(_NOTHING) and not name.startswith(("bic", "bf")):
        return base
    named = _NAMES.findall(operands)
    count = 2 if name.startswith(("ldrd", "smull", "umull", "smlal", "umlal", "umaal")) else 1
    return base | frozenset(named[:count])


def read(instruction: Instruction) -> frozenset[str]:
    """Registers that an instruction may read: all that it names, but for the one that it only writes."""
    listed = [f"r{n}" for a, b in _RANGES.findall(instruction.operands) for n in range(int(a), int(b) + 1)]
    named = _NAMES.findall(instruction.operands)
    name = instruction.mnemonic
    if len(named) > 1 and not name.startswith((*_NOTHING, "smlal", "umlal", "movt", "bfi")):
        # "add r0, r1" reads what it writes; with three operands, or a load or a move, the first is written alone
        alone = len(instruction.operands.split(",")) > 2 or name.startswith(("ldr", "mov", "mvn", "sxt", "uxt"))
        named = named[1:] if alone else named
    return frozenset((*named, *listed))


def cycles(code: Sequence[Instruction], of: Callable[[Instruction, str], float]) -> float:
    """Of code without a jump inside; `of` prices an instruction by itself, behind one of a mnemonic."""
    total, before = 0.0, ""
    head: Instruction | None = None
    for instruction in code:
        if head is not None and _together(head, instruction):
            head = None
        else:
            total += of(instruction, before)
            head = None if instruction.mnemonic.startswith(_ALONE) else instruction
        before = instruction.mnemonic
    return total


def _together(first: Instruction, second: Instruction) -> bool:
    """Whether an instruction starts in the cycle of the one before it."""
    if second.mnemonic.startswith(_ALONE) or first.mnemonic.startswith(("b", "cb")):
        return False
    same = unit(first) and unit(first) == unit(second)
    return not same and not written(first) & (read(second) | written(second))
