"""A model with state in the emulator, in the harness and in the bundle."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

from edgewright import cli
from edgewright.stages import bundle
from edgewright.stages import compile as compile_stage
from tests.streams import FIRST, ring, stream

from .conftest import board_facts, build

M4 = "mps2-an386"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ring")
    (folder / "net.tflite").write_bytes(ring(FIRST))
    core = board_facts(M4)["core"]
    facts = {"name": core["cpu"], "arch": core["arch"], "has_dsp": core["dsp"], "has_mve": core["mve"]}
    arguments = ["--model", str(folder / "net.tflite"), "--name", "net", "--out-dir", str(folder / "c")]
    assert compile_stage.main([*arguments, "--options", json.dumps({"core": facts})]) == 0
    build(M4, folder / "c", folder)
    np.save(folder / "in.npy", np.stack(stream(6)))
    return folder


def test_a_stream_is_the_same_here_and_emulated(built: Path) -> None:
    for device in ("host", "qemu"):
        files = ["--input", str(built / "in.npy"), "--output", str(built / f"{device}.npy")]
        assert cli.main(["infer", str(built), *files, "--device", device]) == 0
    np.testing.assert_array_equal(np.load(built / "qemu.npy"), np.load(built / "host.npy"))


def test_the_bundle_resets_the_state(built: Path, tmp_path: Path) -> None:
    for name in ("net_tflite.h", "net_tflite.c"):
        (tmp_path / name).write_text("")
    arrays = ["--tflite-header", str(tmp_path / "net_tflite.h"), "--tflite-source", str(tmp_path / "net_tflite.c")]
    arguments = ["--model", str(built / "net.tflite"), "--name", "net", "--out-dir", str(tmp_path / "c")]
    assert compile_stage.main(arguments) == 0  # for this machine
    assert bundle.main(["--model-dir", str(tmp_path / "c"), *arrays, "--out-dir", str(tmp_path / "b")]) == 0
    assert "net_invoke(input, output, arena, state)" in (tmp_path / "b" / "README.md").read_text()
    command = ["gcc", "-Wall", "-Wextra", "-Werror", "-Isrc", "src/net.c", "examples/main/main.c", "-o", "main"]
    subprocess.run(command, cwd=tmp_path / "b", check=True)
    subprocess.run([str(tmp_path / "b" / "main")], check=True, capture_output=True)
