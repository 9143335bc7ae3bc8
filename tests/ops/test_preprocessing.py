"""Kinds of [preprocess]: what the C makes of raw numbers is what evaluation gives to the model, number for number."""

from __future__ import annotations

import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from edgewright.answers.model_inputs import quantize
from edgewright.compiler import compile_model
from edgewright.errors import UserError
from edgewright.frontend import Header, Step, features, fitted, header, planned, raw_numbers
from edgewright.frontend.features import mixed
from edgewright.frontend.mapping import Affine, Table, mapping
from edgewright.preprocessing import Mix, Plan, log_mel, mfcc, normalise, resize, window
from edgewright.tflite.graph import Graph
from edgewright.tflite.reader import parse_model
from testbench import sounds
from testbench.differential.builder import ModelBuilder
from testbench.differential.oracle import Oracle
from tests.ops.batch import WARNINGS

RANDOM = np.random.default_rng(5)


def plan_of(kind: ModuleType, examples: NDArray[Any], **keys: Any) -> Plan:
    """Of a kind with its keys, computed of examples where they leave something open."""
    plan: Plan = kind.plan(kind.fit(kind.OPTIONS.model_validate(keys), examples), examples.shape[1:])
    return plan


def model(shape: tuple[int, ...], dtype: str = "int8", scale: float = 0.037, zero: int = -7) -> Graph:
    """One that gives its input back, in another shape."""
    net, whole = ModelBuilder(), (1, *shape)
    x, y = (net.tensor(size, scale, zero, dtype) for size in (whole, (1, int(np.prod(shape)))))
    net.op("RESHAPE", [x], [y], new_shape=[1, int(np.prod(shape))])
    return parse_model(net.finish([x], [y]))


WHOLE = """
#include <stdio.h>
#include "net_input.h"

int main(void)
{
    static RAW raw[NET_RAW_ELEMENTS];
    static INPUT input[NET_INPUT_ELEMENTS];
    ARENA
    while (fread(raw, sizeof raw, 1, stdin) == 1) {
        CALL
        fwrite(input, sizeof input, 1, stdout);
    }
    return 0;
}
"""

STREAM = """
#include <stdio.h>
#include "net_stream.h"

static net_stream stream;
static net_stream_arena arena;

int main(void)
{
    static RAW raw[1000000];
    static INPUT input[NET_STREAM_FRAMES * NET_STREAM_ROW];
    const int32_t count = (int32_t)fread(raw, sizeof raw[0], 1000000, stdin);
    int32_t taken = 0;
    if (net_stream_reset(&stream) != EW_OK) return 1;
    for (int32_t i = 0, chunk = 1; i < count; i += taken) {
        chunk = chunk * 7 % 61; /* chunks of odd sizes */
        if (net_stream_push(&stream, raw + i, chunk < count - i ? chunk : count - i, &taken, &arena) != EW_OK) return 2;
        if (net_stream_is_due(&stream)) {
            net_stream_input(&stream, input);
            fwrite(input, sizeof input, 1, stdout);
            if (net_stream_classify(&stream, &arena) != EW_OK) return 3;
        }
    }
    return 0;
}
"""


HOST = ((), ("gcc", *WARNINGS, "-fsanitize=address,undefined"))
CORTEX_M4 = (
    ("qemu-arm",),
    ("arm-none-eabi-gcc", "-mcpu=cortex-m4", "-mthumb", *WARNINGS, "-Os", "-nostartfiles", "--specs=nosys.specs"),
)
"""What runs a program, and what builds it."""


SYSTEM = """
#include <stddef.h>

extern int main(void);
int _read(int file, void *to, size_t size);
int _write(int file, const void *from, size_t size);
void *_sbrk(ptrdiff_t more);
void _start(void);

static int call(int number, int first, void *second, int third)
{
    register int r7 __asm__("r7") = number, r0 __asm__("r0") = first, r2 __asm__("r2") = third;
    register void *r1 __asm__("r1") = second;
    __asm__ volatile("svc 0" : "+r"(r0) : "r"(r1), "r"(r2), "r"(r7) : "memory");
    return r0;
}
int _read(int file, void *to, size_t size) { return call(3, file, to, (int)size); }
int _write(int file, const void *from, size_t size) { return call(4, file, (void *)(size_t)from, (int)size); }
void *_sbrk(ptrdiff_t more)
{
    static char heap[1 << 16] __attribute__((aligned(8)));
    static ptrdiff_t used;
    char *const found = heap + used;
    used += more;
    return found;
}
extern int fflush(void *stream);
void _start(void)
{
    const int status = main();
    (void)fflush(NULL);
    call(248, status, NULL, 0);
}
"""
"""What a program for Cortex-M4 asks of qemu-arm: to read, to write, to end."""


