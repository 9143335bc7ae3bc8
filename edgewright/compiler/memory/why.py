"""What stops the arena from being smaller: the pile of blocks that reaches its top, in words."""

from __future__ import annotations

from collections.abc import Sequence

from edgewright.compiler.ir import Schedule
from edgewright.compiler.memory.fit import neighbours, round_up
from edgewright.compiler.memory.items import Blocks
from edgewright.compiler.memory.solve import Solution


def why(schedule: Schedule, blocks: Blocks, solution: Solution, peak: int) -> str:
    """One sentence: what is alive in the peak step, which blocks pile up to the top, and whether that is the least."""
    if not schedule.steps or not blocks.items:
        return "nothing lives in the arena"
    pile = " + ".join(_layers(schedule, blocks, solution.addresses, _pile(blocks, solution.addresses)))
    proven = "proven lowest" if solution.height == solution.bound else f"no plan is below {solution.bound}"
    return f"{step_name(schedule, peak)} needs most; from the bottom up: {pile} ({proven})"


def step_name(schedule: Schedule, step: int) -> str:
    """A step for people: "operator 3 (CONV_2D)"; the number is the one in the model's file."""
    node = schedule.steps[step].view.node
    return f"operator {node.index} ({node.op})"


def buffer_name(schedule: Schedule, blocks: Blocks, number: int) -> str:
    """An item for people: "input", "output", "output of operator 3 (CONV_2D)", "scratch of ..."."""
    item = blocks.items[number]
    if item.buffer is None:
        return f"scratch of {step_name(schedule, item.first)}"
    buffer = schedule.buffers[number]
    if buffer.input is not None:
        return "the model's input"
    return f"output of {step_name(schedule, item.first)}"


def _pile(blocks: Blocks, addresses: Sequence[int]) -> list[int]:
    """Items from the bottom to the top of the arena, each as low as the one before it allows."""
    near = neighbours(blocks)
    top = max(range(len(addresses)), key=lambda n: addresses[n] + blocks.items[n].bytes)
    pile = [top]
    while addresses[pile[-1]] > 0:
        number = pile[-1]
        alignment = blocks.items[number].alignment
        under = [
            j for j, _, down in near[number]
            if j not in pile and round_up(addresses[j] + down, alignment) == addresses[number]
        ]  # fmt: skip
        if not under:
            break
        pile.append(min(under, key=lambda j: addresses[j]))
    return pile[::-1]


def _layers(schedule: Schedule, blocks: Blocks, addresses: Sequence[int], pile: Sequence[int]) -> list[str]:
    """Each block with the bytes by which it raises the pile; those that overlap what is below wholly are left out."""
    layers, end = [], 0
    for number in pile:
        rise = addresses[number] + blocks.items[number].bytes - end
        if rise > 0:
            layers.append(f"{rise} bytes for {buffer_name(schedule, blocks, number)}")
        end += max(rise, 0)
    return layers
