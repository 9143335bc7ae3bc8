"""Deepest stack of a function by its call graph: frames from the compiler, calls from the disassembly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
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
    that move the stack pointer. A call through a pointer counts as one of the function with the deepest stack among
    those that it may lead to: the ones of `frames` that nobody calls by name.
    None where no bound exists: there is a recursion, or a call through a pointer that leads nowhere.
    """
    functions: dict[str, list[Effect]] = defaultdict(list)
    for instruction in code:
        functions[instruction.function].append(architecture.effect(instruction.mnemonic, instruction.operands))
    try:
        return _depth(root, functions, frames, _pointed_to(functions, frames, root), ())
    except _UnboundedError:
        return None


class _UnboundedError(Exception):
    pass


def _depth(
    name: str,
    functions: Mapping[str, list[Effect]],
    frames: Mapping[str, int],
    pointed_to: Collection[str],
    callers: tuple[str, ...],
) -> int:
    if name in callers:
        raise _UnboundedError
    body = functions.get(name, [])
    callees = sorted(_callees(name, body, pointed_to))
    below = [_depth(callee, functions, frames, pointed_to, (*callers, name)) for callee in callees]
    return max(frames.get(name, 0), sum(effect.grows for effect in body)) + max(below, default=0)


def _callees(name: str, effects: Iterable[Effect], pointed_to: Collection[str]) -> set[str]:
    found: set[str] = set()
    for effect in effects:
        if effect.unknown:
            if not pointed_to:
                raise _UnboundedError
            found.update(pointed_to)
        if effect.calls and effect.calls != name:
            found.add(effect.calls)
    return found


def _pointed_to(functions: Mapping[str, list[Effect]], frames: Mapping[str, int], root: str) -> set[str]:
    """Functions that only a pointer leads to. What `root` is called from, as the start of the firmware, is none."""
    by_name = {effect.calls for name, body in functions.items() for effect in body if effect.calls != name}
    above = _callers_of(functions, root)
    return {name for name in functions if name in frames and name not in by_name and name not in above}


def _callers_of(functions: Mapping[str, list[Effect]], root: str) -> set[str]:
    """`root` and all that calls it, straight or through others."""
    found, more = {root}, True
    while more:
        calling = {name for name, body in functions.items() if any(effect.calls in found for effect in body)}
        more, found = not calling <= found, found | calling
    return found
