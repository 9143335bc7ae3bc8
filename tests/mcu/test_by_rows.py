"""A model whose input comes by rows, on an emulated core: the answers of this machine, in less RAM."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from edgewright import cli
from edgewright.files import read_json
from edgewright.stages.microcontroller import compile as compile_stage
from testbench.nets import RELU, Net, to_tflite

from .conftest import board_facts, build

BOARDS = (
    "mps2-an386",
    *(pytest.param(board, marks=pytest.mark.slow) for board in ("mps2-an385-m0", "mps2-an385", "mps3-an547")),
)


def network() -> bytes:
    chance, net = np.random.default_rng(5), Net()
    x = net.input((1, 24, 20, 3), 0.05, -4)
    x = net.conv(x, chance.integers(-127, 128, (8, 3, 3, 3)), chance.integers(-500, 500, 8), 0.3, -128, act=RELU)
    for out, stride in ((16, 1), (24, 2)):
        deep = net.tensors[x].shape[3]
        kernel = chance.integers(-127, 128, (1, 3, 3, deep))
        x = net.conv(x, kernel, [0] * deep, 0.4, -128, stride=stride, act=RELU, depthwise=True)
        x = net.conv(x, chance.integers(-127, 128, (out, 1, 1, deep)), None, 0.6, 3)
    return to_tflite(net.graph(net.pool(x, 2, 2)))


@pytest.mark.parametrize("board", BOARDS)
def test_rows_give_the_same_answers_here_and_emulated(board: str, tmp_path: Path) -> None:
    (tmp_path / "net.tflite").write_bytes(network())
    core = board_facts(board)["core"]
    facts = {name: core[name] for name in ("cpu", "arch", "dsp", "mve")}
    options = {"core": facts, "compile": {"input": "auto"}, "budget": {"ram": "5 KiB"}}
    arguments = ["--model", str(tmp_path / "net.tflite"), "--name", "net", "--out-dir", str(tmp_path / "c")]
    assert compile_stage.main([*arguments, "--options", json.dumps(options)]) == 0
    build(board, tmp_path / "c", tmp_path)
    rows = read_json(tmp_path / "c/compile.json")["rows"]
    assert rows["rows"] == 24
    assert len(rows["layers"]) > 2
    ram = read_json(tmp_path / "firmware.json")["ram"]
    assert ram["arena_bytes"] + ram["static_bytes"] < 5120
    inputs = np.random.default_rng(6).integers(-128, 128, (2, 1, 24, 20, 3), dtype=np.int8)
    np.save(tmp_path / "in.npy", inputs)
    for name, more in (("host", []), ("qemu", ["--device", "qemu"])):
        files = ["--input", str(tmp_path / "in.npy"), "--output", str(tmp_path / f"{name}.npy")]
        assert cli.main(["infer", str(tmp_path), *files, *more]) == 0
    answers = np.load(tmp_path / "host.npy")
    assert answers.tobytes() == np.load(tmp_path / "qemu.npy").tobytes()
    assert len(np.unique(answers)) > 20
