"""Kernels for Helium and for cores without DSP instructions on emulated boards, against plain numpy."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from edgewright import ops
from edgewright.kernels import swar_layout
from testbench.kernels import cases
from testbench.kernels.cases import (
    ENDS,
    ENDS_HIGH,
    FLAVOURS,
    LINEAR,
    NONE,
    RELU,
    RELU6,
    RELU_LOW,
    SAME,
    TRAINED,
    VALID,
    Flavour,
    fitting,
)
from testbench.kernels.image import BOARDS, Case, run
from tests.kernels import int16

needs_emulator = pytest.mark.skipif(
    not (shutil.which("qemu-system-arm") and shutil.which("arm-none-eabi-gcc")), reason="no emulator or cross compiler"
)

ISAS = {"m55": "mve", "m3": "m3", "m0": "m0"}

CASES = 200
"""In one image: it has to fit into the 512 KiB of the M55 board."""

SHIFTS_LOW = Flavour(-20, 30, RELU, bias=200, shifts=(1, 4))
SHIFTS_EDGE = Flavour(3, 127, NONE, bias=1 << 20, shifts=(2, 24))
SHIFTS_HIGH = Flavour(5, -60, NONE, bias=1 << 28, shifts=(20, 31))
BIAS_EDGE = Flavour(-128, -128, NONE, bias=(1 << 29) - (1 << 22), shifts=(14, 24))
ALL_FLAVOURS = (*FLAVOURS, TRAINED, SHIFTS_LOW, SHIFTS_EDGE, SHIFTS_HIGH, BIAS_EDGE)


def convolutions(variant: str) -> Iterator[Case]:
    """Depths that are no multiple of 4 or 16, one channel, strides, dilation, padding, single pixels, long windows."""
    for seed, flavour in enumerate(ALL_FLAVOURS):
        yield from fitting(variant, cases.convolution, (1, 9, 7, 5), 6, (3, 3), flavour=flavour, seed=seed)
        yield from fitting(variant, cases.convolution, (1, 3, 5, 17), 7, (1, 1), flavour=flavour, seed=seed)
    for flavour in (ENDS, ENDS_HIGH):
        yield from fitting(variant, cases.convolution, (1, 2, 3, 70), 3, (3, 3), flavour=flavour)
    for image, out_c, kernel, stride, dilation, padding in (
        ((2, 7, 8, 4), 3, (3, 2), (2, 1), (1, 1), SAME),
        ((1, 9, 9, 3), 5, (3, 3), (1, 1), (2, 3), SAME),
        ((1, 1, 1, 40), 9, (1, 1), (1, 1), (1, 1), SAME),
        ((1, 12, 11, 1), 8, (5, 4), (2, 3), (1, 1), VALID),
        ((1, 4, 4, 64), 2, (3, 3), (1, 1), (1, 1), SAME),
        ((1, 2, 2, 130), 3, (3, 3), (1, 1), (1, 1), SAME),
        ((1, 5, 6, 16), 4, (3, 3), (1, 1), (1, 1), SAME),
        ((1, 5, 9, 48), 4, (1, 3), (1, 2), (1, 1), SAME),
        ((3, 3, 1, 16), 5, (2, 1), (3, 1), (1, 1), SAME),
        ((1, 6, 6, 32), 8, (1, 1), (2, 2), (1, 1), VALID),
        ((1, 49, 10, 1), 4, (10, 4), (2, 2), (1, 1), SAME),
        ((1, 1, 2, 1560), 5, (1, 1), (1, 1), (1, 1), SAME),
    ):
        for flavour in (TRAINED, LINEAR):
            yield from fitting(
                variant, cases.convolution, image, out_c, kernel,
                stride=stride, dilation=dilation, padding=padding, flavour=flavour,
            )  # fmt: skip


def depthwise(variant: str) -> Iterator[Case]:
    """As convolutions; besides a multiplier on an image of one channel, and rows that are skipped."""
    for seed, flavour in enumerate(ALL_FLAVOURS):
        yield from _depthwise(variant, (1, 9, 7, 5), flavour=flavour, seed=seed)
        yield from _depthwise(variant, (1, 4, 4, 1), out_c=6, flavour=flavour, seed=seed)
    for image, kernel, stride, dilation, padding in (
        ((1, 6, 5, 17), (1, 1), (1, 1), (1, 1), SAME),
        ((2, 7, 8, 36), (3, 2), (2, 1), (1, 1), SAME),
        ((1, 9, 9, 3), (3, 3), (1, 1), (2, 3), SAME),
        ((1, 1, 1, 40), (1, 1), (1, 1), (1, 1), SAME),
        ((1, 12, 11, 1), (5, 4), (2, 3), (1, 1), VALID),
        ((1, 11, 3, 16), (3, 3), (4, 2), (1, 1), SAME),
        ((1, 8, 8, 6), (5, 5), (1, 1), (1, 1), SAME),
        ((1, 25, 5, 8), (3, 3), (1, 1), (1, 1), SAME),
        ((2, 5, 11, 3), (3, 3), (1, 1), (1, 1), SAME),  # rows of eight outputs and more
        ((1, 9, 19, 8), (3, 3), (2, 2), (1, 1), SAME),
        ((1, 6, 16, 1), (5, 4), (1, 1), (1, 1), VALID),
        ((1, 9, 9, 2), (3, 3), (3, 1), (2, 1), SAME),
        ((2, 3, 3, 5), (3, 3), (1, 1), (1, 1), VALID),
        ((1, 6, 9, 5), (3, 3), (2, 2), (1, 1), VALID),
    ):
        for flavour in (TRAINED, LINEAR):
            yield from _depthwise(
                variant, image, kernel, stride=stride, dilation=dilation, padding=padding, flavour=flavour
            )


def dense(variant: str) -> Iterator[Case]:
    """Rows of several lengths; sums of up to 24 bits, with their sign."""
    for seed, flavour in enumerate(ALL_FLAVOURS):
        for rows, depth, out_c in ((1, 64, 12), (3, 37, 5), (2, 7, 1)):
            yield from fitting(
                variant,
                cases.fully_connected,
                rows,
                depth,
                out_c,
                flavour=flavour,
                seed=seed,
                per_channel=seed % 2 == 0,
            )
    for flavour in (ENDS, ENDS_HIGH, LINEAR):  # sums of up to 24 bits, with their sign
        for depth, out_c in ((511, 10), (64, 17)):
            yield from fitting(variant, cases.fully_connected, 1, depth, out_c, flavour=flavour)


def others(variant: str) -> Iterator[Case]:
    """ADD with and without broadcasting, pools."""
    for quantizations in (
        ((0.04, -128), (0.1, 4), (0.05, -128)),
        ((0.1, 127), (0.04, -128), (0.2, -3)),
        ((0.5, 5), (0.001, -7), (0.3, 127)),
        ((0.1, 0), (0.05, 0), (0.05, 0)),
    ):
        for activation in (NONE, RELU, RELU6):
            for shapes in (((1, 5, 3, 7), (1, 5, 3, 7)), ((1, 5, 3, 16), (1, 1, 1, 16)), ((2, 1, 3, 1), (2, 5, 1, 9))):
                yield from fitting(variant, cases.addition, shapes, quantizations=quantizations, activation=activation)
    for op in ("AVERAGE_POOL_2D", "MAX_POOL_2D"):
        for channels in (3, 8, 21):
            for kernel, stride, padding in (((3, 2), (1, 1), SAME), ((2, 3), (2, 3), SAME), ((7, 6), (1, 1), VALID)):
                yield from fitting(
                    variant, cases.pool, (2, 7, 6, channels), kernel, op=op, stride=stride, padding=padding
                )


def _depthwise(variant: str, image, kernel=(3, 3), out_c=0, **options) -> Iterator[Case]:  # type: ignore[no-untyped-def]
    yield from fitting(variant, cases.convolution, image, out_c or image[3], kernel, depthwise=True, **options)


def all_cases(isa: str) -> list[Case]:
    makes = (convolutions, depthwise, dense, others, *int16.MAKES)
    return [case for name in cases.kernel_names(isa) for make in makes for case in make(name)]


def differing(found: list[Case], board: str, folder: Path, **options: str) -> list[str]:
    outcomes = []
    for first in range(0, len(found), CASES):
        part, some = folder / str(first), found[first : first + CASES]
        part.mkdir()
        outcomes += run(some, BOARDS[board], part, **options)
    assert len(outcomes) >= len(found)
    return [f"{o.name}, input over output: {o.overlapping}" for o in outcomes if o.differing]


@needs_emulator
@pytest.mark.parametrize("board", ISAS)
def test_every_kernel(board: str, tmp_path: Path) -> None:
    found = all_cases(ISAS[board])
    assert {call.kernel for case in found for call in case.calls} == cases.covered(ISAS[board])
    assert differing(found, board, tmp_path) == []


@needs_emulator
@pytest.mark.parametrize(  # clang stands for all
    "options",
    [
        {"compiler": "clang"},
        *(pytest.param({"optimize": each}, marks=pytest.mark.slow) for each in ("-O0", "-Os")),
    ],
)
@pytest.mark.parametrize("board", ISAS)
def test_some_with_other_compilers(board: str, options: dict[str, str], tmp_path: Path) -> None:
    if "compiler" in options and not shutil.which("clang"):
        pytest.skip("no clang")
    assert differing(all_cases(ISAS[board])[::6], board, tmp_path, **options) == []


@pytest.mark.parametrize("seed", range(20))
def test_groups_of_products_stay_within_16_bits(seed: int) -> None:
    weights = np.random.default_rng(seed).integers(-128, 128, (5, 24)).astype(np.int8)
    kept, single = swar_layout.split(weights)
    for x in (-128, 127):
        worst = np.where(kept > 0, kept * x, kept * (-1 - x)).reshape(5, -1, swar_layout.GROUP).sum(axis=2)
        assert np.all(np.abs(worst) < 1 << 15)
    for channel, taps in enumerate(single):
        assert np.all(kept[channel, taps] == 0)
        rest = np.delete(np.arange(24), taps)
        assert np.array_equal(kept[channel, rest], weights[channel, rest])


@pytest.mark.parametrize("extreme", [40, 127, -128])
@pytest.mark.parametrize("taps", [1, 4, 508, 1020, 1021, 5000])
def test_long_windows_are_split_before_the_upper_half_can_be_lost(taps: int, extreme: int) -> None:
    weights = np.full((2, taps), extreme, np.int8)
    count, groups = swar_layout.segments(weights)
    assert count * groups * swar_layout.GROUP >= taps
    _, single = swar_layout.split(np.full((1, groups * swar_layout.GROUP), extreme, np.int8))
    assert groups + len(single[0]) <= 255


def test_relu_needs_no_rounding_of_negative_sums() -> None:
    view = cases.convolution((1, 2, 2, 4), 4, (1, 1), "ref", flavour=RELU_LOW).view
    call = ops.get("CONV_2D").lower(view, "mve")[0]
    assert dict(call.shape)["rounding"] == 0
