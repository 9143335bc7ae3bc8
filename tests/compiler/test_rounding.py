"""FULLY_CONNECTED as LiteRT rounds it, beside LiteRT's reference kernels; and by default as TensorFlow Lite Micro."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from edgewright.compiler import CompileOptions, Core, compile_model, host
from edgewright.tflite.reader import parse_model
from testbench.nets import RELU, Net, tflm, to_tflite

# LiteRT never shares a process with the other runtimes
LITERT = """
import sys, numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType
model = Interpreter(model_path=sys.argv[1], experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
model.allocate_tensors()
results = []
for value in np.load(sys.argv[2]):
    model.set_tensor(model.get_input_details()[0]["index"], value)
    model.invoke()
    results.append(model.get_tensor(model.get_output_details()[0]["index"]))
np.save(sys.argv[3], np.stack(results))
"""


def network() -> bytes:
    random = np.random.default_rng(5)
    net = Net()
    x = net.input((1, 40), 0.02, 3)
    x = net.dense(x, random.integers(-127, 128, (64, 40)), random.integers(-900, 900, 64), 0.03, -128, RELU)
    return to_tflite(net.graph(net.dense(x, random.integers(-127, 128, (31, 64)), scale=0.11, zero=-7)))


def halves() -> bytes:
    """A factor of the scales that is 1/4: sums of both signs end just between two numbers."""
    net = Net()
    x = net.input((1, 40), 0.5, 3)
    weights = np.random.default_rng(7).integers(-9, 10, (64, 40))
    return to_tflite(net.graph(net.dense(x, weights, scale=0.024, zero=-7)))


def litert(model: bytes, inputs: np.ndarray, folder: Path) -> np.ndarray:
    (folder / "m.tflite").write_bytes(model)
    np.save(folder / "in.npy", inputs)
    files = [str(folder / name) for name in ("m.tflite", "in.npy", "out.npy")]
    subprocess.run([sys.executable, "-c", LITERT, *files], check=True, capture_output=True)
    answers: np.ndarray = np.load(files[2])
    return answers


def ours(model: bytes, inputs: np.ndarray, rounding: str, folder: Path) -> np.ndarray:
    compiled = compile_model(parse_model(model, "m.tflite"), "m", options=CompileOptions(rounding=rounding))
    return host.build(compiled, folder).run([inputs])[0]


@pytest.mark.parametrize("made", [network, halves])
def test_each_rounding_gives_the_answers_of_its_runtime(made: Callable[[], bytes], tmp_path: Path) -> None:
    model = made()
    inputs = np.random.default_rng(6).integers(-128, 128, (300, 1, 40)).astype(np.int8)
    once = ours(model, inputs, "litert", tmp_path / "once").reshape(300, -1)
    twice = ours(model, inputs, "tflm", tmp_path / "twice").reshape(300, -1)
    assert np.array_equal(once, litert(model, inputs, tmp_path).reshape(300, -1))
    assert np.array_equal(twice, np.stack(tflm(model, list(inputs))).reshape(300, -1))
    assert not np.array_equal(once, twice), "the network tells the two apart"


@pytest.mark.parametrize(
    "core", [Core("cortex-m4", "armv7e-m", has_dsp=True), Core("cortex-m55", "armv8.1-m.main", has_mve=True)]
)
def test_kernels_that_round_twice_are_not_taken(core: Core) -> None:
    graph = parse_model(network(), "m.tflite")
    facts = compile_model(graph, "m", core, CompileOptions(rounding="litert")).facts()
    assert facts["rounding"] == "litert"
    assert {layer["variant"] for layer in facts["layers"]} == {"ref"}
    assert all("rounds twice" in layer["why"] for layer in facts["layers"])
