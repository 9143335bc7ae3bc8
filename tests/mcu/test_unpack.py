"""Weights that are unpacked once: in firmware, to RAM or to flash; in the bundle."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgewright import cli
from edgewright.devices import qemu_system
from edgewright.devices._base import Job
from edgewright.errors import UserError
from edgewright.files import read_json
from edgewright.stages.microcontroller import compile as compile_stage
from edgewright.stages.microcontroller import firmware
from tests.compiler.test_weights import PLAIN, images, network_bytes

from .bundles import make_bundle
from .conftest import board_facts, build, stage_options

BOARDS = {
    "cortex-m4": "mps2-an386",
    "cortex-m55": "mps3-an547",
    "cortex-m3": "mps2-an385",
    "cortex-m0": "mps2-an385-m0",
}
ALWAYS = ("cortex-m0", "cortex-m4")


def _library(folder: Path, board: str, weights: str) -> Path:
    """The C library of the network of tests/compiler/test_weights.py for a board."""
    core = board_facts(board)["core"]
    options = {
        "core": {name: core[name] for name in ("cpu", "arch", "dsp", "mve")},
        "compile": {"weights": weights, "without": sorted(PLAIN)},
    }
    folder.mkdir(parents=True)
    (folder / "net.tflite").write_bytes(network_bytes())
    arguments = ["--model", str(folder / "net.tflite"), "--name", "net", "--out-dir", str(folder / "c")]
    assert compile_stage.main([*arguments, "--options", json.dumps(options)]) == 0
    return folder / "c"


def _answers(folder: Path, board: str, weights: str) -> tuple[Any, dict[str, Any]]:
    build(board, _library(folder, board, weights), folder)
    np.save(folder / "in.npy", images()[:3])
    files = ["--input", str(folder / "in.npy"), "--output", str(folder / "out.npy")]
    assert cli.main(["infer", str(folder), *files, "--device", "qemu"]) == 0
    return np.load(folder / "out.npy"), read_json(folder / "firmware.json")


@pytest.mark.parametrize(  # the smallest and the usual core stand for all
    "cpu", [pytest.param(cpu, marks=() if cpu in ALWAYS else pytest.mark.slow) for cpu in BOARDS]
)
def test_unpacked_to_ram_at_start_up(cpu: str, tmp_path: Path) -> None:
    raw, plain = _answers(tmp_path / "raw", BOARDS[cpu], "raw")
    found, facts = _answers(tmp_path / "startup", BOARDS[cpu], "startup")
    np.testing.assert_array_equal(found, raw)
    unpacked = read_json(tmp_path / "startup" / "c" / "compile.json")["unpacked_bytes"]
    assert unpacked > 0
    assert facts["ram"]["static_bytes"] >= unpacked > facts["ram"]["static_bytes"] - 64
    assert facts["flash"]["weights_bytes"] < plain["flash"]["weights_bytes"] - 0.8 * unpacked


def test_the_stack_is_that_of_unpacking_where_it_is_deeper(tmp_path: Path) -> None:
    def used(weights: str) -> int:
        image = build(
            BOARDS["cortex-m4"], _library(tmp_path / weights, BOARDS["cortex-m4"], weights), tmp_path / weights
        )
        samples = (images()[:1],)
        job = Job(tmp_path / "net", "aot", samples, board_facts(BOARDS["cortex-m4"]), firmware=image)
        return int(qemu_system.measure(job, qemu_system.OPTIONS()).figures["stack_bytes"])

    assert used("startup") > 800 > used("raw")


def test_installed_into_flash_at_the_first_start(tmp_path: Path) -> None:
    raw, plain = _answers(tmp_path / "raw", BOARDS["cortex-m4"], "raw")
    found, facts = _answers(tmp_path / "install", BOARDS["cortex-m4"], "install")
    np.testing.assert_array_equal(found, raw)
    assert facts["ram"]["static_bytes"] < plain["ram"]["static_bytes"] + 64
    assert facts["flash"]["weights_bytes"] > plain["flash"]["weights_bytes"]
    programmed = (tmp_path / "install" / "firmware.bin").stat().st_size
    assert programmed < (tmp_path / "raw" / "firmware.bin").stat().st_size / 2


def test_a_board_whose_port_does_not_write_flash_is_refused(tmp_path: Path) -> None:
    model = _library(tmp_path / "m", "pico", "install")
    options = json.dumps(stage_options("pico"))
    with pytest.raises(UserError, match="the port of pico does not write flash"):
        firmware.main(["--model-dir", str(model), "--out-dir", str(tmp_path), "--options", options])


@pytest.mark.parametrize("weights", ["startup", "install"])
def test_the_bundle_unpacks(weights: str, tmp_path: Path) -> None:
    made = make_bundle(tmp_path, network_bytes(), "net", BOARDS["cortex-m4"], weights=weights)
    call = {"startup": "net_init(weights)", "install": "net_use(weights)"}[weights]
    assert call in (made / "README.md").read_text()
    sources = sorted(map(str, (made / "src").glob("*.c")))
    command = ["gcc", "-Wall", "-Wextra", "-Werror", "-Isrc", *sources, "examples/main/main.c", "-o", "main"]
    subprocess.run(command, cwd=made, check=True)
    said = subprocess.run([made / "main"], check=True, capture_output=True, text=True).stdout
    assert said.startswith("self-test: passed\n")


def test_damaged_codes_of_a_bundle_give_a_status(tmp_path: Path) -> None:
    made = make_bundle(tmp_path, network_bytes(), "net", "qemu-virt-rv32imc", weights="coded", without=sorted(PLAIN))
    weights = made / "src" / "net_weights.h"
    text = weights.read_text()
    codes = re.search(r"coded.*?= {\n(.*?)};", text, re.DOTALL)
    assert codes is not None
    (tmp_path / "app.c").write_text(
        "#include <net_selftest.h>\nstatic net_arena a;\nint main(void) { return (int)net_selftest(&a); }\n"
    )
    sources = sorted(map(str, (made / "src").glob("*.c")))
    sanitizers = ["-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    command = ["gcc", *sanitizers, f"-I{made / 'src'}", "app.c", *sources, "-o", "app"]
    found = []
    for number in (None, "0", "85"):
        damaged = codes[1] if number is None else re.sub(r"\d+", number, codes[1])
        weights.write_text(text.replace(codes[1], damaged))
        subprocess.run(command, cwd=tmp_path, check=True)
        found.append(subprocess.run([tmp_path / "app"], check=False).returncode)
    assert found[0] == 0
    assert set(found[1:]) <= {3, 6}, "EW_ERR_WEIGHTS or EW_ERR_ANSWER"
