"""Deepest stack of a function by its call graph: frames from the compiler, calls from the disassembly."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from edgewright.devices._elf import Instruction

_TARGET = re.compile(r"<([^>+]+)(?:\+0x[0-9a-f]+)?>")
_IMMEDIATE = re.compile(r"^sp,\s*(?:sp,\s*)?#(\d+)")
_PUSHED = re.compile(r"\{([^}]*)\}")


def read_frames(files: Iterable[Path]) -> dict[str, int]:
    """Bytes of stack by function from the compiler's .su files; of functions of one name the largest."""
    frames: dict[str, int] = {}
    for path in files:
        for line in path.read_text().splitlines():
            where, size, _ = line.split("\t")
            name = where.rsplit(":", 1)[1]
            frames[name] = max(frames.get(name, 0), int(size))
    return frames


def deepest(code: Sequence[Instruction], frames: Mapping[str, int], root: str) -> int | None:
    """Bytes of stack that a call of `root` takes at most.

    Functions that the compiler knows no frame of, those of the C library and in assembly, count by their push and sub
    instructions.
    None where no bound exists: there is a recursion, or a call through a pointer.
    """
    functions: dict[str, list[Instruction]] = defaultdict(list)
    for instruction in code:
        functions[instruction.function].append(instruction)
    try:
        return _depth(root, functions, frames, ())
    except _UnboundedError:
        return None


class _UnboundedError(Exception):
    pass


def _depth(
    name: str, functions: Mapping[str, list[Instruction]], frames: Mapping[str, int], callers: tuple[str, ...]
) -> int:
    if name in callers:
        raise _UnboundedError
    body = functions.get(name, [])
    below = [_depth(callee, functions, frames, (*callers, name)) for callee in sorted(_callees(name, body))]
    return max(frames.get(name, 0), _pushed(body)) + max(below, default=0)


def _callees(name: str, body: Iterable[Instruction]) -> set[str]:
    found = set()
    for instruction in body:
        if instruction.mnemonic == "blx" and "<" not in instruction.operands:
            raise _UnboundedError
        target = _TARGET.search(instruction.operands) if instruction.mnemonic.startswith("b") else None
        if target and target[1] != name:
            found.add(target[1])
    return found


def _pushed(body: Iterable[Instruction]) -> int:
    return sum(_grows(instruction) for instruction in body)


def _grows(instruction: Instruction) -> int:
    operands = instruction.operands
    if instruction.mnemonic.startswith(("push", "vpush", "stmdb")):
        listed = _PUSHED.search(operands)
        wide = 8 if instruction.mnemonic.startswith("vpush") else 4
        return wide * _count(listed[1]) if listed and ("sp!" in operands or "push" in instruction.mnemonic) else 0
    immediate = _IMMEDIATE.match(operands) if instruction.mnemonic.startswith("sub") else None
    return int(immediate[1]) if immediate else 0


def _count(registers: str) -> int:
    total = 0
    for part in registers.split(","):
        first, dash, last = part.strip().partition("-")
        total += int(last.lstrip("rsd")) - int(first.lstrip("rsd")) + 1 if dash else 1
    return total
