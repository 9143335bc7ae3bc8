"""What [preprocess] declares: TensorFlow Lite Micro, this machine's C and a model's features have the same numbers."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from edgewright.compiler import compile_model
from edgewright.datasets import spoken_digits
from edgewright.errors import UserError
from edgewright.frontend import features, header, levels
from edgewright.home import home
from edgewright.preprocessing import LEVELS, Plan
from edgewright.tflite.graph import Graph
from edgewright.tflite.reader import parse_model
from testbench import sounds
from testbench.differential.builder import ModelBuilder
from testbench.differential.oracle import Oracle
from tests.ops.batch import WARNINGS

FRAMES = 6


def speech() -> np.ndarray:
    if not sounds.RECORDINGS.is_file():
        pytest.skip(f"no recordings at {sounds.RECORDINGS}")
    return np.round(spoken_digits.load(3).test_x[..., 0] * 32768).astype(np.int16)


@pytest.mark.parametrize("noise", [False, True])
def test_the_front_end_is_that_of_tensorflow_lite_micro(noise: bool, oracle: Oracle) -> None:
    section = sounds.small(noise_reduction=noise)
    sound = sounds.made(1, 20 * section.taken)
    expected = oracle.run(
        sounds.as_file(sounds.graph_of(section)), [[step] for step in sound.reshape(-1, section.taken)]
    )
    got = levels(section, sound, "sounds")[0]
    np.testing.assert_array_equal(got, [outputs[0] for outputs in expected])
    assert len(np.unique(got)) > 20


def test_real_speech_is_as_in_tensorflow_lite_micro(oracle: Oracle) -> None:
    section, heard = sounds.small(window_ms=32, step_ms=16, bands=32), speech()
    model = sounds.as_file(sounds.graph_of(section))
    for sound, got in zip(heard, levels(section, heard, "speech"), strict=True):
        steps = sound[: len(got) * section.taken].reshape(-1, section.taken)
        np.testing.assert_array_equal(got, [outputs[0] for outputs in oracle.run(model, [[step] for step in steps])])


def test_each_sound_begins_from_silence() -> None:
    section, many = sounds.small(noise_reduction=True), sounds.made(5, 200)
    together = levels(section, many, "sounds")
    np.testing.assert_array_equal(together, [levels(section, each[np.newaxis], "sounds")[0] for each in many])


def test_features_are_levels_of_what_the_file_held() -> None:
    section, many = sounds.small(), sounds.made(4, 333)
    got = features(section, (many / np.float32(32768))[..., np.newaxis], "sounds").values
    assert got.shape == (4, 333 // 32, 8, 1)
    np.testing.assert_array_equal(got[..., 0] * LEVELS, levels(section, many, "sounds"))


def clipped(seconds: NDArray[np.int16]) -> NDArray[np.int16]:
    """A quiet sound in which the microphone clips for a moment."""
    made = (seconds // 256).astype(np.int16)
    made[:, 512:641] = -32768  # up to the middle of a window
    return made


def test_clipped_sound_is_as_loud_as_it_is() -> None:
    """SignalFftAutoScale takes a sample of -32768 for the quietest: neither training nor the device gives it one."""
    section, sound = sounds.small(window_ms=32, step_ms=16), clipped(sounds.made(1, 1280))
    assert (levels(section, sound, "sound") != levels(section, np.maximum(sound, -32767), "sound")).any()
    heard = features(section, (sound / np.float32(32768))[..., np.newaxis], "sound").values
    np.testing.assert_array_equal(heard[..., 0] * LEVELS, levels(section, np.maximum(sound, -32767), "sound"))


def test_a_tone_is_in_its_band_and_as_loud_as_it_is() -> None:
    section = sounds.small(window_ms=32, step_ms=16, bands=32)
    time = np.arange(4000) / sounds.RATE
    tones = [np.sin(2 * np.pi * hertz * time) for hertz in (500, 1000, 2000, 3000)]
    bands = [int(frames[20].argmax()) for frames in features(section, np.stack(tones), "tones").values[..., 0]]
    assert bands == sorted(set(bands))
    loud, quiet = (features(section, tones[1][np.newaxis] * by, "tone").values[0, 20].max() for by in (1.0, 0.1))
    assert (loud - quiet) * LEVELS == pytest.approx(16 * np.log(10), abs=2)


@pytest.mark.parametrize(
    ("examples", "problem"),
    [
        (np.zeros((2, 28, 28, 1)), r"takes sounds, got 'examples of shape \[28, 28, 1\]'"),
        (np.full((2, 100), 300.0), "takes other sounds, got 'values from 300 to 300'"),
        (np.zeros((2, 31)), "shorter than a step, got '31 samples'"),
    ],
)
def test_what_is_no_sound_is_refused(examples: np.ndarray, problem: str) -> None:
    with pytest.raises(UserError, match=problem):
        features(sounds.small(), examples, "the data of m")


def model(dtype: str = "int8", states: bool = False, frames: int = FRAMES, bands: int = 8) -> Graph:
    """Of frames the largest value of each band, twice."""
    net = ModelBuilder()
    x = net.tensor((1, frames, bands, 1), 1 / 256 if dtype != "float32" else 0, -128 if dtype == "int8" else 0, dtype)
    y = net.tensor((1, 1, bands, 1), x.scale, x.zero_point, dtype)
    if states:
        net.op("ASSIGN_VARIABLE", [net.handle("v"), x], [])
    pool = {"filter_height": frames, "filter_width": 1, "stride_h": 1, "stride_w": 1, "padding": 1}
    net.op("MAX_POOL_2D", [x], [y], version=2, **pool)
    return parse_model(net.finish([x], [y]))


MAIN = """
#include <stdio.h>
#include "net_stream.h"