def run(
    plan: Plan, graph: Graph, raw: NDArray[Any], folder: Path, machine: tuple[tuple[str, ...], tuple[str, ...]] = HOST
) -> tuple[NDArray[Any], Header]:
    """What the generated C makes of raw numbers, [inputs, elements]; nothing that the compilers warn of."""
    joined = header("any", plan, graph, "net")
    source = graph.tensors[graph.inputs[0]]
    ctype = {"float32": "float"}.get(source.dtype, f"{source.dtype}_t")
    main = (STREAM if plan.stream else WHOLE).replace("INPUT input", f"{ctype} input")
    main = main.replace("RAW raw", f"{'float' if plan.raw.dtype == 'float32' else plan.raw.dtype + '_t'} raw")
    call = "if (net_input_from(raw, input, &arena) != EW_OK) return 1;" if plan.graph else "net_input_from(raw, input);"
    arena = "static net_raw_arena arena;" if plan.graph else ""
    files = {joined.name: joined.text, "main.c": main.replace("CALL", call).replace("ARENA\n", arena + "\n")}
    for part in (compile_model(graph, "net"), *([compile_model(plan.graph, "net_frontend")] if plan.graph else [])):
        files |= part.files
        sources = ["main.c", *(name for name in files if name.endswith(".c") and name != "main.c")]
    for path, text in files.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text)
    runner, compiler = machine
    if machine is CORTEX_M4:
        (folder / "system.c").write_text(SYSTEM)
        sources.append("system.c")
    subprocess.run([*compiler, *sources, "-o", "main"], cwd=folder, check=True)
    said = subprocess.run([*runner, "./main"], cwd=folder, input=raw.tobytes(), capture_output=True, check=True).stdout
    return np.frombuffer(said, source.dtype).reshape(-1, source.elements), joined


def wanted(plan: Plan, graph: Graph, examples: NDArray[Any]) -> NDArray[Any]:
    """What evaluation gives to the model, [inputs, elements]."""
    found = features(plan, examples, "examples").values
    return quantize(found.reshape(len(found), -1), graph.tensors[graph.inputs[0]])


SENSOR = RANDOM.normal([0.1, -3.0, 9.81], [0.02, 1.0, 4.0], (40, 25, 3)).astype(np.float32)
SIXTEEN = {"raw": "int16", "unit": 1 / 1024}


@pytest.mark.parametrize("dtype", ["int8", "int16", "float32"])
@pytest.mark.parametrize(
    "keys",
    [
        SIXTEEN,
        {**SIXTEEN, "per": "whole"},
        {"raw": "int8", "unit": 0.25},
        {"raw": "uint8", "unit": 0.25, "scale": 0.1, "offset": -1.0},
        {},
    ],
    ids=["int16", "whole", "int8", "uint8", "float32"],
)
def test_normalised_numbers_are_those_of_evaluation(keys: dict[str, Any], dtype: str, tmp_path: Path) -> None:
    examples = np.abs(SENSOR) if keys.get("raw") == "uint8" else SENSOR
    plan = plan_of(normalise, examples, **keys)
    scale, zero = {"int8": (0.037, -7), "int16": (0.0003, 0), "float32": (0, 0)}[dtype]
    graph = model((25, 3), dtype, scale, zero)
    got, joined = run(plan, graph, raw_numbers(plan.raw, examples, "examples"), tmp_path)
    np.testing.assert_array_equal(got, wanted(plan, graph, examples))
    assert len(np.unique(got)) > 20
    assert not joined.is_free


def test_mean_and_deviation_are_those_of_the_training_examples() -> None:
    plan = plan_of(normalise, SENSOR)
    found = features(plan, SENSOR, "examples").values
    np.testing.assert_allclose(found.mean(axis=(0, 1)), 0, atol=1e-4)
    np.testing.assert_allclose(found.std(axis=(0, 1)), 1, atol=1e-4)
    constant = plan_of(normalise, np.full((4, 3), 7.0))
    np.testing.assert_array_equal(features(constant, np.full((1, 3), 8.0), "examples").values, 1)


