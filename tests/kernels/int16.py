"""Cases of int16 data with int8 weights for every instruction set that has kernels for such."""

from __future__ import annotations

from collections.abc import Iterator

from testbench.kernels import cases
from testbench.kernels.cases import NONE, RELU, RELU6, RELU_N1_TO_1, SAME, VALID, fitting
from testbench.kernels.image import Case

WIDE = cases.Flavour(weights=(-127, 127), bias=1 << 20)
WIDE_RELU = cases.Flavour(0, 0, RELU, (-127, 127), bell=True)
WIDE_ENDS = cases.Flavour(0, 0, NONE, (-128, 127), ends_only=True, bias=1 << 28)
WIDE_LOW = cases.Flavour(0, 0, RELU6, (-128, -126), ends_only=True, shifts=(1, 17))
WIDE_FAR = cases.Flavour(0, 0, RELU_N1_TO_1, (-60, 60), bias=1 << 30, shifts=(14, 20))
WIDE_FLAVOURS = (WIDE, WIDE_RELU, WIDE_ENDS, WIDE_LOW, WIDE_FAR)


def convolutions(name: str) -> Iterator[Case]:
    """Even and odd rows of windows, pixels left over, borders, dilation; saturation at both ends."""
    for place, (image, out_c, kernel, stride, dilation, padding) in enumerate((
        ((1, 5, 5, 4), 4, (1, 1), (1, 1), (1, 1), SAME),
        ((1, 7, 3, 3), 5, (1, 1), (2, 1), (1, 1), SAME),
        ((3, 1, 1, 12), 3, (1, 1), (1, 1), (1, 1), SAME),
        ((1, 5, 5, 33), 3, (1, 1), (1, 1), (1, 1), SAME),
        ((1, 6, 8, 4), 6, (3, 3), (1, 1), (1, 1), SAME),
        ((2, 6, 8, 6), 3, (3, 3), (1, 1), (1, 1), VALID),
        ((1, 9, 7, 5), 2, (3, 3), (2, 2), (1, 1), SAME),
        ((1, 9, 10, 4), 2, (3, 2), (1, 1), (2, 3), SAME),
        ((1, 11, 6, 1), 4, (10, 4), (2, 2), (1, 1), SAME),
        ((1, 1, 2, 4), 1, (3, 3), (1, 1), (1, 1), SAME),
        ((1, 7, 11, 1), 1, (3, 3), (1, 1), (1, 1), VALID),
    )):  # fmt: skip
        for flavour in (WIDE_FLAVOURS[place % 2], WIDE_FLAVOURS[2 + place % 3]):
            yield from fitting(
                name, cases.convolution, image, out_c, kernel,
                stride=stride, dilation=dilation, padding=padding, flavour=flavour, dtype="int16",
            )  # fmt: skip


def depthwise(name: str) -> Iterator[Case]:
    """Lines along both axes, odd lengths, strides, fewer than four channels, lines that are all border."""
    for place, (image, stride, padding) in enumerate((
        ((1, 25, 5, 8), (1, 1), SAME),
        ((1, 5, 24, 5), (1, 1), SAME),
        ((2, 6, 7, 4), (2, 2), SAME),
        ((1, 9, 8, 6), (2, 1), SAME),
        ((1, 8, 9, 3), (1, 2), VALID),
        ((1, 9, 12, 4), (3, 2), SAME),
        ((1, 1, 1, 5), (1, 1), SAME),
        ((1, 2, 1, 4), (1, 1), SAME),
        ((1, 3, 3, 4), (1, 1), VALID),
        ((1, 4, 4, 7), (2, 2), SAME),
    )):  # fmt: skip
        for flavour in (WIDE_FLAVOURS[place % 2], WIDE_FLAVOURS[2 + place % 3]):
            yield from fitting(
                name, cases.convolution, image, image[3], (3, 3),
                stride=stride, padding=padding, flavour=flavour, depthwise=True, dtype="int16",
            )  # fmt: skip