static net_stream stream;
static net_stream_arena arena;

int main(void)
{
    int16_t samples[NET_STREAM_STEP];
    int8_t input[NET_STREAM_FRAMES * NET_STREAM_ROW];
    for (int turn = 0; turn < 2; turn++) {
        if (net_stream_reset(&stream) != EW_OK) return 1;
        rewind(stdin);
        while (fread(samples, sizeof samples, 1, stdin) == 1) {
            if (net_stream_feed(&stream, samples, &arena) != EW_OK) return 2;
            if (net_stream_classify(&stream, &arena) != EW_OK) return 3;
            net_stream_input(&stream, input);
            fwrite(input, sizeof input, 1, stdout);
            fwrite(stream.scores, sizeof stream.scores, 1, stdout);
            fputc(net_stream_best(&stream), stdout);
        }
    }
    return 0;
}
"""


def run(section: Plan, graph: Graph, name: str, main: str, sound: NDArray[np.int16], folder: Path) -> bytes:
    """What a program says that has the model, its front end and the header that joins them, and reads a sound."""
    files = {f"{name}_stream.h": header("log-mel", section, graph, name).text, "main.c": main}
    for part in (compile_model(graph, name), compile_model(sounds.graph_of(section), f"{name}_frontend")):
        files |= part.files
    for path, text in files.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text)
    (folder / "sound").write_bytes(sound.tobytes())
    sources = ["main.c", f"{name}.c", f"{name}_frontend.c"]
    subprocess.run(["gcc", *WARNINGS, "-fsanitize=address,undefined", *sources, "-o", "main"], cwd=folder, check=True)
    with (folder / "sound").open("rb") as source:
        return subprocess.run(["./main"], cwd=folder, stdin=source, capture_output=True, check=True).stdout


def test_a_stream_sees_what_the_model_learned_from(tmp_path: Path) -> None:
    section, sound = sounds.small(window_ms=32, step_ms=16), clipped(sounds.made(1, 128 * 20))
    said = run(section, model(), "net", MAIN, sound, tmp_path)
    rows = np.frombuffer(said, np.int8).reshape(2, 20, FRAMES * 8 + 9)
    np.testing.assert_array_equal(rows[0], rows[1])
    frames = levels(section, np.maximum(sound, -32767), "sound")[0]
    heard = np.concatenate([np.zeros((FRAMES, 8), np.int16), frames]) - 128
    for step, row in enumerate(rows[0]):
        window = heard[step + 1 : step + 1 + FRAMES]
        np.testing.assert_array_equal(row[: FRAMES * 8].reshape(FRAMES, 8), window)
        np.testing.assert_array_equal(row[FRAMES * 8 : -1], window.max(axis=0))


HEAR = """
#include <stdio.h>

int main(void)
{
    int16_t samples[SPOKEN_DIGITS_STREAM_STEP];
    begin();
    while (fread(samples, sizeof samples, 1, stdin) == 1) {
        printf("%d ", hear(samples));
    }
    return 0;
}
"""


def test_the_example_of_the_documents_hears(tmp_path: Path) -> None:
    text = (home() / "docs" / "models.md").read_text()
    shown = next(part.split("```")[0] for part in text.split("```c\n")[1:] if "spoken_digits_stream" in part)
    section = sounds.small(window_ms=32, step_ms=16, bands=32)
    time = np.arange(128 * 80) / sounds.RATE
    tone = np.round(20000 * np.sin(2 * np.pi * 1000 * time))[np.newaxis].astype(np.int16)
    answers = run(section, model(frames=62, bands=32), "spoken_digits", shown + HEAR, tone, tmp_path).decode().split()
    band = int(levels(section, tone, "tone")[0, 70].argmax())
    assert answers == ["-1"] * 61 + [str(band)] * 19


@pytest.mark.parametrize(
    ("graph", "problem"),
    [
        (model("float32"), "takes another model, got 'float32', allowed: one input, one output, no state"),
        (model(states=True), "takes another model"),
    ],
)
def test_a_model_that_hears_nothing_is_refused(graph: Graph, problem: str) -> None:
    with pytest.raises(UserError, match=problem):
        header("log-mel", sounds.small(), graph, "net")


def test_a_model_of_no_whole_frames_is_refused() -> None:
    with pytest.raises(UserError, match="takes no whole frames, got 'an input of 48 numbers', allowed: multiples of 9"):
        header("log-mel", sounds.small(bands=9), model(), "net")
