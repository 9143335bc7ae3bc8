"""What [preprocess] declares, in bundles: a product that takes raw numbers gives the model what training gave to it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from edgewright.answers import host_c
from edgewright.answers.model_inputs import quantize
from edgewright.datasets import Splits, read_prepared, write_prepared
from edgewright.files import read_json
from edgewright.sections.data import Data
from edgewright.stages.microcontroller import bundle, frontend, portable, together
from edgewright.stages.microcontroller import compile as compile_stage
from edgewright.stages.model import headers
from edgewright.stages.training import features
from edgewright.tflite.reader import read_model
from testbench import sounds
from testbench.nets import RELU, Net, to_tflite

from .bundles import core_section

STRICT = "-std=c99 -Wall -Wextra -Wconversion -Wpedantic -Wshadow -Wundef -Wcast-qual -Wmissing-prototypes -Werror"
LABELS = ["left", "right", "silence"]
SOUND = {"kind": "log-mel", **sounds.SMALL, "window_ms": 16, "step_ms": 8, "noise_reduction": True}
BOARD = "mps2-an386"


class Case(NamedTuple):
    """A model with what stands before it, and raw numbers of its examples, float32 [N, ...]."""

    preprocess: dict[str, Any] | list[dict[str, Any]]
    shape: tuple[int, int, int]
    examples: NDArray[np.float32]


def cases() -> dict[str, Case]:
    random = np.random.default_rng(2)
    heard = (sounds.made(6, 1024 + 40) / np.float32(32768)).astype(np.float32)
    moved = (np.round(random.normal(0, 3, (6, 30, 4)) * 64) / 64).astype(np.float32)
    seen = (random.integers(0, 256, (6, 9, 9, 1)) / 255).astype(np.float32)
    sensor = {"raw": "int16", "unit": 1 / 64}
    return {
        "hear": Case(
            [SOUND, {"kind": "normalise"}, {"kind": "window", "rows": 16, "step": 16}],
            (16, 8, 1),
            np.maximum(heard, -32767 / 32768),
        ),
        "move": Case({"kind": "window", "rows": 12, "step": 6, **sensor}, (12, 4, 1), moved),
        "see": Case([{"kind": "resize", "size": [8, 6]}, {"kind": "normalise"}], (8, 6, 1), seen),
    }


def network(shape: tuple[int, int, int]) -> bytes:
    """A .tflite of one convolution and the mean of its three channels."""
    random, net = np.random.default_rng(4), Net()
    x = net.input((1, *shape), 0.031, -9)
    x = net.conv(x, random.integers(-127, 128, (8, 3, 3, shape[2])), random.integers(-500, 500, 8), 0.1, -128, act=RELU)
    x = net.conv(x, random.integers(-127, 128, (3, *shape[:2], 8)), None, 0.3, 5, padding=1)
    return bytes(to_tflite(net.graph(x)))


def made(folder: Path, name: str, case: Case) -> Path:
    """All that the bundle of a model is made of, and the bundle, in `folder`."""
    model, prepared, facts = folder / f"{name}.tflite", folder / f"{name}.npz", folder / f"{name}.json"
    model.write_bytes(network(case.shape))
    y = np.arange(6) % 3
    write_prepared(folder / "data.npz", Splits(case.examples, y, case.examples, y, case.examples, y))
    declared, named = {"preprocess": case.preprocess}, ["--model", str(model), "--name", name]
    arguments = ["--prepared", str(folder / "data.npz"), "--out", str(prepared), "--facts", str(facts)]
    assert features.main([*arguments, "--options", json.dumps(declared)]) == 0
    arguments = ["--facts", str(facts), "--out-dir", str(folder / f"{name}_front"), "--options", json.dumps(declared)]
    assert frontend.main([*named, *arguments]) == 0
    options = ["--options", json.dumps({**core_section(BOARD), "labels": LABELS})]
    assert compile_stage.main([*named, *options, "--out-dir", str(folder / f"{name}_c")]) == 0
    options = ["--prepared", str(prepared), "--options", json.dumps({"data": {}, "labels": LABELS})]
    assert portable.main([*named, *options, "--out-dir", str(folder / f"{name}_portable")]) == 0
    arrays = [str(folder / f"{name}_tflite.{end}") for end in "hc"]
    assert headers.main(["--model", str(model), "--header", arrays[0], "--source", arrays[1]]) == 0
    assert (
        bundle.main(
            ["--model-dir", str(folder / f"{name}_c"), *parts_of(folder, name), "--out-dir", str(folder / name)]
        )
        == 0
    )
    return folder / name


def parts_of(folder: Path, name: str) -> list[str]:
    arguments = ["--portable-dir", str(folder / f"{name}_portable"), "--front-dir", str(folder / f"{name}_front")]
    arguments += ["--tflite-header", str(folder / f"{name}_tflite.h")]
    return [*arguments, "--tflite-source", str(folder / f"{name}_tflite.c")]


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fronts")
    for name, case in cases().items():
        made(folder, name, case)
    return folder


def run(folder: Path) -> list[str]:
    command = ["make", "-C", str(folder), "run", f"CFLAGS=-O1 {STRICT}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("name", list(cases()))
def test_the_first_thing_to_run_gives_the_bytes_of_training(bundles: Path, name: str, tmp_path: Path) -> None:
    shutil.copytree(bundles / name, tmp_path / "product")
    said = run(tmp_path / "product")
    first = "input" if name == "see" else "input of the first window"
    assert "self-test: passed" in said
    assert f"{name}: {first}: the bytes of training" in said
    answers = [line for line in said if line.startswith(f"{name}: ") and "class" in line]
    assert len(answers) == {"hear": 3, "move": 14, "see": 1}[name]
    assert all(any(label in line for label in LABELS) for line in answers)


def test_other_bytes_than_in_training_are_told(bundles: Path, tmp_path: Path) -> None:
    shutil.copytree(bundles / "hear", tmp_path / "product")
    sound = bytearray((bundles / "hear/examples/hear_raw/sample.wav").read_bytes())
    sound[600:1200] = bytes(600)
    (tmp_path / "product/examples/hear_raw/sample.wav").write_bytes(sound)
    command = ["make", "-C", str(tmp_path / "product"), "run"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "hear: input of the first window: other bytes than in training" in done.stdout


PRODUCT = """
#include <stdio.h>
#include "hear_stream.h"