WINDOWS = (
    ((1, 9, 9, 4), 1, (5, 5), (1, 1), (1, 1), SAME),
    ((2, 12, 11, 5), 1, (5, 5), (2, 2), (1, 1), SAME),
    ((1, 6, 7, 3), 1, (6, 6), (1, 1), (1, 1), VALID),
    ((1, 10, 6, 8), 1, (7, 7), (1, 1), (1, 1), SAME),
    ((1, 14, 13, 4), 2, (1, 2), (1, 1), (1, 1), SAME),
    ((1, 20, 1, 6), 1, (9, 1), (1, 1), (1, 1), SAME),
    ((1, 1, 21, 6), 1, (1, 10), (1, 2), (1, 1), SAME),
    ((1, 4, 5, 4), 1, (1, 1), (2, 3), (1, 1), SAME),
    ((1, 7, 12, 5), 3, (4, 8), (1, 2), (1, 1), SAME),
    ((1, 9, 15, 4), 1, (5, 7), (1, 1), (2, 1), SAME),
    ((2, 9, 10, 6), 2, (3, 3), (1, 1), (1, 2), VALID),
    ((1, 5, 4, 4), 1, (3, 3), (1, 1), (7, 6), SAME),
    ((1, 8, 6, 1), 4, (3, 3), (1, 1), (1, 1), SAME),
)
"""Image, outputs of a channel, kernel, stride, dilation, padding of depthwise layers: windows of one to ten places, of
many lines, dilated, several outputs of a channel, one channel."""


def windows(name: str) -> Iterator[Case]:
    """Depthwise convolutions of all forms."""
    for place, (image, multiplier, kernel, stride, dilation, padding) in enumerate(WINDOWS):
        for flavour in (WIDE_FLAVOURS[place % 2], WIDE_FLAVOURS[2 + place % 3]):
            yield from fitting(
                name, cases.convolution, image, image[3] * multiplier, kernel,
                stride=stride, dilation=dilation, padding=padding, flavour=flavour, depthwise=True, dtype="int16",
            )  # fmt: skip


def dense(name: str) -> Iterator[Case]:
    """Depths and channels that fit no block, rows with and without scratch, many rows."""
    for place, (rows, depth, out_c) in enumerate((
        (1, 64, 12), (1, 37, 5), (1, 1, 1), (3, 9, 6), (5, 12, 3), (9, 11, 2), (1, 130, 4), (2, 24, 2), (1, 36, 11),
    )):  # fmt: skip
        for flavour in (WIDE_FLAVOURS[place % 2], WIDE_FLAVOURS[2 + place % 3]):
            yield from fitting(
                name, cases.fully_connected, rows, depth, out_c, flavour=flavour, per_channel=depth % 2 == 0,
                dtype="int16",
            )  # fmt: skip


def elements(name: str) -> Iterator[Case]:
    """ADD and SUB, RELU, RELU6 and LEAKY_RELU: either input of the larger scale, halves, saturation."""
    for place, scales in enumerate(
        ((0.5, 0.5, 0.75), (0.1, 0.03, 0.09), (0.01, 1.0, 0.9), (1.0, 0.55, 0.6), (1, 1, 2))
    ):
        for subtract in (False, True):
            for activation in (NONE, (RELU, RELU6)[place % 2]):
                yield from fitting(
                    name, cases.sum16, (1, 3, 5, 7), scales=scales, activation=activation, subtract=subtract
                )
    for scales in ((0.5, 0.5), (0.5, 0.25), (0.1, 0.3), (0.001, 0.00007), (0.3, 30000.0)):
        yield from fitting(name, cases.rescaled16, "RELU", 37, scales=scales)
        yield from fitting(name, cases.rescaled16, "RELU6", 37, scales=scales)
        for alpha in (0.0, 0.2, 0.5, -0.7, 1.0, 3.0):
            yield from fitting(name, cases.rescaled16, "LEAKY_RELU", 37, scales=scales, alpha=alpha)


MAKES = (convolutions, depthwise, dense, elements)