@pytest.mark.parametrize(("raw", "zero", "added"), [("uint8", -128, -128), ("int8", 0, 0), ("uint8", -100, None)])
def test_a_normalisation_in_the_scale_of_the_input_costs_nothing(raw: str, zero: int, added: int | None) -> None:
    """Pictures of 0 to 255 whose scale is that of a pixel: no multiplication is left."""
    plan = plan_of(normalise, np.zeros((1, 4)), raw=raw, unit=1 / 255, mean=[0.0], deviation=[0.25])
    graph = model((4,), "int8", float(np.float32(1 / 255 / 0.25)), zero)
    found = mapping(plan.scaling, graph.tensors[graph.inputs[0]])
    assert isinstance(found, Affine)
    assert found.added == added
    joined = header("normalise", plan, graph, "net")
    assert joined.is_free == (added is not None)
    assert ("The scale of the input holds the normalisation" in joined.text) == joined.is_free


def test_every_level_was_tried() -> None:
    """Ties are rounded away from zero, which no sum that is shifted does: a table, or real values, in its place."""
    for raw, kind in (("int8", Table), ("int16", type(None))):
        plan = plan_of(normalise, np.zeros((1, 4)), raw=raw, mean=[0.0], deviation=[1.0])
        source = model((4,), "int8", 2.0, 0)
        assert isinstance(mapping(plan.scaling, source.tensors[source.inputs[0]]), kind)


@pytest.mark.parametrize("raw", ["int8", "int16"])
def test_ties_are_rounded_as_in_evaluation(raw: str, tmp_path: Path) -> None:
    plan = plan_of(normalise, np.zeros((1, 4)), raw=raw, mean=[0.0], deviation=[1.0])
    graph, values = model((4,), "int8", 2.0, 0), np.arange(-60, 60).reshape(-1, 4).astype(np.float32)
    got, _ = run(plan, graph, raw_numbers(plan.raw, values, "examples"), tmp_path)
    np.testing.assert_array_equal(got, wanted(plan, graph, values))


@pytest.mark.parametrize("dtype", ["int8", "int16"])
@pytest.mark.parametrize("by", ["bilinear", "nearest"])
def test_resized_pictures_are_those_of_evaluation(by: str, dtype: str, tmp_path: Path) -> None:
    pictures = (RANDOM.integers(0, 256, (3, 10, 14, 3)) / 255).astype(np.float32)
    plan = plan_of(resize, pictures, size=[7, 9], by=by)
    scale, zero = {"int8": (0.016, 3), "int16": (0.0002, 0)}[dtype]
    graph = model((7, 9, 3), dtype, scale, zero)
    got, _ = run(plan, graph, raw_numbers(plan.raw, pictures, "pictures"), tmp_path)
    np.testing.assert_array_equal(got, wanted(plan, graph, pictures))
    assert len(np.unique(got)) > 100


@pytest.mark.parametrize("by", ["bilinear", "nearest"])
def test_resizing_is_that_of_tensorflow_lite_micro(by: str, oracle: Oracle) -> None:
    pixels = RANDOM.integers(0, 256, (2, 10, 14, 3))
    plan = plan_of(resize, pixels / 255, size=[7, 9], by=by, scale=1.0)
    found = features(plan, pixels / 255, "pictures").values * 255
    net = ModelBuilder()
    x, y = net.tensor((1, 10, 14, 3), 1.0, 0, "int8"), net.tensor((1, 7, 9, 3), 1.0, 0, "int8")
    op = {"bilinear": "RESIZE_BILINEAR", "nearest": "RESIZE_NEAREST_NEIGHBOR"}[by]
    net.op(op, [x, net.constant(np.array([7, 9], np.int32))], [y], version=3, half_pixel_centers=True)
    expected = oracle.run(net.finish([x], [y]), [[each[np.newaxis]] for each in (pixels - 128).astype(np.int8)])
    np.testing.assert_array_equal(np.round(found).astype(int) - 128, [outputs[0][0] for outputs in expected])


def test_windows_of_a_stream_are_those_of_evaluation(tmp_path: Path) -> None:
    plan = plan_of(window, SENSOR, rows=10, step=4, **SIXTEEN)
    graph = model((10, 3))
    long = SENSOR.reshape(1, -1, 3)[:, :90]
    got, _ = run(plan, graph, raw_numbers(plan.raw, long, "rows"), tmp_path)
    expected = wanted(plan, graph, long)
    assert expected.shape == (21, 30)
    np.testing.assert_array_equal(got, expected)


def chained(examples: NDArray[Any], *kinds: tuple[ModuleType, dict[str, Any]]) -> Plan:
    """Of several kinds, computed of examples."""
    steps = [Step(kind, kind.OPTIONS.model_validate(keys)) for kind, keys in kinds]
    return planned(fitted(steps, examples, "examples"), examples.shape[1:])


