"""A plan as rectangles, for the pictures: when each block is alive, where it lies, and what to call it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from edgewright.compiler.ir import Buffer, Plan, Schedule, Step


@dataclass(frozen=True)
class Rectangle:
    """A block of the arena over time.

    Attributes:
        name: "input", "scratch" or the operator that writes it, with its number in the model's file.
        first, last: steps during which it is alive; -1 is before the first step, the number of steps after the last.
        address, bytes: place and size.
        is_scratch: whether it is a kernel's scratch.
        tensor: the name that the model's file gives to what lies there first; empty where it gives none.
    """

    name: str
    first: int
    last: int
    address: int
    bytes: int
    is_scratch: bool = False
    tensor: str = ""


def rectangles(schedule: Schedule, plan: Plan) -> list[Rectangle]:
    """All blocks, in order of time, larger ones first; buffers of no bytes are left out."""
    steps = schedule.steps
    found = [
        Rectangle(_name(steps, b), first, last, plan.offsets[b.id], size, tensor=_tensor(steps, b))
        for b in schedule.buffers
        if b.bytes
        for first, last, size in _sizes(b)
    ]
    found += [
        Rectangle("scratch", number, number, address, schedule.steps[number].scratch_bytes, is_scratch=True)
        for number, address in plan.scratch.items()
    ]
    return sorted(found, key=lambda r: (r.first, r.is_scratch, -r.bytes, r.address))


def step_name(step: Step) -> str:
    """A step for people: "3 CONV_2D"; the number is the one in the model's file."""
    return f"{step.view.node.index} {step.view.node.op}"


def headline(name: str, schedule: Schedule, plan: Plan) -> str:
    """Size, whether it is the least, and the step that sets it."""
    if not 0 <= plan.peak_step < len(schedule.steps):
        return f"{name}: arena {plan.arena_bytes:,} bytes"
    proven = plan.bound_bytes == plan.arena_bytes
    least = "proven lowest" if proven else f"no plan is below {plan.bound_bytes:,}"
    return f"{name}: arena {plan.arena_bytes:,} bytes ({least}), peak at {step_name(schedule.steps[plan.peak_step])}"


def facts(schedule: Schedule, plan: Plan) -> dict[str, Any]:
    """The plan as JSON values: plan.json."""
    return {
        "schema": 1,
        "arena_bytes": plan.arena_bytes,
        "bound_bytes": plan.bound_bytes,
        "peak_step": plan.peak_step,
        "why": plan.why,
        "steps": [step_name(step) for step in schedule.steps],
        "blocks": [asdict(block) for block in rectangles(schedule, plan)],
    }


def _sizes(buffer: Buffer) -> Iterator[tuple[int, int, int]]:
    """(first step, last step, bytes) of a buffer that shrinks, in order."""
    pieces = ((buffer.first, buffer.bytes), *buffer.shrinks)
    for (first, size), (after, _) in zip(pieces, (*pieces[1:], (buffer.last + 1, 0)), strict=True):
        yield first, after - 1, size


def _tensor(steps: Sequence[Step], buffer: Buffer) -> str:
    return steps[buffer.first].view.output().name if buffer.first >= 0 else ""


def _name(steps: Sequence[Step], buffer: Buffer) -> str:
    if buffer.first < 0:
        return "input" if buffer.input is not None else "unwritten"
    return step_name(steps[buffer.first])
