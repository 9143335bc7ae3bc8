"""Bundles of small models, made by the stages that a build runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from edgewright.stages.microcontroller import bundle, portable, together
from edgewright.stages.microcontroller import compile as compile_stage
from edgewright.stages.model import headers
from testbench.nets import RELU, Net, to_tflite

from .conftest import board_facts


def small_network(seed: int = 11, classes: int = 4) -> bytes:
    """A .tflite of two convolutions: 6 x 5 x 3 to 6 x 5 x classes."""
    chance = np.random.default_rng(seed)
    net = Net()
    x = net.input((1, 6, 5, 3), 0.05, -4)
    x = net.conv(x, chance.integers(-127, 128, (8, 3, 3, 3)), chance.integers(-500, 500, 8), 0.1, -128, act=RELU)
    return bytes(to_tflite(net.graph(net.conv(x, chance.integers(-127, 128, (classes, 1, 1, 8)), None, 0.3, 5))))


def core_section(board: str | None) -> dict[str, Any]:
    """The options of the compile stage that say what a board's core is; of this machine for None."""
    if board is None:
        return {}
    core = board_facts(board)["core"]
    return {"core": {name: core[name] for name in ("cpu", "arch", "dsp", "mve")}}


def make_bundle(folder: Path, tflite: bytes, name: str, board: str | None = "mps2-an386", **compiled: Any) -> Path:
    """The bundle of a model in `folder`/<name>; `compiled`: its section [compile], for speed where it does not say.

    A network this small would have portable kernels alone otherwise: their code is less.
    """
    compiled = {"optimize": "speed", **compiled}
    folder.mkdir(parents=True, exist_ok=True)
    model, out = folder / f"{name}.tflite", folder / name
    model.write_bytes(tflite)
    named = ["--model", str(model), "--name", name]
    options = json.dumps({**core_section(board), "compile": compiled})
    assert compile_stage.main([*named, "--options", options, "--out-dir", str(folder / f"{name}_c")]) == 0
    options = json.dumps({"compile": {key: value for key, value in compiled.items() if key == "input"}})
    assert portable.main([*named, "--options", options, "--out-dir", str(folder / f"{name}_portable")]) == 0
    arrays = [str(folder / f"{name}_tflite.{end}") for end in "hc"]
    assert headers.main(["--model", str(model), "--header", arrays[0], "--source", arrays[1]]) == 0
    return pack(folder, name, out)


def pack(folder: Path, name: str, out: Path, *more: str) -> Path:
    """The last step of it alone."""
    arguments = ["--model-dir", str(folder / f"{name}_c"), "--portable-dir", str(folder / f"{name}_portable")]
    arguments += ["--tflite-header", str(folder / f"{name}_tflite.h")]
    arguments += ["--tflite-source", str(folder / f"{name}_tflite.c")]
    assert bundle.main([*arguments, "--out-dir", str(out), *more]) == 0
    return out


def make_group(folder: Path, nets: dict[str, bytes], board: str | None = "mps2-an386", **compiled: Any) -> Path:
    """The bundle of several models in `folder`/<a>_and_<b>, and beside it what it is made of, and each model's own."""
    compiled = {"optimize": "speed", **compiled}
    for name, tflite in nets.items():
        make_bundle(folder, tflite, name, board, **compiled)
    whole = "_and_".join(nets)
    models = [{"name": name, "model": str(folder / f"{name}.tflite")} for name in nets]
    options = json.dumps({**core_section(board), "compile": compiled, "models": models})
    assert together.main(["--name", whole, "--options", options, "--out-dir", str(folder / f"{whole}_c")]) == 0
    arguments = ["--model-dir", str(folder / f"{whole}_c"), "--out-dir", str(folder / whole)]
    for name in nets:
        arguments += ["--portable-dir", str(folder / f"{name}_portable")]
        arguments += ["--tflite-header", str(folder / f"{name}_tflite.h")]
        arguments += ["--tflite-source", str(folder / f"{name}_tflite.c")]
    assert bundle.main(arguments) == 0
    return folder / whole