PICTURES = (RANDOM.integers(0, 256, (3, 10, 14, 3)) / 255).astype(np.float32)
HEARD = (np.maximum(sounds.made(1, 32 * 40), -32767) / 32768).astype(np.float32)
LONG = SENSOR.reshape(1, -1, 3)[:, :90]
CHAINS: dict[str, tuple[NDArray[Any], tuple[int, ...], list[tuple[ModuleType, dict[str, Any]]]]] = {
    "window, normalise": (LONG, (10, 3), [(window, {"rows": 10, "step": 4, **SIXTEEN}), (normalise, {})]),
    "normalise, window": (LONG, (10, 3), [(normalise, {"per": "whole", **SIXTEEN}), (window, {"rows": 10, "step": 4})]),
    "resize, normalise": (PICTURES, (7, 9, 3), [(resize, {"size": [7, 9]}), (normalise, {})]),
    "log-mel, normalise": (HEARD, (40, 8, 1), [(log_mel, sounds.SMALL), (normalise, {})]),
    "log-mel, window, normalise": (
        HEARD, (6, 8, 1), [(log_mel, sounds.SMALL), (window, {"rows": 6, "step": 3}), (normalise, {"per": "whole"})]
    ),
    "mfcc, normalise, window": (
        HEARD, (6, 5, 1),
        [(mfcc, {**sounds.SMALL, "coefficients": 5}), (normalise, {}), (window, {"rows": 6, "step": 3})],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("name", "dtype"), [*zip(CHAINS, ["int8", "int16"] * 3, strict=True)])
def test_several_kinds_one_after_the_other_are_those_of_evaluation(name: str, dtype: str, tmp_path: Path) -> None:
    examples, shape, kinds = CHAINS[name]
    plan = chained(examples, *kinds)
    graph = model(shape, dtype, *{"int8": (0.037, -7), "int16": (0.0003, 0)}[dtype])
    got, _ = run(plan, graph, raw_numbers(plan.raw, examples, "examples"), tmp_path)
    np.testing.assert_array_equal(got, wanted(plan, graph, examples))
    assert len(np.unique(got)) > 20


@pytest.mark.parametrize("name", ["resize, normalise", "mfcc, normalise, window"])
def test_a_device_makes_the_same(name: str, tmp_path: Path) -> None:
    examples, shape, kinds = CHAINS[name]
    plan, graph = chained(examples, *kinds), model(shape)
    got, _ = run(plan, graph, raw_numbers(plan.raw, examples, "examples"), tmp_path, CORTEX_M4)
    np.testing.assert_array_equal(got, wanted(plan, graph, examples))


@pytest.mark.parametrize("name", [name for name in CHAINS if name.endswith(", normalise")])
def test_what_comes_before_is_what_is_normalised(name: str) -> None:
    examples, _, kinds = CHAINS[name]
    plan = chained(examples, *kinds)
    values = features(plan, examples, "examples").values
    channels = plan.given if plan.stream else plan.gives[-1]
    found = values.reshape(-1, 1 if kinds[-1][1] else channels)
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-3)
    np.testing.assert_allclose(found.std(axis=0), 1, atol=1e-3)


def test_a_chain_is_the_one_kind_that_has_both() -> None:
    told = {"mean": [0.5, -3.0, 9.0], "deviation": [0.02, 1.0, 4.0]}
    one = plan_of(window, SENSOR, rows=10, step=4, **SIXTEEN, **told)
    assert chained(SENSOR, (window, {"rows": 10, "step": 4, **SIXTEEN}), (normalise, told)) == one
    one = plan_of(resize, PICTURES, size=[7, 9], **told)
    two = chained(
        PICTURES, (resize, {"size": [7, 9]}), (normalise, told)
    )  # the step of a pixel is rounded between both
    np.testing.assert_allclose(two.scaling.offsets, one.scaling.offsets, rtol=1e-4)
    np.testing.assert_allclose(two.scaling.factors, one.scaling.factors, rtol=1e-6)


def test_what_comes_before_has_to_fit() -> None:
    with pytest.raises(UserError, match="window takes rows of a stream, got 'examples of shape"):
        chained(PICTURES, (normalise, {}), (window, {"rows": 2, "step": 1}))
    with pytest.raises(
        UserError, match=r"preprocess.mean: does not fit the examples, got '2 numbers', allowed: 1 or 8"
    ):
        chained(HEARD, (log_mel, sounds.SMALL), (normalise, {"mean": [1.0, 2.0]}))


