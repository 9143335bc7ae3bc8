"""The generated C built and run on this machine: for accuracy on whole data sets, and to check it.

program = build(compiled, folder)
outputs = program.run([images])[0]      # int8 (n, 32, 32, 3) -> int8 (n, 10)
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgewright.compiler import CompiledModel
from edgewright.errors import ToolError, UserError
from edgewright.files import write_text

CFLAGS = ("-std=c99", "-O3", "-march=native")
"""The kernels are exact, so a program for this very machine gives the bytes of any other."""

_TIMEOUT_S = 600
_SHARE = 128
"""Samples that are worth a process of their own."""


@dataclass(frozen=True)
class HostProgram:
    """A model as a program of this machine.

    Attributes:
        path: the executable.
        inputs, outputs: shape, dtype and name of each, as in compile.json.
        has_state: keeps something from one sample to the next.
    """

    path: Path
    inputs: Sequence[Mapping[str, Any]]
    outputs: Sequence[Mapping[str, Any]]
    has_state: bool = False

    def run(self, inputs: Sequence[NDArray[Any]], *, in_arena: bool = True, anew: int = 0) -> list[NDArray[Any]]:
        """Run the model on n samples. To a model with state they are one stream, from its beginning.

        Args:
            inputs: one array for each input of the model, (n, *shape without its first dimension if that is 1) or
                any other shape of n times as many elements, of the input's dtype.
            in_arena: inputs and outputs lie in the arena, as on a device; else in memory of their own.
            anew: a model with state begins anew after so many samples: True is each sample. n is a multiple of it.

        Returns:
            One array (n, *shape) for each output, of its dtype.

        Raises:
            UserError: the inputs do not fit the model.
            ToolError: the program failed.
        """
        samples = self._samples(inputs)
        processes = 1 if self.has_state and not anew else max(1, min(os.cpu_count() or 1, len(samples) // _SHARE))
        streams = np.array_split(samples.reshape(-1, max(int(anew), 1), samples.shape[1]), processes)
        with ThreadPoolExecutor(processes) as pool:
            parts = pool.map(lambda part: self._process(part.reshape(-1, part.shape[2]), in_arena, anew), streams)
        return self._split(np.concatenate(list(parts)))

    def _process(self, samples: NDArray[np.uint8], in_arena: bool, anew: int) -> NDArray[np.uint8]:
        command = [str(self.path), "arena" if in_arena else "apart", *([str(int(anew))] if anew else [])]
        done = subprocess.run(command, input=samples.tobytes(), capture_output=True, timeout=_TIMEOUT_S, check=False)
        if done.returncode:
            raise ToolError(f"{self.path} ended with {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}")
        return np.frombuffer(done.stdout, np.uint8).reshape(len(samples), sum(facts["bytes"] for facts in self.outputs))

    def _samples(self, inputs: Sequence[NDArray[Any]]) -> NDArray[np.uint8]:
        """All inputs as bytes, a row for each sample."""
        if len(inputs) != len(self.inputs):
            raise UserError("inputs", "wrong number of inputs", got=len(inputs), allowed=str(len(self.inputs)))
        rows = [_rows(array, facts) for array, facts in zip(inputs, self.inputs, strict=True)]
        if len({len(row) for row in rows}) != 1:
            raise UserError("inputs", "inputs differ in number of samples", got=[len(row) for row in rows])
        return np.concatenate(rows, axis=1)

    def _split(self, rows: NDArray[np.uint8]) -> list[NDArray[Any]]:
        ends = np.cumsum([facts["bytes"] for facts in self.outputs])
        parts = np.split(rows, ends[:-1], axis=1)
        return [
            np.ascontiguousarray(part).view(facts["dtype"]).reshape(len(rows), *facts["shape"])
            for part, facts in zip(parts, self.outputs, strict=True)
        ]


def _rows(array: NDArray[Any], facts: Mapping[str, Any]) -> NDArray[np.uint8]:
    if array.dtype.name != facts["dtype"] or array.nbytes % facts["bytes"]:
        got = f"{array.dtype.name} {list(array.shape)}"
        raise UserError(
            "inputs", f"does not fit input {facts['name']!r}", got=got, allowed=f"{facts['dtype']} {facts['shape']}"
        )
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).reshape(-1, facts["bytes"])


def build(compiled: CompiledModel, folder: Path, compiler: str = "cc", flags: Sequence[str] = CFLAGS) -> HostProgram:
    """Write the sources to `folder` and build a program of them.

    Args:
        compiled: the model.
        folder: for sources and program.
        compiler: C compiler of this machine.
        flags: its flags.

    Raises:
        ToolError: the compiler is missing or fails.
    """
    if shutil.which(compiler) is None:
        raise ToolError(f"{compiler} is not installed\n  hint: apt-get install gcc")
    for name, text in {**compiled.files, **compiled.host_files}.items():
        write_text(folder / name, text)
    name = compiled.program.name
    path = folder / f"{name}_host"
    command = [compiler, *flags, *sorted(n for n in (*compiled.files, *compiled.host_files) if n.endswith(".c"))]
    command += ["-o", path.name, "-lm"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ToolError(f"{' '.join(command)} failed:\n{done.stderr[-4000:]}")
    facts = compiled.facts()
    return HostProgram(path, facts["inputs"], facts["outputs"], facts["state_bytes"] > 0)
