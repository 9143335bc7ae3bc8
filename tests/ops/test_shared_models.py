"""Real models made by others, where they are at hand: bit-exact as a whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from edgewright.compiler import compile_model
from edgewright.compiler.host import build
from edgewright.tflite.reader import read_model
from testbench.differential.oracle import Oracle
from tests.ops.batch import WARNINGS, assert_same

MODELS = Path(__file__).resolve().parents[3] / "shared" / "models"


def _input(seed: int, count: int) -> NDArray[np.int8]:
    """Bytes of a linear congruential generator, the high byte of each step."""
    x, found = seed, []
    for _ in range(count):
        x = (x * 1664525 + 1013904223) % (1 << 32)
        found.append(x >> 24)
    return np.array(found, np.uint8).view(np.int8)


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
@pytest.mark.parametrize("name", ["kws_ref_model", "pretrainedResnet_quant"])
def test_bit_exact(name: str, compiler: str, tmp_path: Path, oracle: Oracle) -> None:
    path = MODELS / f"{name}.tflite"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    graph = read_model(path)
    shape = graph.tensors[graph.inputs[0]].shape
    samples = [[_input(seed, int(np.prod(shape))).reshape(shape)] for seed in (1, 2, 3, 4)]
    program = build(compile_model(graph, "model"), tmp_path, compiler, (*WARNINGS, "-O2"))
    assert_same(program, samples, oracle.run(path.read_bytes(), samples), ["output"])
