"""Deepest stack of a function by its call graph: frames from the compiler, calls from the disassembly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from edgewright.arch import Architecture, Effect, Instruction


def read_frames(files: Iterable[Path]) -> dict[str, int]:
    """Bytes of stack by function from the compiler's .su files; of functions of one name the largest."""
    frames: dict[str, int] = {}
    for path in files:
        for line in path.read_text().splitlines():
            where, size, _ = line.split("\t")
            name = where.rsplit(":", 1)[1]
            frames[name] = max(frames.get(name, 0), int(size))
    return frames


def deepest(
    code: Sequence[Instruction], architecture: Architecture, frames: Mapping[str, int], root: str
) -> int | None:
    """Bytes of stack that a call of `root` takes at most.

    Functions that the compiler knows no frame of, those of the C library and in assembly, count by the instructions
    that move the stack pointer.
    None where no bound exists: there is a recursion, or a call through a pointer.
    """
    functions: dict[str, list[Effect]] = defaultdict(list)
    for instruction in code:
        functions[instruction.function].append(architecture.effect(instruction.mnemonic, instruction.operands))
    try:
        return _depth(root, functions, frames, ())
    except _UnboundedError:
        return None


class _UnboundedError(Exception):
    pass


def _depth(
    name: str, functions: Mapping[str, list[Effect]], frames: Mapping[str, int], callers: tuple[str, ...]
) -> int:
    if name in callers:
        raise _UnboundedError
    body = functions.get(name, [])
    below = [_depth(callee, functions, frames, (*callers, name)) for callee in sorted(_callees(name, body))]
    return max(frames.get(name, 0), sum(effect.grows for effect in body)) + max(below, default=0)


def _callees(name: str, effects: Iterable[Effect]) -> set[str]:
    found = set()
    for effect in effects:
        if effect.unknown:
            raise _UnboundedError
        if effect.calls and effect.calls != name:
            found.add(effect.calls)
    return found
