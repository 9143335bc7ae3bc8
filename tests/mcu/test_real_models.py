"""Published models on every emulated core: the answers of the same C on this machine, to the bit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edgewright.files import read_json
from edgewright.sections.board import Measured
from edgewright.stages.device import measure
from edgewright.stages.microcontroller import compile as compile_stage
from testbench.boards import board as named
from testbench.boards import part

from .conftest import ROOT, board_facts, build

MODELS = ROOT.parent / "shared" / "models"
BOARDS = ("mps2-an385-m0", "mps2-an385", "mps2-an386", "mps2-an500", "mps2-an505", "mps3-an547", "qemu-virt-rv32imc")
NAMES = {"kws": "kws_ref_model", "ic": "pretrainedResnet_quant"}


def run(model: str, board: str, folder: Path) -> None:
    """Compile, build, measure; the measure stage fails when one of 16 answers is not that of the host."""
    tflite = MODELS / f"{NAMES[model]}.tflite"
    if not tflite.is_file():
        pytest.skip(f"the model is not here: {tflite}")
    facts = board_facts(board)
    core = facts["core"]
    options = {"core": {name: core[name] for name in ("cpu", "arch", "dsp", "mve")}}
    arguments = ["--model", str(tflite), "--name", model, "--out-dir", str(folder / "c")]
    assert compile_stage.main([*arguments, "--options", json.dumps(options)]) == 0
    elf = build(board, folder / "c", folder)
    options = {
        "runtime": "aot",
        "board": part(Measured, named(board)),
        "measure": {"transport": "qemu-system"},
        "data": None,
    }
    arguments = ["--model", str(tflite), "--firmware", str(elf), "--out", str(folder / "latency.json")]
    assert measure.main([*arguments, "--options", json.dumps(options)]) == 0
    latency, sizes = read_json(folder / "latency.json"), read_json(folder / "firmware.json")
    assert latency["outputs_agree"]["equal"] is True
    assert latency["outputs_agree"]["samples"] == 16
    assert len(set(latency["instructions_all"])) == 1
    assert sizes["ram"]["stack_bytes"] <= latency["stack_bytes"] <= sizes["ram"]["stack_bytes"] + 64
    assert sizes["flash"]["code_bytes"] <= 24 * 1024


def test_keyword_spotting_on_a_cortex_m4(tmp_path: Path) -> None:
    run("kws", "mps2-an386", tmp_path)


def test_keyword_spotting_on_risc_v(tmp_path: Path) -> None:
    run("kws", "qemu-virt-rv32imc", tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize("model", NAMES)
def test_every_model_on_every_core(model: str, board: str, tmp_path: Path) -> None:
    run(model, board, tmp_path)
