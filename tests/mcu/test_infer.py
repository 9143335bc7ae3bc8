"""`edgewright infer`: inputs through a built model, the same answers from every device."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from edgewright import cli
from edgewright.stages.microcontroller import compile as compile_stage
from testbench.nets import RELU, Net, to_tflite

from .conftest import board_facts, build

M4 = "mps2-an386"


@dataclass(frozen=True)
class Built:
    """A small convolutional network, built for a board."""

    folder: Path
    inputs: NDArray[np.int8]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    chance = np.random.default_rng(11)
    net = Net()
    x = net.input((1, 6, 5, 3), 0.05, -4)
    x = net.conv(x, chance.integers(-127, 128, (8, 3, 3, 3)), chance.integers(-500, 500, 8), 0.1, -128, act=RELU)
    out = net.conv(x, chance.integers(-127, 128, (4, 1, 1, 8)), None, 0.3, 5)
    folder = tmp_path_factory.mktemp("built")
    (folder / "net.tflite").write_bytes(to_tflite(net.graph(out)))
    core = board_facts(M4)["core"]
    facts = {name: core[name] for name in ("cpu", "arch", "dsp", "mve")}
    arguments = ["--model", str(folder / "net.tflite"), "--name", "net", "--out-dir", str(folder / "c")]
    assert compile_stage.main([*arguments, "--options", json.dumps({"core": facts})]) == 0
    build(M4, folder / "c", folder)
    return Built(folder, chance.integers(-128, 128, (3, 1, 6, 5, 3), dtype=np.int8))


def infer(built: Built, input_file: Path, output_file: Path, *more: str) -> int:
    files = ["--input", str(input_file), "--output", str(output_file)]
    return cli.main(["infer", str(built.folder), *files, *more])


def test_same_answers_here_and_emulated(built: Built, tmp_path: Path) -> None:
    np.save(tmp_path / "in.npy", built.inputs)
    (tmp_path / "in.bin").write_bytes(built.inputs.tobytes())
    assert infer(built, tmp_path / "in.npy", tmp_path / "host.npy") == 0
    assert infer(built, tmp_path / "in.bin", tmp_path / "qemu.bin", "--device", "qemu") == 0
    answers = np.load(tmp_path / "host.npy")
    assert answers.shape == (3, 1, 6, 5, 4)
    assert answers.dtype == np.int8
    assert len(np.unique(answers)) > 20
    assert answers.tobytes() == (tmp_path / "qemu.bin").read_bytes()


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((2, 1, 6, 5, 3), np.uint8), "does not fit the model, got 'uint8 (2, 1, 6, 5, 3)', allowed: int8 of"),
        (
            np.zeros((2, 7), np.int8),
            "got 'int8 (2, 7)', allowed: int8 of shape (n, 1, 6, 5, 3)",
        ),
        (np.zeros((0, 1, 6, 5, 3), np.int8), "does not fit the model"),
    ],
)
def test_arrays_that_do_not_fit(
    built: Built, tmp_path: Path, capsys: pytest.CaptureFixture[str], array: NDArray[Any], message: str
) -> None:
    np.save(tmp_path / "in.npy", array)
    assert infer(built, tmp_path / "in.npy", tmp_path / "out.npy") == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("in.bin", b"", "does not fit the model, got '0 bytes', allowed: a multiple of 90"),
        ("in.bin", bytes(91), "does not fit the model, got '91 bytes', allowed: a multiple of 90"),
        ("in.npy", b"not an array", "is no .npy file"),
        ("in.npy", b"\x93NUMPY\x01\x00\x10", "is no .npy file"),
    ],
)
def test_files_that_do_not_fit(
    built: Built, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    assert infer(built, tmp_path / name, tmp_path / "out.bin") == 2
    assert message in capsys.readouterr().err


def test_other_mistakes(built: Built, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in.bin").write_bytes(built.inputs.tobytes())

    def told(code: int, *arguments: str, folder: Path = built.folder) -> str:
        assert infer(Built(folder, built.inputs), tmp_path / "in.bin", tmp_path / "out.bin", *arguments) == code
        return capsys.readouterr().err

    assert "no such device, got 'toaster', allowed: host, qemu or a serial port" in told(2, "--device", "toaster")
    assert "/dev/no-such-port" in told(5, "--device", "/dev/no-such-port")
    assert "compile.json: is missing" in told(2, folder=tmp_path)
    shutil.copytree(built.folder / "c", tmp_path / "c")
    assert "holds no built model, got [], allowed: one .tflite file" in told(2, folder=tmp_path)
    assert "no such firmware" in told(2, "--device", "qemu", folder=tmp_path)
    assert not (tmp_path / "out.bin").exists()


def test_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 0
    assert "infer       run inputs through a built model" in capsys.readouterr().out
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("edgewright 0.")
    assert cli.main(["infr"]) == 2
    error = capsys.readouterr().err
    assert "no such command, got 'infr', allowed: adopt-trial, advise, " in error
    assert "\n  hint: did you mean 'infer'?" in error


@pytest.mark.parametrize("content", ["{}", "null", '{"files": 1}'])
@pytest.mark.parametrize(("name", "device"), [("c/compile.json", "host"), ("firmware.json", "qemu")])
def test_json_of_another_shape_is_told(
    built: Built, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, device: str, content: str
) -> None:
    shutil.copytree(built.folder, tmp_path / "built")
    (tmp_path / "built" / name).write_text(content)
    (tmp_path / "in.bin").write_bytes(built.inputs.tobytes())
    copy = Built(tmp_path / "built", built.inputs)
    assert infer(copy, tmp_path / "in.bin", tmp_path / "out.bin", "--device", device) == 2
    assert f"error: {tmp_path / 'built' / name}: is damaged: " in capsys.readouterr().err
