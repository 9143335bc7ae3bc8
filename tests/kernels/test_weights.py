"""Kernels whose weights are sparse, indices, or coded, on emulated boards, against plain numpy."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edgewright import ops
from edgewright.kernels import unpack, weight_formats
from edgewright.kernels.call import Const, Scalar, Scratch
from edgewright.kernels.channels import with_coded_channels
from testbench.kernels import cases
from testbench.kernels.cases import HUGE, LINEAR, RELU_LOW, SAME, TRAINED, VALID, Flavour, fitting
from testbench.kernels.image import BOARDS, Case, run

pytestmark = pytest.mark.skipif(
    not (shutil.which("qemu-system-arm") and shutil.which("arm-none-eabi-gcc")), reason="no emulator or cross compiler"
)

THIN = Flavour(-128, -128, cases.RELU, (-127, 127), density=0.05)
VERY_THIN = Flavour(-3, 5, cases.NONE, (-127, 127), density=0.002)
BLOCKS = Flavour(-3, 5, cases.NONE, (-127, 127), density=0.1, block=4)
FAR_BLOCKS = Flavour(-128, -128, cases.RELU, (-127, 127), density=0.002, block=4)
EMPTY = Flavour(-3, 5, cases.NONE, (-127, 127), density=0.0)
FEW = Flavour(-128, -128, cases.RELU, (-100, 90), clusters=8)
THREE_THIN = Flavour(4, 9, cases.NONE, (-100, 90), clusters=3, density=0.4)
SIXTEEN = Flavour(4, 9, cases.NONE, (-7, 8))
LATENTS = Flavour(-128, -128, cases.RELU, (-3, 3), density=0.3)
FLAVOURS = (
    LINEAR,
    RELU_LOW,
    HUGE,
    THIN,
    VERY_THIN,
    BLOCKS,
    FAR_BLOCKS,
    EMPTY,
    FEW,
    THREE_THIN,
    SIXTEEN,
    LATENTS,
    TRAINED,
)


def dense(storage: str) -> Iterator[Case]:
    for rows, depth, out_c in ((1, 64, 12), (1, 37, 5), (1, 1, 1), (3, 9, 6), (1, 4400, 3), (2, 300, 2)):
        for seed, flavour in enumerate(FLAVOURS):
            yield from fitting(
                storage, cases.fully_connected, rows, depth, out_c,
                flavour=flavour, per_channel=depth % 2 == 0, seed=seed,
            )  # fmt: skip


def convolutions(storage: str) -> Iterator[Case]:
    for image, out_c, kernel, stride, dilation, padding in (
        ((1, 5, 5, 4), 4, (1, 1), (1, 1), (1, 1), SAME),
        ((2, 6, 8, 8), 5, (3, 3), (1, 1), (1, 1), VALID),
        ((1, 9, 7, 3), 3, (3, 3), (2, 2), (1, 1), SAME),
        ((1, 7, 6, 20), 9, (3, 2), (1, 1), (2, 3), SAME),
        ((1, 3, 3, 60), 4, (3, 3), (1, 1), (1, 1), SAME),
        ((3, 1, 1, 12), 3, (1, 1), (1, 1), (1, 1), SAME),
    ):
        for seed, flavour in enumerate(FLAVOURS):
            yield from fitting(
                storage, cases.convolution, image, out_c, kernel,
                stride=stride, dilation=dilation, padding=padding, flavour=flavour, seed=seed,
            )  # fmt: skip


def all_cases(storage: str) -> list[Case]:
    return [*dense(storage), *convolutions(storage)]


def check(found: Sequence[Case], board: str, folder: Path, **options: str) -> None:
    outcomes = run(found, BOARDS[board], folder, **options)
    assert len(outcomes) >= len(found)
    assert [f"{o.name}, input over output: {o.overlapping}" for o in outcomes if o.differing] == []


def decoded_cases(board: str) -> Iterator[Case]:
    """Every kernel of a core whose weights can be coded as they lie, behind what decodes them."""
    for variant in (name for isa in BOARDS[board].core.isas for name in cases.kernel_names(isa)):
        for seed, flavour in enumerate(FLAVOURS):
            for raw in (*raw_depthwise(variant, flavour, seed), *raw_others(variant, flavour, seed)):
                calls = unpack.unpacked(raw.calls)
                if calls is not None:
                    yield replace(raw, calls=unpack.decoded(calls))


def raw_depthwise(variant: str, flavour: Flavour, seed: int) -> Iterator[Case]:
    for image, out_c, kernel, stride in (
        ((1, 6, 5, 20), 20, (3, 3), (1, 1)),
        ((1, 7, 9, 24), 24, (5, 2), (2, 1)),
        ((2, 5, 5, 9), 18, (3, 3), (2, 2)),
    ):
        yield from fitting(
            variant, cases.convolution, image, out_c, kernel,
            stride=stride, padding=SAME, flavour=flavour, seed=seed, depthwise=True,
        )  # fmt: skip


def raw_others(variant: str, flavour: Flavour, seed: int) -> Iterator[Case]:
    for image, out_c, kernel in (((1, 5, 6, 4), 20, (1, 1)), ((1, 6, 5, 7), 5, (3, 3)), ((2, 4, 4, 8), 6, (3, 2))):
        yield from fitting(variant, cases.convolution, image, out_c, kernel, flavour=flavour, seed=seed)
    for rows, depth, out_c in ((1, 130, 7), (5, 33, 6)):
        yield from fitting(variant, cases.fully_connected, rows, depth, out_c, flavour=flavour, seed=seed)


@pytest.mark.parametrize("board", ["m0", "m3", "m4", pytest.param("m33", marks=pytest.mark.slow), "m55"])  # as m4
def test_decoded_for_the_kernels_of_a_core(board: str, tmp_path: Path) -> None:
    found = list(decoded_cases(board))
    kinds = {case.calls[-1].kernel for case in found}
    assert {"depthwise_conv_2d_s8_ref", "conv_2d_s8_ref", "fully_connected_s8_ref"} < kinds
    assert kinds >= DECODED[board]
    check(found, board, tmp_path)


DECODED = {
    "m0": {"depthwise_conv_2d_s8_m0"},
    "m3": {"depthwise_conv_2d_s8_m3"},
    "m4": {"depthwise_conv_2d_s8_dsp", "conv_2d_s8_dsp", "fully_connected_s8_dsp"},
    "m33": {"depthwise_conv_2d_s8_dsp", "conv_2d_s8_dsp", "fully_connected_s8_dsp"},
    "m55": {"conv_2d_s8_mve", "fully_connected_s8_mve", "depthwise_conv_2d_s8_mve"},
}


@pytest.mark.parametrize("storage", weight_formats.STORAGES)
def test_on_cortex_m4(storage: str, tmp_path: Path) -> None:
    found = all_cases(storage)
    assert {call.kernel for case in found for call in case.calls} == {
        f"{op}_s8_{storage}" for op in ("fully_connected", "conv_2d")
    }
    check(found, "m4", tmp_path)


@pytest.mark.parametrize("storage", weight_formats.STORAGES)
def test_some_on_cortex_m0(storage: str, tmp_path: Path) -> None:
    check(all_cases(storage)[::3], "m0", tmp_path, optimize="-Os")


@pytest.mark.parametrize(  # clang stands for both
    "options", [{"compiler": "clang"}, pytest.param({"optimize": "-O0"}, marks=pytest.mark.slow)]
)
def test_some_with_other_compilers(options: dict[str, str], tmp_path: Path) -> None:
    check([case for storage in weight_formats.STORAGES for case in all_cases(storage)[::7]], "m4", tmp_path, **options)


def with_channels() -> Iterator[Case]:
    """Kernels whose biases and factors are coded beside their weights."""
    for seed, flavour in enumerate(FLAVOURS):
        for made in (
            fitting("coded", cases.convolution, (1, 4, 5, 4), 81, (1, 1), flavour=flavour, seed=seed),
            fitting("coded", cases.fully_connected, 2, 20, 80, flavour=flavour, per_channel=True, seed=seed),
            fitting("ref", cases.convolution, (1, 3, 3, 80), 80, (3, 3), flavour=flavour, seed=seed, depthwise=True),
        ):
            for raw in made:
                calls = with_coded_channels(raw.calls)
                if len(calls) > len(raw.calls):
                    unpacked = unpack.unpacked(calls)
                    yield replace(raw, calls=calls if unpacked is None else unpack.decoded(unpacked))


@pytest.mark.parametrize("board", ["m0", "m4"])
def test_coded_biases_and_factors(board: str, tmp_path: Path) -> None:
    found = list(with_channels())
    assert all("weights_channels" in {call.kernel for call in case.calls} for case in found)
    assert {case.calls[-1].kernel for case in found} == {
        "conv_2d_s8_coded",
        "fully_connected_s8_coded",
        "depthwise_conv_2d_s8_ref",
    }
    folds = [a for case in found for a in case.calls[-1].arguments if isinstance(a, Scalar) and a.name == "fold"]
    assert {bool(fold.value) for fold in folds} == {True, False}
    check(found, board, tmp_path)


def scratch_bytes(case: Case) -> int:
    return sum(a.bytes for call in case.calls for a in call.arguments if isinstance(a, Scratch))


def test_decoding_takes_at_most_1_kib_of_ram_more() -> None:
    for image, out_c in (((1, 5, 5, 4), 64), ((1, 8, 8, 64), 64), ((1, 8, 8, 7), 200)):
        coded, *raw = (
            cases.convolution(image, out_c, (3, 3), v, flavour=LATENTS) for v in ("coded", "dsp", "m0", "m3")
        )
        assert scratch_bytes(coded) - min(map(scratch_bytes, raw)) <= 1024
    assert scratch_bytes(cases.fully_connected(1, 5000, 3, "coded", LATENTS)) <= 1024


def test_decoding_464_bytes_of_weights_into_scratch_takes_at_most_1_kib_more() -> None:
    for variant, channels in (("ref", 51), ("mve", 48), ("m0", 51), ("m3", 51)):
        raw = cases.convolution((1, 8, 8, channels), channels, (3, 3), variant, flavour=LATENTS, depthwise=True)
        calls = unpack.unpacked(raw.calls)
        assert calls is not None
        more = max(c.scratch_bytes for c in unpack.decoded(calls)) - max(c.scratch_bytes for c in raw.calls)
        assert channels * 9 <= more <= 1024


def test_what_does_not_fit_is_refused() -> None:
    view = cases.fully_connected(1, 64, 4, "ref", LINEAR).view
    core = BOARDS["m4"].core
    assert "different weights, a table 16" in str(ops.get("FULLY_CONNECTED").unsupported(view, "lut", core))
    view = cases.convolution((1, 4, 4, 4), 4, (3, 3), "ref", flavour=cases.ENDS).view
    assert ops.get("CONV_2D").unsupported(view, "coded", BOARDS["m4"].core) == "a weight is -128"


def test_far_weights_and_last_words() -> None:
    row = np.zeros((1, 2000), np.int8)
    row[0, [0, 255, 511, 1021, 1999]] = [1, -2, 3, -4, 5]
    found = weight_formats.sparse(row)
    halves = found.words.view("<u2")
    places = np.cumsum(halves & 255)
    assert found.counts.tolist() == [len(found.words)]
    assert {int(p): int(v) for p, v in zip(places, (halves >> 8).astype(np.uint8).view(np.int8), strict=True) if v} == {
        0: 1, 255: -2, 511: 3, 1021: -4, 1999: 5,
    }  # fmt: skip


def test_far_blocks_and_last_groups() -> None:
    row = np.zeros((1, 4800), np.int8)
    row[0, [1, 1023, 2047, 4799]] = [1, -2, 3, 5]
    found = weight_formats.sparse_blocks(row)
    groups = found.words.reshape(-1, 5)
    places = 4 * np.cumsum(groups[:, 0].astype("<u4").view(np.uint8))
    values = groups[:, 1:].reshape(-1).astype("<u4").view(np.int8).reshape(-1, 4)
    back = np.zeros(4800, np.int8)
    for place, four in zip(places.tolist(), values, strict=True):
        back[place : place + 4] += four
    assert found.counts.tolist() == [len(found.words)]
    np.testing.assert_array_equal(back, row[0])


def test_blocks_are_taken_where_they_are_smaller() -> None:
    def blocks(flavour: Flavour, depth: int) -> tuple[int, int]:
        (call,) = cases.fully_connected(1, depth, 8, "sparse", flavour).calls
        (words,) = [a.data for a in call.arguments if isinstance(a, Const) and a.name == "weights"]
        return dict(call.shape)["blocks"], 0 if words is None else words.nbytes

    assert blocks(BLOCKS, 1200)[0] == 1
    assert blocks(BLOCKS, 1201)[0] == blocks(THIN, 1200)[0] == 0
    assert blocks(BLOCKS, 1200)[1] < 0.75 * 2 * 0.1 * 1200 * 8  # two bytes a weight else
