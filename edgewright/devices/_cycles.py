"""From code that ran to instructions, which are exact, and to cycles, which are an estimate.

The cycles of an instruction come from a table by class for each core, with memory that never waits; an entry by a jump
costs a refill of the pipeline more. Not modelled: wait states and caches, dual issue (Cortex-M7 is a measured share of
Cortex-M4), operands that are not ready. How far that is from boards stands in docs/latency.md. Sources: Arm's technical
reference manuals of Cortex-M0, M0+, M3, M4 and M33 ("Instruction set summary"), the Cortex-M55 software optimization
guide.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from edgewright.arch import Instruction
from edgewright.arch.cortex_m import register_count
from edgewright.devices._blocks import HOOK, Block, Interval


@dataclass(frozen=True)
class Core:
    """Cycles by class of instruction.

    Attributes:
        load: one register from memory; next_load: when another load or store is just before it.
        store: one register to memory.
        multiple: of LDM, STM, PUSH, POP, LDRD, beside one cycle for each register.
        multiply, multiply_long, divide: MUL and MLA; 64-bit products; SDIV, UDIV.
        jump: what a branch that is taken costs more.
        vector: an instruction of Helium.
        scale: of the whole.
    """

    load: float = 2
    next_load: float = 1
    store: float = 1
    multiple: float = 1
    multiply: float = 1
    multiply_accumulate: float = 1
    multiply_long: float = 1
    divide: float = 6
    jump: float = 2
    vector: float = 2
    scale: float = 1


CORES = {
    "cortex-m0": Core(next_load=2, store=2),
    "cortex-m0plus": Core(next_load=2, store=2, jump=1),
    "cortex-m3": Core(multiply_accumulate=2, multiply_long=4),
    "cortex-m4": Core(),
    "cortex-m7": Core(scale=0.6),
    "cortex-m33": Core(scale=0.9),
    "cortex-m55": Core(load=1, next_load=1, multiple=0, jump=1),
}

_LONG = ("smull", "umull", "smlal", "umlal", "smmul", "smmla", "smmls")
_ACCUMULATE = ("mla", "mls")
_MULTIPLE = ("ldm", "stm", "push", "pop", "vldm", "vstm", "vpush", "vpop")
_DOUBLE = ("ldrd", "strd")


@dataclass(frozen=True)
class Cost:
    """What ran: exact instructions, estimated cycles."""

    instructions: int
    cycles: float

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.instructions + other.instructions, self.cycles + other.cycles)


def counter(code: Sequence[Instruction], core: Core) -> Callable[[Interval], Cost]:
    """A function that prices an interval of a firmware with that code; without the calls of the layer hook."""
    starts = [instruction.address for instruction in code]
    known: dict[Block, Cost] = {}

    def price(block: Block) -> Cost:
        if block not in known:
            first = bisect_left(starts, block.address)
            known[block] = _price(code[first : first + block.instructions], core)
        return known[block]

    def count(interval: Interval) -> Cost:
        instructions, cycles = 0, 0.0
        for block, entries in interval.entries.items():
            cost = price(block)
            instructions += cost.instructions * entries
            cycles += cost.cycles * entries + core.jump * core.scale * interval.jumps[block]
        return Cost(instructions, cycles)

    return count


def _price(block: Sequence[Instruction], core: Core) -> Cost:
    cycles = 0.0
    counted = [instruction for instruction in block if f"<{HOOK}>" not in instruction.operands]
    before = ""
    for instruction in counted:
        cycles += _cycles(instruction, before, core)
        before = instruction.mnemonic
    return Cost(len(counted), cycles * core.scale)


def _cycles(instruction: Instruction, before: str, core: Core) -> float:
    name = instruction.mnemonic
    if name.startswith(_MULTIPLE):
        return core.multiple + register_count(instruction.operands)
    if name.startswith(_DOUBLE):
        return core.multiple + 2
    if name.startswith("str"):
        return core.store
    if name.startswith("ldr"):
        return core.next_load if before.startswith(("ldr", "str")) else core.load
    return _arithmetic(name, core)


def _arithmetic(name: str, core: Core) -> float:
    if name.startswith("v"):
        return core.vector
    if name.startswith(_LONG):
        return core.multiply_long
    if name.startswith(_ACCUMULATE):
        return core.multiply_accumulate
    if name.startswith("mul"):
        return core.multiply
    if name.startswith(("sdiv", "udiv")):
        return core.divide
    return 1
