"""Whole networks from Keras to C: every byte as TensorFlow Lite Micro's, on this machine and on emulated cores."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from edgewright.compiler import CompileOptions, compile_model
from edgewright.compiler.host import build as build_host
from edgewright.files import read_json
from edgewright.ops.fully_connected import ROUNDS_ONCE
from edgewright.sections.board import Instructions, Measured, Ported
from edgewright.stages.device import measure
from edgewright.stages.microcontroller import compile as compile_stage
from edgewright.stages.microcontroller import firmware
from edgewright.tflite.graph import Graph
from edgewright.tflite.reader import read_model
from testbench.boards import board as named
from testbench.boards import part
from testbench.differential.oracle import Oracle
from tests.models.networks import NETWORKS

ROOT = Path(__file__).parents[2]
SANITIZE = ("-std=c99", "-O1", "-w", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
BOARDS = ("mps2-an385-m0", "mps2-an385", "mps2-an386", "mps3-an547")
ON_EVERY_RUN = ("attention", "detector", "shapes", "u_net")
OF_LITERT = ("transformer",)
"""What TensorFlow Lite Micro does not run."""


def samples(graph: Graph) -> list[NDArray[np.int8]]:
    shape = graph.tensors[graph.inputs[0]].shape
    random = np.random.default_rng(7)
    found = [random.integers(-128, 128, shape).astype(np.int8) for _ in range(4)]
    return [*found, np.full(shape, -128, np.int8), np.full(shape, 127, np.int8)]


@pytest.mark.parametrize("name", NETWORKS)
def test_network_on_this_machine(name: str, networks: Path, oracle: Oracle, litert: Oracle, tmp_path: Path) -> None:
    path = networks / f"{name}.tflite"
    graph = read_model(path)
    given = samples(graph)
    runtime, rounding = (litert, "litert") if name in OF_LITERT else (oracle, "tflm")
    expected = runtime.run(path.read_bytes(), [[sample] for sample in given])
    options = CompileOptions(rounding=rounding)
    program = build_host(compile_model(graph, "net", options=options), tmp_path, flags=SANITIZE)
    assert len({outputs[0].tobytes() for outputs in expected}) > 2, "inputs do not matter to the network"
    for in_arena in (True, False):
        for place, got in enumerate(program.run([np.stack(given)], in_arena=in_arena)):
            want = np.stack([outputs[place] for outputs in expected]).reshape(got.shape)
            np.testing.assert_array_equal(got, want, err_msg=f"output {place}, in arena: {in_arena}")


def test_fully_connected_alone_rounds_otherwise_in_a_transformer(
    networks: Path, litert: Oracle, tmp_path: Path
) -> None:
    """What sets TensorFlow Lite Micro's rounding apart from LiteRT's: docs/runtimes.md."""
    path = networks / "transformer.tflite"
    graph = read_model(path)
    random = np.random.default_rng(3)
    given = [random.integers(-128, 128, graph.tensors[graph.inputs[0]].shape).astype(np.int8) for _ in range(40)]
    expected = np.stack([outputs[0] for outputs in litert.run(path.read_bytes(), [[sample] for sample in given])])
    nodes = (
        replace(node, options={**node.options, ROUNDS_ONCE: True}) if node.op == "FULLY_CONNECTED" else node
        for node in graph.nodes
    )
    for twice, of in ((True, graph), (False, graph.with_(nodes=tuple(nodes)))):
        (got,) = build_host(compile_model(of, "net"), tmp_path / str(twice)).run([np.stack(given)])
        most = np.abs(got.reshape(expected.shape).astype(int) - expected).max()
        assert most == int(twice)


def on_board(name: str, board: str, networks: Path, folder: Path) -> None:
    """The measure stage fails when one of four answers is not that of the host."""
    facts = named(board)
    tflite = str(networks / f"{name}.tflite")
    options = {"core": part(Instructions, facts.core)}
    arguments = ["--model", tflite, "--name", "net", "--out-dir", str(folder / "c"), "--options", json.dumps(options)]
    assert compile_stage.main(arguments) == 0
    options = {"target": "test", "board_name": board, "board": part(Ported, facts), "firmware": {}}
    arguments = ["--model-dir", str(folder / "c"), "--out-dir", str(folder), "--options", json.dumps(options)]
    assert firmware.main(arguments) == 0
    options = {"runtime": "aot", "board": part(Measured, facts), "measure": {"transport": "qemu-system"}, "samples": 4}
    arguments = ["--model", tflite, "--firmware", str(folder / "firmware.elf"), "--out", str(folder / "latency.json")]
    assert measure.main([*arguments, "--options", json.dumps(options)]) == 0
    assert read_json(folder / "latency.json")["outputs_agree"]["equal"] is True


@pytest.mark.parametrize("name", ON_EVERY_RUN)
def test_network_on_a_cortex_m4(name: str, networks: Path, tmp_path: Path) -> None:
    on_board(name, "mps2-an386", networks, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize("name", NETWORKS)
def test_network_on_every_core(name: str, board: str, networks: Path, tmp_path: Path) -> None:
    on_board(name, board, networks, tmp_path)
