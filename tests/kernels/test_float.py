"""float32 kernels on emulated cores with an FPU, bit for bit against numpy."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from testbench.kernels import cases
from testbench.kernels.cases import NONE, RELU, RELU6, SAME, VALID, fitting
from testbench.kernels.image import BOARDS, Case, run

pytestmark = pytest.mark.skipif(
    not (shutil.which("qemu-system-arm") and shutil.which("arm-none-eabi-gcc")), reason="no emulator or cross compiler"
)

M4 = replace(BOARDS["m4"], flags=(*BOARDS["m4"].flags, "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16"))
WITH_FPU = {"m4": M4, "m55": BOARDS["m55"]}


def convolutions(name: str) -> Iterator[Case]:
    """Depths and channels that are no multiple of four, borders, strides, dilation; dense layers are 1 x 1."""
    for image, out_c, kernel, stride, dilation, padding, activation in (
        ((1, 5, 5, 4), 4, (1, 1), (1, 1), (1, 1), SAME, NONE),
        ((3, 1, 1, 37), 6, (1, 1), (1, 1), (1, 1), SAME, RELU),
        ((2, 6, 8, 3), 5, (3, 3), (1, 1), (1, 1), SAME, RELU6),
        ((1, 9, 7, 6), 9, (3, 2), (2, 2), (1, 1), VALID, NONE),
        ((1, 9, 10, 5), 1, (3, 2), (1, 1), (2, 3), SAME, NONE),
    ):
        yield from fitting(
            name, cases.float_convolution, image, out_c, kernel,
            stride=stride, dilation=dilation, padding=padding, activation=activation,
        )  # fmt: skip


@pytest.mark.parametrize("board", WITH_FPU)
def test_every_kernel(board: str, tmp_path: Path) -> None:
    found = [*convolutions("quads"), *convolutions("ref")]
    outcomes = run(found, WITH_FPU[board], tmp_path)
    assert len(outcomes) >= len(found) == 10
    assert [o.name for o in outcomes if o.differing] == []
