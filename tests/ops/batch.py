"""Many operator cases as one model: one C build and one run of the oracle for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgewright.compiler import CompiledModel, CompileOptions, Core, compile_model
from edgewright.compiler.host import HostProgram, build
from edgewright.compiler.rewrites import ORDER
from edgewright.tflite.reader import parse_model
from testbench.differential.builder import Value
from testbench.differential.network import Network
from testbench.differential.oracle import Oracle

WARNINGS = ("-std=c99", "-Wall", "-Wextra", "-Wconversion", "-Werror")
SANITIZE = (*WARNINGS, "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
AS_IT_IS = CompileOptions(without=frozenset(ORDER), memory="quick")


@dataclass(frozen=True)
class Case:
    """One output of the batch's model and what it is called in messages."""

    name: str
    output: Value


def compile_batch(net: Network, cases: Sequence[Case], options: CompileOptions = AS_IT_IS) -> CompiledModel:
    """The model of all cases, without rewrites, so that each operator is run as it stands in the file."""
    model = net.builder.finish(net.inputs, [case.output for case in cases])
    return compile_model(parse_model(model), "batch", Core(), options)


def assert_bit_exact(net: Network, cases: Sequence[Case], folder: Path, oracle: Oracle) -> None:
    """The sanitized host build of all cases gives the oracle's bytes, with buffers of its own and in the arena."""
    model = net.builder.finish(net.inputs, [case.output for case in cases])
    samples = net.samples(4)
    samples += [[_filled(value, end) for value in net.inputs] for end in (-128, 127)]
    samples.append([_every(value) for value in net.inputs])
    expected = oracle.run(model, samples)
    program = build(compile_batch(net, cases), folder, "gcc", SANITIZE)
    assert_same(program, samples, expected, [case.name for case in cases])


def _filled(value: Value, number: int) -> NDArray[Any]:
    """The number everywhere, or the end of the type that is nearest to it."""
    if value.dtype == "uint8":
        number += 128
    return np.full(value.shape, number > 0 if value.dtype == "bool" else number, value.dtype)


def _every(value: Value) -> NDArray[Any]:
    """All of int8 in turn."""
    return (np.arange(np.prod(value.shape)) % 256 - 128).astype(np.int8).astype(value.dtype).reshape(value.shape)


def assert_same(
    program: HostProgram,
    samples: Sequence[Sequence[NDArray[Any]]],
    expected: Sequence[Sequence[NDArray[Any]]],
    names: Sequence[str],
) -> None:
    """Every output of every sample is the same, byte for byte."""
    inputs = [np.stack(arrays) for arrays in zip(*samples, strict=True)]
    for in_arena in (True, False):
        got = program.run(inputs, in_arena=in_arena)
        for place, name in enumerate(names):
            want = np.stack([outputs[place] for outputs in expected]).reshape(got[place].shape)
            np.testing.assert_array_equal(got[place], want, err_msg=f"{name}, in arena: {in_arena}")
