"""Every kernel for DSP cores on emulated boards, against plain numpy: shapes, kinds of data, overlapping memory."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from edgewright import ops
from edgewright.compiler import CompileOptions
from edgewright.compiler.select.kernels import best_kernel
from edgewright.kernels import dsp_layout
from testbench.kernels import cases
from testbench.kernels.cases import (
    ENDS,
    ENDS_HIGH,
    FLAVOURS,
    HUGE,
    LINEAR,
    NONE,
    RELU,
    RELU6,
    RELU_LOW,
    RELU_MID,
    SAME,
    VALID,
    fitting,
)
from testbench.kernels.image import BOARDS, Case, run
from tests.kernels import int16
from tests.kernels.test_recurrent import KERNELS as RECURRENT

pytestmark = pytest.mark.skipif(
    not (shutil.which("qemu-system-arm") and shutil.which("arm-none-eabi-gcc")), reason="no emulator or cross compiler"
)

ONE_OUT = cases.Flavour(-20, 30, RELU, (-127, 127), bias=200, shifts=(1, 4))  # shifts at the low end
FAR_OUT = cases.Flavour(5, -60, NONE, (-127, 127), bias=(1 << 29), shifts=(20, 31))  # at the high end, large sums
LARGE_BIAS = cases.Flavour(-128, -128, RELU, (-127, 127), bias=1 << 25, shifts=(14, 20))  # no channel fits in hi
WIDE_BIAS = cases.Flavour(-128, 3, NONE, (-60, 60), bias=1 << 20)  # fits in hi, but not in 16 bits
APART = cases.Flavour(0, 0, RELU, (-60, 60), bias=1000, shifts=(4, 12))  # no constant shift
SHIFTS = (ONE_OUT, FAR_OUT, LARGE_BIAS, WIDE_BIAS, APART)


def convolutions(name: str) -> Iterator[Case]:
    """Pixels, depths, channels that fit no block; strides, dilations, padding; kinds of data."""
    for image, out_c, kernel, stride, dilation, padding in (
        ((1, 5, 5, 4), 4, (1, 1), (1, 1), (1, 1), SAME),
        ((1, 7, 3, 8), 5, (1, 1), (2, 1), (1, 1), SAME),
        ((3, 1, 1, 12), 3, (1, 1), (1, 1), (1, 1), SAME),
        ((1, 6, 8, 4), 6, (3, 3), (1, 1), (1, 1), SAME),
        ((2, 6, 8, 8), 3, (3, 3), (1, 1), (1, 1), VALID),
        ((1, 9, 7, 4), 2, (3, 3), (2, 2), (1, 1), SAME),
        ((1, 9, 10, 4), 2, (3, 2), (1, 1), (2, 3), SAME),
        ((1, 12, 4, 3), 7, (3, 3), (1, 2), (1, 1), SAME),
        ((1, 11, 6, 1), 4, (10, 4), (2, 2), (1, 1), SAME),
        ((1, 5, 9, 5), 1, (2, 5), (3, 1), (1, 2), SAME),
        ((1, 4, 14, 8), 4, (1, 3), (1, 1), (1, 1), SAME),
        ((1, 5, 6, 12), 2, (5, 3), (2, 1), (2, 1), SAME),
        ((1, 1, 2, 4), 1, (3, 3), (1, 1), (1, 1), SAME),
        ((2, 9, 12, 1), 5, (3, 3), (1, 1), (1, 1), SAME),  # windows inside the image, and nine values of twelve
        ((2, 9, 12, 1), 5, (5, 5), (1, 1), (2, 1), VALID),
        ((1, 7, 11, 1), 4, (3, 3), (1, 1), (1, 1), VALID),  # the same with pixels left over
        ((1, 6, 16, 2), 3, (2, 3), (2, 1), (1, 1), VALID),
        ((1, 5, 13, 3), 3, (3, 3), (2, 2), (1, 1), VALID),
    ):
        for flavour in (LINEAR, RELU_LOW, RELU_MID):
            yield from fitting(
                name, cases.convolution, image, out_c, kernel,
                stride=stride, dilation=dilation, padding=padding, flavour=flavour,
            )  # fmt: skip
    for seed, flavour in enumerate((*FLAVOURS, *SHIFTS)):
        yield from fitting(name, cases.convolution, (1, 5, 6, 8), 6, (3, 3), flavour=flavour, seed=seed)


def depthwise(name: str) -> Iterator[Case]:
    """Lines along both axes, odd lengths, strides, fewer than four channels, lines that are all border."""
    for image, stride, padding in (
        ((1, 25, 5, 8), (1, 1), SAME),
        ((1, 5, 24, 5), (1, 1), SAME),
        ((2, 6, 7, 4), (2, 2), SAME),
        ((1, 9, 8, 6), (2, 1), SAME),
        ((1, 8, 9, 3), (1, 2), VALID),
        ((1, 9, 12, 4), (3, 2), SAME),
        ((1, 7, 10, 4), (1, 3), SAME),
        ((1, 1, 1, 5), (1, 1), SAME),
        ((1, 2, 1, 4), (1, 1), SAME),
        ((1, 1, 9, 1), (2, 2), SAME),
        ((1, 3, 3, 4), (1, 1), VALID),
        ((1, 4, 4, 12), (2, 2), SAME),
    ):
        for flavour in (LINEAR, RELU_LOW, RELU_MID):
            yield from fitting(
                name, cases.convolution, image, image[3], (3, 3),
                stride=stride, padding=padding, flavour=flavour, depthwise=True,
            )  # fmt: skip
    for seed, flavour in enumerate((*FLAVOURS, *SHIFTS)):
        yield from fitting(name, cases.convolution, (1, 5, 6, 8), 8, (3, 3), flavour=flavour, depthwise=True, seed=seed)
        yield from fitting(name, cases.convolution, (1, 5, 6, 6), 6, (5, 4), flavour=flavour, depthwise=True, seed=seed)


def windows(name: str) -> Iterator[Case]:
    """Depthwise convolutions of all forms, and some more of int8."""
    for image, multiplier, kernel, stride, dilation, padding in (
        *int16.WINDOWS,
        ((1, 13, 4, 2), 1, (12, 1), (3, 1), (1, 1), SAME),
        ((1, 11, 9, 4), 1, (3, 3), (1, 1), (2, 3), SAME),
        ((1, 30, 1, 5), 1, (3, 1), (1, 1), (8, 1), SAME),
        ((1, 8, 8, 6), 2, (3, 3), (2, 2), (1, 1), SAME),
        ((1, 7, 6, 3), 4, (3, 3), (1, 1), (1, 1), SAME),
        ((1, 9, 8, 1), 4, (3, 3), (1, 1), (1, 1), SAME),
    ):
        for flavour in (LINEAR, RELU_LOW, RELU_MID):
            yield from fitting(
                name, cases.convolution, image, image[3] * multiplier, kernel,
                stride=stride, dilation=dilation, padding=padding, flavour=flavour, depthwise=True,
            )  # fmt: skip


def others(name: str) -> Iterator[Case]:
    """FULLY_CONNECTED, ADD, SUB, MUL, pooling."""
    for rows, depth, out_c in (
        (1, 64, 12), (1, 37, 5), (1, 1, 1), (3, 9, 6), (5, 12, 3), (9, 10, 2), (1, 130, 4),
        (2, 24, 2), (1, 20, 1), (1, 36, 10), (3, 32, 15),
    ):  # fmt: skip
        for flavour in (LINEAR, RELU_LOW, RELU_MID, ENDS, ENDS_HIGH, HUGE, *SHIFTS):
            yield from fitting(
                name, cases.fully_connected, rows, depth, out_c, flavour=flavour, per_channel=depth % 2 == 0
            )
    for quantizations in (
        ((0.5, 3), (0.5, -128), (0.75, 7)),
        ((0.1, -128), (0.03, 127), (0.09, -128)),
        ((0.01, 0), (1.0, -5), (0.9, 20)),
        ((1.0, 127), (0.55, -128), (4.0, 0)),
    ):
        for activation in (NONE, RELU):
            shape = (1, 3, 5, 7)
            for make in (cases.addition, cases.subtraction, cases.multiplication):
                yield from fitting(name, make, (shape, shape), quantizations=quantizations, activation=activation)
    for image, kernel, stride in (
        ((2, 8, 8, 8), (8, 8), (1, 1)),
        ((1, 7, 5, 4), (3, 2), (2, 2)),
        ((1, 4, 4, 12), (2, 2), (2, 2)),
    ):
        yield from fitting(name, cases.pool, image, kernel, stride=stride)
        for padding in (SAME, VALID):
            options = {"op": "MAX_POOL_2D", "stride": stride, "padding": padding}
            yield from fitting(name, cases.pool, image, kernel, **options)
            yield from fitting(name, cases.pool, image, kernel, **options, activation=RELU6)


def all_cases() -> list[Case]:
    makes = (convolutions, depthwise, windows, others, *int16.MAKES, int16.windows)
    return [case for name in cases.kernel_names("dsp") for make in makes for case in make(name)]


def check(found: Sequence[Case], board: str, folder: Path, **options: str) -> None:
    outcomes = run(found, BOARDS[board], folder, **options)
    assert len(outcomes) >= len(found)
    assert [f"{o.name}, input over output: {o.overlapping}" for o in outcomes if o.differing] == []


def test_every_kernel_on_cortex_m4(tmp_path: Path) -> None:
    found = all_cases()
    called = {call.kernel for case in found for call in case.calls}
    assert called == cases.covered("dsp") - set(RECURRENT)
    check(found, "m4", tmp_path)


@pytest.mark.parametrize("board", [pytest.param("m7", marks=pytest.mark.slow), "m33"])  # m7 runs what m4 runs
def test_some_on_other_cores(board: str, tmp_path: Path) -> None:
    check(all_cases()[::5], board, tmp_path)


SMALL = pytest.param({"optimize": "-Os"}, marks=pytest.mark.slow)  # without any optimization stands for it


@pytest.mark.parametrize("options", [{"compiler": "clang"}, {"optimize": "-O0"}, SMALL])
def test_some_with_other_compilers(options: dict[str, str], tmp_path: Path) -> None:
    check(all_cases()[::7], "m4", tmp_path, **options)


@pytest.mark.parametrize("flavour", [LINEAR, HUGE, FAR_OUT, ENDS])
@pytest.mark.parametrize("depthwise", [False, True])
def test_what_would_not_be_exact_is_refused(flavour: cases.Flavour, depthwise: bool) -> None:
    for seed in range(5):
        case = cases.convolution((1, 3, 4, 4), 4, (3, 3), "ref", flavour=flavour, seed=seed, depthwise=depthwise)
        op = ops.get(case.view.node.op)
        if op.unsupported(case.view, "dsp", BOARDS["m4"].core) is None:
            op.lower(case.view, "dsp")
        else:
            with pytest.raises(dsp_layout.UnfitError):
                op.lower(case.view, "dsp")


@pytest.mark.parametrize("optimize", ["speed", "balanced", "size"])
def test_price_decides_whether_a_window_is_worth_its_bytes(optimize: str) -> None:
    view = cases.convolution((1, 12, 12, 8), 8, (5, 5), "ref", flavour=RELU_LOW, depthwise=True).view
    best = best_kernel(view, BOARDS["m4"].core, CompileOptions(optimize=optimize))
    assert best.variant == ("ref" if optimize == "size" else "dsp")