def test_each_window_comes_of_its_example() -> None:
    plan = plan_of(window, SENSOR, rows=10, step=5)
    found = features(plan, SENSOR, "rows")
    assert found.values.shape == (160, 10, 3)
    assert found.origins.tolist() == [number for number in range(40) for _ in range(4)]
    np.testing.assert_array_equal(found.values[4], features(plan, SENSOR[1:], "rows").values[0])


def test_mfcc_of_a_stream_are_those_of_evaluation(tmp_path: Path) -> None:
    plan = sounds.small(mfcc, coefficients=5)
    graph = model((6, 5, 1), "int8", 1 / 40, 11)
    sound = sounds.made(2, 32 * 60)[1:]
    got, _ = run(plan, graph, sound, tmp_path)
    real = np.maximum(sound, -32767) / np.float32(32768)
    found = features(plan, real, "sound").values[0]
    rows = np.stack([found[end - 6 : end] for end in range(6, 61, plan.stream.every if plan.stream else 1)])
    np.testing.assert_array_equal(got, quantize(rows.reshape(len(rows), -1), graph.tensors[graph.inputs[0]]))
    assert len(np.unique(got)) > 10


def test_mfcc_are_the_cosine_transform_of_the_logarithms() -> None:
    scipy_fft = pytest.importorskip("scipy.fft")
    found = RANDOM.integers(0, 256, (50, 32))
    mix = Mix(mfcc.cosines(13, 32), 14)
    expected = scipy_fft.dct(found.astype(np.float64), norm="ortho", axis=1)[:, :13]
    # weights are off by 1/2^15 at most, and the sum is rounded once
    assert np.abs(mixed(mix, found) - expected).max() <= 0.5 + 32 * 255 / 2**15


@pytest.mark.parametrize("noise", [False, True])
def test_gain_control_is_that_of_tensorflow_lite_micro(noise: bool, oracle: Oracle) -> None:
    plan = sounds.small(gain_control=True, noise_reduction=noise, window_ms=32, step_ms=16)
    sound = sounds.made(1, 20 * plan.taken)
    graph = sounds.graph_of(plan)
    steps = sound.reshape(-1, plan.taken)
    expected = [outputs[0] for outputs in oracle.run(sounds.as_file(graph), [[step] for step in steps])]
    got = features(plan, np.maximum(sound, -32767) / np.float32(32768), "sound").values[0, ..., 0] * 256
    np.testing.assert_array_equal(got, np.clip(expected, 0, 255))
    assert len(np.unique(got)) > 20


def test_gain_control_makes_loud_and_quiet_speakers_alike() -> None:
    time = np.arange(sounds.RATE) / sounds.RATE
    tone = 0.3 * np.sin(2 * np.pi * 1000 * time) * (np.sin(2 * np.pi * 4 * time) > 0) + RANDOM.normal(
        0, 0.01, len(time)
    )
    apart = {}
    for control in (False, True):
        plan = sounds.small(gain_control=control, window_ms=32, step_ms=16, bands=32)
        loud, quiet = features(plan, np.stack([tone, tone / 10]), "tone").values[:, 20:, :, 0]
        apart[control] = np.abs(loud.max(axis=1) - quiet.max(axis=1)).mean()
    assert apart[True] < apart[False] / 2


@pytest.mark.parametrize(
    ("kind", "keys", "shape", "problem"),
    [
        (normalise, {"mean": [1.0, 2.0]}, (4, 3), r"preprocess.mean: does not fit the examples, got '2 numbers'"),
        (window, {"rows": 5, "step": 1}, (4, 3), "an example is shorter than a window, got 'examples of 4 rows'"),
        (window, {"rows": 5, "step": 1}, (4,), "window takes rows of a stream"),
        (resize, {"size": [2, 2]}, (4, 4), "resize takes pictures"),
    ],
)
def test_examples_that_do_not_fit_are_refused(
    kind: ModuleType, keys: dict[str, Any], shape: tuple[int, ...], problem: str
) -> None:
    with pytest.raises(UserError, match=problem):
        plan_of(kind, np.ones((2, *shape)), **keys)


def test_values_that_raw_numbers_do_not_hold_are_refused() -> None:
    plan = plan_of(normalise, SENSOR, raw="int8", unit=0.01)
    with pytest.raises(
        UserError, match=r"takes other numbers.*allowed: -1.28 to 1.27, which int8 holds in steps of 0.01"
    ):
        features(plan, SENSOR, "the data of m")
