"""`optimize = "size"`: one function for all shapes of a kernel, with the same answers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edgewright.compiler import CompiledModel, CompileOptions, Core, compile_model, host
from edgewright.tflite.reader import parse_model
from testbench.nets import RELU, Net, tflm, to_tflite


def network(layers: int) -> bytes:
    """Convolutions of different numbers of channels."""
    random = np.random.default_rng(2)
    net = Net()
    x = net.input((1, 6, 5, 4), 0.05, 2)
    for index in range(layers):
        deep = net.tensors[x].shape[3]
        x = net.conv(x, random.integers(-90, 90, (5 + index, 3, 3, deep)), scale=0.9, zero=-128, act=RELU)
    return to_tflite(net.graph(x))


def compiled(model: bytes, optimize: str, core: Core | None = None) -> CompiledModel:
    return compile_model(parse_model(model, "m.tflite"), "m", core or Core(), CompileOptions(optimize=optimize))


def test_three_shapes_share_a_function_and_give_the_same_answers(tmp_path: Path) -> None:
    model = network(3)
    small, balanced = compiled(model, "size"), compiled(model, "balanced")
    assert small.files["m.c"].count("static EW_NOINLINE void conv_2d") == 1
    assert small.files["m.c"].count("static const ew_conv_2d_s8_shape conv_2d_s8_ref_1_shape_") == 3
    assert balanced.files["m.c"].count("static EW_NOINLINE void conv_2d") == 3
    inputs = np.random.default_rng(3).integers(-128, 128, (20, 1, 6, 5, 4)).astype(np.int8)
    ours = host.build(small, tmp_path).run([inputs])[0]
    assert np.array_equal(ours.reshape(20, -1), np.stack(tflm(model, list(inputs))).reshape(20, -1))


def test_two_shapes_are_smaller_apart() -> None:
    assert compiled(network(2), "size").files["m.c"].count("static EW_NOINLINE void conv_2d") == 2


def depthwise(strides: tuple[int, ...], kernel: int = 3) -> bytes:
    """Depthwise layers of one window over images of different sizes."""
    random = np.random.default_rng(3)
    net = Net()
    x = net.input((1, 17, 13, 6), 0.05, 2)
    for stride in strides:
        weights = random.integers(-40, 41, (1, kernel, kernel, 6))
        x = net.conv(x, weights, scale=0.9, zero=-128, act=RELU, stride=stride, depthwise=True)
    return to_tflite(net.graph(x))


NO_DSP = [Core("cortex-m0", "armv6-m"), Core("cortex-m3", "armv7-m")]


@pytest.mark.parametrize("core", NO_DSP)
def test_kernels_whose_assembly_has_the_shape_in_it_have_a_body_for_each_window(core: Core) -> None:
    model = depthwise((2, 2, 2))
    for optimize, bodies in (("size", 1), ("balanced", 1), ("speed", 3)):
        code = compiled(model, optimize, core).files["m.c"]
        assert code.count("static EW_NOINLINE void depthwise_conv_2d_s8_m") == bodies, optimize
    shared = compiled(model, "balanced", core).files["m.c"]
    assert "shape.window.k_h = 3;" in shared
    assert shared.count("static const ew_depthwise_conv_2d_s8_swar_shape depthwise") == 3


@pytest.mark.parametrize("core", NO_DSP)
def test_two_images_are_smaller_apart(core: Core) -> None:
    code = compiled(depthwise((1, 2)), "balanced", core).files["m.c"]
    assert code.count("static EW_NOINLINE void depthwise_conv_2d_s8_m") == 2


M55 = Core("cortex-m55", "armv8.1-m.main", has_dsp=True, has_mve=True)


def test_helium_convolutions_and_depthwise_layers_share_a_body() -> None:
    for model, op in ((network(3), "conv_2d"), (depthwise((2, 2, 2), 2), "depthwise_conv_2d")):
        for optimize, bodies in (("size", 1), ("balanced", 1), ("speed", 3)):
            code = compiled(model, optimize, M55).files["m.c"]
            assert code.count(f"static EW_NOINLINE void {op}_s8_mve") == bodies, (op, optimize)
