"""From code that ran to instructions, which are exact, and to cycles, which are an estimate.

The cycles of an instruction come from the core's table by class (edgewright/arch/costs/), with memory that never waits;
an entry by a jump costs a refill of the pipeline more. Not modelled: wait states and caches. How far that is from
boards: docs/latency.md.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from edgewright.arch import Architecture, Instruction, Instructions
from edgewright.devices.tools.blocks import HOOK, Block, Interval


@dataclass(frozen=True)
class Cost:
    """What ran: exact instructions, estimated cycles."""

    instructions: int
    cycles: float

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.instructions + other.instructions, self.cycles + other.cycles)


def counter(code: Sequence[Instruction], arch: Architecture, costs: Instructions) -> Callable[[Interval], Cost]:
    """A function that prices an interval of a firmware with that code; without the calls of the layer hook."""
    starts = [instruction.address for instruction in code]
    known: dict[Block, Cost] = {}

    def price(block: Block) -> Cost:
        if block not in known:
            first = bisect_left(starts, block.address)
            known[block] = _price(code[first : first + block.instructions], arch, costs)
        return known[block]

    def count(interval: Interval) -> Cost:
        instructions, cycles = 0, 0.0
        for block, entries in interval.entries.items():
            cost = price(block)
            instructions += cost.instructions * entries
            cycles += cost.cycles * entries + costs.jump * costs.scale * interval.jumps[block]
        return Cost(instructions, cycles)

    return count


def _price(block: Sequence[Instruction], arch: Architecture, costs: Instructions) -> Cost:
    counted = [instruction for instruction in block if f"<{HOOK}>" not in instruction.operands]
    return Cost(len(counted), arch.cycles(counted, costs) * costs.scale)
