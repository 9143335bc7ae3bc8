"""Generated C built for this machine and run in this process."""

from __future__ import annotations

import ctypes
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np


class HostModel:
    """A compiled model with one input and one output, without or with state.

    Args:
        files: generated sources.
        name: prefix of its functions.
        folder: where to build.
    """

    def __init__(self, files: Mapping[str, str], name: str, folder: Path) -> None:
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        library = folder / f"{name}.so"
        command = ["gcc", "-std=c99", "-O1", "-w", "-shared", "-fPIC", "-I", str(folder), str(folder / f"{name}.c")]
        subprocess.run([*command, "-o", str(library), "-lm"], check=True, capture_output=True)
        functions = ctypes.CDLL(str(library))
        self._invoke = getattr(functions, f"{name}_invoke")
        self._invoke.argtypes = [ctypes.c_void_p] * (4 if f"{name}_reset" in files[f"{name}.h"] else 3)
        self._reset = getattr(functions, f"{name}_reset", None)

    def run(self, inputs: Sequence[np.ndarray], shape: Sequence[int], arena_bytes: int) -> list[np.ndarray]:
        """Outputs of this shape; inputs and outputs lie outside the arena."""
        arena, results = _aligned(arena_bytes), []
        for value in inputs:
            source, output = np.ascontiguousarray(value), np.empty(shape, np.int8)
            _check(self._invoke(source.ctypes.data, output.ctypes.data, arena.ctypes.data))
            results.append(output)
        return results

    def fresh_state(self, state_bytes: int) -> np.ndarray:
        """A state at its beginning."""
        state = _aligned(state_bytes)
        state[:] = 0x33
        self._reset.argtypes = [ctypes.c_void_p]
        _check(self._reset(state.ctypes.data))
        return state

    def step(self, value: np.ndarray, shape: Sequence[int], arena_bytes: int, state: np.ndarray) -> np.ndarray:
        """The output for one input; `state` goes on."""
        arena, source, output = _aligned(arena_bytes), np.ascontiguousarray(value), np.empty(shape, value.dtype)
        arena[:] = 0x55
        _check(self._invoke(source.ctypes.data, output.ctypes.data, arena.ctypes.data, state.ctypes.data))
        return output

    def run_in_arena(
        self, inputs: Sequence[np.ndarray], shape: Sequence[int], arena_bytes: int, offsets: tuple[int, int]
    ) -> list[np.ndarray]:
        """The same with input and output at these offsets of the arena."""
        arena, results = _aligned(arena_bytes), []
        size = int(np.prod(shape))
        for value in inputs:
            arena[:] = 0x55
            arena[offsets[0] : offsets[0] + value.size] = value.reshape(-1)
            base = arena.ctypes.data
            _check(self._invoke(base + offsets[0], base + offsets[1], base))
            results.append(arena[offsets[1] : offsets[1] + size].copy().reshape(shape))
        return results


def _aligned(size: int) -> np.ndarray:
    room = np.zeros(size + 16, np.int8)
    start = -room.ctypes.data % 16
    return room[start : start + size]


def _check(status: int) -> None:
    if status != 0:
        raise AssertionError(f"invoke returned {status}")
