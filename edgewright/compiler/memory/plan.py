"""The memory plan: an address in the arena for every buffer and every step's scratch, with the lowest peak.

An input that a step is the last to use may share bytes with the output, as far as `Step.overlap` says that the kernel
reads every byte before it writes over it: in place for element-wise operators, diagonally for convolutions. Every
plan is checked by `memory.verify`, which knows nothing of how it was found.
"""

from __future__ import annotations

from collections.abc import Sequence

from edgewright.compiler.ir import ALIGNMENT, Plan, Schedule
from edgewright.compiler.memory.fit import round_up, scan
from edgewright.compiler.memory.items import WORD, Item, blocks_of, items_of, pair_count, step_sums
from edgewright.compiler.memory.solve import GRAIN, Solution, minimise
from edgewright.compiler.memory.verify import verify
from edgewright.compiler.memory.why import step_name, why

MOST_PAIRS = 60_000
"""Pairs of blocks that are alive together; with more of them blocks are placed one after another as they come."""


def plan(schedule: Schedule, memory: str = "least") -> Plan:
    """The lowest plan that is found, or a quick one, verified.

    Buffers are aligned to ALIGNMENT where that costs nothing, to WORD otherwise (overlap distances are seldom
    multiples of ALIGNMENT). Time is bounded, whatever the schedule: work is counted.
    """
    if memory == "quick":
        made = _scanned(schedule, "it was not asked for the lowest plan")
    elif pair_count(schedule) > MOST_PAIRS:
        made = _scanned(schedule, "too much is alive at once to look for the lowest plan")
    else:
        made = _searched(schedule)
    verify(schedule, made)
    return made


def _searched(schedule: Schedule) -> Plan:
    steps = len(schedule.steps)
    candidates = [(blocks, minimise(blocks, steps)) for blocks in (blocks_of(schedule, a) for a in (ALIGNMENT, WORD))]
    bound = min(solution.bound for _, solution in candidates)
    blocks, solution = min(candidates, key=lambda candidate: candidate[1].height)
    peak = _peak_step(solution.needs, steps)
    return _plan(blocks.items, solution, bound, peak, why(schedule, blocks, solution, peak))


def _scanned(schedule: Schedule, reason: str) -> Plan:
    items = items_of(schedule, ALIGNMENT)
    needs = step_sums(items, len(schedule.steps))
    addresses = scan(items)
    height = max((round_up(a + item.bytes, GRAIN) for a, item in zip(addresses, items, strict=True)), default=0)
    peak = _peak_step(needs, len(schedule.steps))
    bound = max((item.bytes for item in items), default=0)
    text = f"{step_name(schedule, peak)} needs most; {reason}"
    return _plan(items, Solution(tuple(addresses), height, bound), bound, peak, text)


def _plan(items: Sequence[Item], solution: Solution, bound: int, peak: int, text: str) -> Plan:
    placed = list(zip(items, solution.addresses, strict=True))
    return Plan(
        offsets={item.buffer: address for item, address in placed if item.buffer is not None},
        scratch={item.first: address for item, address in placed if item.buffer is None},
        arena_bytes=solution.height,
        peak_step=peak,
        bound_bytes=bound,
        why=text,
    )


def _peak_step(needs: Sequence[tuple[int, int]], steps: int) -> int:
    """The first of the steps that need the most memory, each taken by itself."""
    real = [(step, need) for step, need in needs if 0 <= step < steps]
    return min(real, key=lambda need: (-need[1], need[0]), default=(-1, 0))[0]