static hear_stream stream;
static EW_ARENA hear_stream_arena arena;

int main(void)
{
    int16_t chunk[31];
    int32_t taken = 0;
    size_t count = 0;
    if (hear_stream_reset(&stream) != EW_OK) return 1;
    while ((count = fread(chunk, sizeof chunk[0], 31, stdin)) > 0) {
        for (int32_t i = 0; i < (int32_t)count; i += taken) {
            if (hear_stream_push(&stream, chunk + i, (int32_t)count - i, &taken, &arena) != EW_OK) return 2;
            if (stream.frames == HEAR_STREAM_FRAMES && stream.waiting == 0 && stream.answers == 0) {
                if (hear_stream_classify(&stream, &arena) != EW_OK) return 3;
                fwrite(stream.scores, sizeof stream.scores, 1, stdout);
            }
        }
    }
    return 0;
}
"""


def test_a_product_gives_the_answers_of_the_host(bundles: Path, tmp_path: Path) -> None:
    """Raw samples into the bundle's library; features into the C of the host: the same scores."""
    shutil.copytree(bundles / "hear", tmp_path / "hear")
    (tmp_path / "main.c").write_text(PRODUCT)
    sources = sorted(str(path) for path in (tmp_path / "hear/src").glob("*.c"))
    command = [
        "gcc",
        *STRICT.split(),
        "-fsanitize=address,undefined",
        f"-I{tmp_path / 'hear/src'}",
        "main.c",
        *sources,
        "-lm",
    ]
    subprocess.run([*command, "-o", "product"], cwd=tmp_path, check=True)
    graph = read_model(bundles / "hear.tflite")
    test = read_prepared(bundles / "hear.npz", Data()).test_x
    inputs = quantize(test, graph.tensors[graph.inputs[0]])
    (expected,) = host_c.answers(bundles / "hear.tflite", [inputs])
    for example, scores in zip(cases()["hear"].examples, expected, strict=True):
        raw = np.round(example * 32768).astype(np.int16).tobytes()
        said = subprocess.run([tmp_path / "product"], input=raw, capture_output=True, check=True).stdout
        np.testing.assert_array_equal(np.frombuffer(said, np.int8), scores.reshape(-1))


def test_several_models_of_one_firmware_have_theirs(bundles: Path, tmp_path: Path) -> None:
    names = ("hear", "move")
    models = [{"name": name, "model": str(bundles / f"{name}.tflite"), "labels": LABELS} for name in names]
    options = json.dumps({**core_section(BOARD), "models": models})
    assert together.main(["--name", "hear_and_move", "--options", options, "--out-dir", str(tmp_path / "c")]) == 0
    parts = [word for name in names for word in parts_of(bundles, name)]
    assert bundle.main(["--model-dir", str(tmp_path / "c"), *parts, "--out-dir", str(tmp_path / "both")]) == 0
    said = run(tmp_path / "both")
    for name in names:
        assert f"{name}: input of the first window: the bytes of training" in said
    listed = read_json(tmp_path / "both/bundle.json")["files"]
    assert {"src/hear_stream.h", "src/hear_frontend.c", "src/move_stream.h", "examples/move_raw/sample.raw"} <= set(
        listed
    )


def test_sound_of_another_rate_is_refused(bundles: Path, tmp_path: Path) -> None:
    shutil.copytree(bundles / "hear", tmp_path / "product")
    run(tmp_path / "product")
    sound = bytearray((bundles / "hear/examples/hear_raw/sample.wav").read_bytes())
    sound[24:28] = (16_000).to_bytes(4, "little")
    (tmp_path / "fast.wav").write_bytes(sound)
    command = [tmp_path / "product/build/hear_raw", tmp_path / "fast.wav"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "the file has 1 channels of 16 bits at 16000 Hz; hear hears 1 channel of 16 bits at 8000 Hz\n"
