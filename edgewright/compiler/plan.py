"""The memory plan: an address in the arena for every buffer and every step's scratch, with the lowest peak.

An input that a step is the last to use may share bytes with the output, as far as `Step.overlap` says that the kernel
reads every byte before it writes over it: in place for element-wise operators, diagonally for convolutions. Every
plan is checked by `memory.verify`, which knows nothing of how it was found.
"""

from __future__ import annotations

from edgewright.compiler.lowered import ALIGNMENT, Plan, Problem
from edgewright.compiler.memory.items import WORD, Blocks, blocks_of
from edgewright.compiler.memory.solve import Solution, local_bounds, minimise
from edgewright.compiler.memory.verify import verify
from edgewright.compiler.memory.why import why


def plan(problem: Problem) -> Plan:
    """The lowest plan that is found, verified.

    Buffers are aligned to ALIGNMENT where that costs nothing, to WORD otherwise (overlap distances are seldom
    multiples of ALIGNMENT).
    """
    steps = len(problem.steps)
    candidates = [(blocks, minimise(blocks, steps)) for blocks in (blocks_of(problem, a) for a in (ALIGNMENT, WORD))]
    bound = min(solution.bound for _, solution in candidates)
    blocks, solution = min(candidates, key=lambda candidate: candidate[1].height)
    made = _plan(problem, blocks, solution, bound)
    verify(problem, made)
    return made


def _plan(problem: Problem, blocks: Blocks, solution: Solution, bound: int) -> Plan:
    placed = list(zip(blocks.items, solution.addresses, strict=True))
    peak = _peak_step(blocks, len(problem.steps))
    return Plan(
        offsets={item.buffer: address for item, address in placed if item.buffer is not None},
        scratch={item.first: address for item, address in placed if item.buffer is None},
        arena_bytes=solution.height,
        peak_step=peak,
        bound_bytes=bound,
        why=why(problem, blocks, solution, peak),
    )


def _peak_step(blocks: Blocks, steps: int) -> int:
    """The first of the steps that need the most memory, each taken by itself."""
    needs = local_bounds(blocks, range(steps))
    return min(needs, key=lambda need: (-need[1], need[0]), default=(-1, 0))[0]
