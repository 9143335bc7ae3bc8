"""`[compile] rounding`: FULLY_CONNECTED as TensorFlow Lite Micro rounds it, or as LiteRT does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.differential.builder import ModelBuilder
from benchmarks.differential.oracle import Oracle
from edgewright.compiler import CompileOptions, Core, compile_model
from edgewright.compiler.host import build
from edgewright.compiler.options import read_options
from edgewright.errors import UserError
from edgewright.tflite.reader import parse_model
from tests.ops.batch import SANITIZE


def _dense(seed: int) -> bytes:
    """Three layers, so that what one rounds differently shows."""
    random, net = np.random.default_rng(seed), ModelBuilder()
    x = y = net.tensor((1, 24), 0.05, -7)
    for width in (40, 30, 20):
        weights = net.constant(random.integers(-127, 128, (width, y.shape[1])).astype(np.int8), 0.01)
        bias = net.constant(random.integers(-3000, 3000, width).astype(np.int32), y.scale * 0.01)
        y = net.op("FULLY_CONNECTED", [y, weights, bias], [net.tensor((1, width), y.scale * 0.8, 3)], version=4)
    return net.finish([x], [y])


def _run(model: bytes, folder: Path, samples: NDArray[np.int8], rounding: str) -> NDArray[Any]:
    options = CompileOptions(rounding=rounding)
    program = build(compile_model(parse_model(model), "net", options=options), folder, "gcc", SANITIZE)
    return program.run([samples])[0]


def _expected(oracle: Oracle, model: bytes, samples: NDArray[np.int8]) -> NDArray[Any]:
    return np.stack([outputs[0] for outputs in oracle.run(model, [[sample] for sample in samples])])


@pytest.mark.parametrize("seed", range(3))
def test_each_rounding_is_that_of_its_oracle(seed: int, tmp_path: Path, oracle: Oracle, litert: Oracle) -> None:
    model = _dense(seed)
    samples = np.random.default_rng(seed).integers(-128, 128, (200, 1, 24)).astype(np.int8)
    twice, once = _expected(oracle, model, samples), _expected(litert, model, samples)
    assert np.any(twice != once)
    np.testing.assert_array_equal(_run(model, tmp_path / "twice", samples, "tflm"), twice)
    np.testing.assert_array_equal(_run(model, tmp_path / "once", samples, "litert"), once)


def test_portable_kernels_round_once_on_every_core() -> None:
    core = Core("cortex-m55", "armv8.1-m.main", has_dsp=True, has_mve=True)
    compiled = compile_model(parse_model(_dense(0)), "net", core, CompileOptions(rounding="litert"))
    assert {layer["variant"] for layer in compiled.facts()["layers"]} == {"ref"}
    assert compiled.facts()["rounding"] == "litert"


def test_a_rounding_that_is_none() -> None:
    with pytest.raises(UserError, match=r"compile\.rounding: unknown choice, got 'up', allowed: tflm, litert"):
        read_options({"rounding": "up"})
    assert read_options({"rounding": "litert"}).rounding == "litert"
