"""The proof that a plan is safe, by simple means of its own: it shares no code with the search."""

from __future__ import annotations

import heapq
import itertools
from bisect import bisect_left, insort
from collections.abc import Iterator

from edgewright.compiler.ir import ALIGNMENT, Buffer, Plan, Schedule, Step


class PlanError(Exception):
    """A plan is wrong: a bug of the planner, never of the model."""


def verify(schedule: Schedule, plan: Plan) -> None:
    """Raise PlanError unless the plan gives every buffer and scratch room of its own while it is alive.

    The one exception is an input and the first output of a step that are as far apart as the step's kernel asks.
    """
    for fault in _faults(schedule, plan):
        raise PlanError(fault)


def _faults(schedule: Schedule, plan: Plan) -> Iterator[str]:
    for buffer in schedule.buffers:
        if not 0 <= plan.offsets[buffer.id] <= plan.arena_bytes - buffer.bytes:
            yield f"buffer {buffer.id} lies outside the arena"
        if plan.offsets[buffer.id] % 4:
            yield f"buffer {buffer.id} is not aligned to words"
    yield from _clashes(schedule, plan)
    by_address = _by_address(schedule, plan)
    for moment, step in enumerate(schedule.steps):
        if step.scratch_bytes:
            alive = [b for b in by_address if b.first <= moment <= b.last]
            yield from _scratch_faults(step, plan, alive, moment)


def _by_address(schedule: Schedule, plan: Plan) -> list[Buffer]:
    return sorted((b for b in schedule.buffers if b.bytes), key=lambda b: (plan.offsets[b.id], b.id))


def _clashes(schedule: Schedule, plan: Plan) -> Iterator[str]:
    """Two buffers share bytes only at the one moment when both are alive and the step allows it."""
    alive: list[tuple[int, int, Buffer]] = []  # (offset, id, buffer) by offset
    ends: list[tuple[int, int, Buffer]] = []  # (last, id, buffer) as a heap
    largest = max((b.bytes for b in schedule.buffers), default=0)
    for b in sorted((b for b in schedule.buffers if b.bytes), key=lambda b: (b.first, b.id)):
        while ends and ends[0][0] < b.first:
            gone = heapq.heappop(ends)[2]
            del alive[bisect_left(alive, (plan.offsets[gone.id], gone.id), key=lambda each: each[:2])]
        start = plan.offsets[b.id]
        low = bisect_left(alive, start - largest, key=lambda each: each[0])
        for offset, _, a in itertools.islice(alive, low, None):
            if offset >= start + b.bytes:
                break
            if offset + a.bytes > start:
                yield from _clash(schedule, plan, a, b)
        insort(alive, (start, b.id, b), key=lambda each: each[:2])
        heapq.heappush(ends, (b.last, b.id, b))


def _clash(schedule: Schedule, plan: Plan, a: Buffer, b: Buffer) -> Iterator[str]:
    """What is wrong with two buffers that share bytes and are alive together."""
    first, last = max(a.first, b.first), min(a.last, b.last)
    if _apart(plan.offsets[a.id], a.bytes_from(first), plan.offsets[b.id], b.bytes_from(first)):
        return
    allowed = _may_share(schedule, plan, a, b, first) or _may_share(schedule, plan, b, a, first)
    if first != last or not allowed:
        yield f"buffers {a.id} and {b.id} share bytes at step {first}"


def _apart(start: int, size: int, other: int, other_size: int) -> bool:
    return start + size <= other or other + other_size <= start


def _may_share(schedule: Schedule, plan: Plan, inp: Buffer, out: Buffer, moment: int) -> bool:
    """Whether the step reads `inp` for the last time and writes `out` far enough below."""
    if not 0 <= moment < len(schedule.steps) or inp.last != moment or out.first != moment:
        return False
    step = schedule.steps[moment]
    if step.view.node.outputs[0] not in out.tensors:
        return False
    used = [index for index, tensor in enumerate(step.view.node.inputs) if tensor in inp.tensors]
    gap = plan.offsets[inp.id] - plan.offsets[out.id]
    return bool(used) and all(index in step.overlap and gap >= step.overlap[index] for index in used)


def _scratch_faults(step: Step, plan: Plan, alive: list[Buffer], moment: int) -> Iterator[str]:
    size = step.scratch_bytes
    if not size:
        return
    start = plan.scratch[moment]
    if start % ALIGNMENT or not 0 <= start <= plan.arena_bytes - size:
        yield f"scratch of step {moment} is not aligned or outside the arena"
    for buffer in alive:
        if not _apart(start, size, plan.offsets[buffer.id], buffer.bytes_from(moment)):
            yield f"scratch of step {moment} and buffer {buffer.id} share bytes"
