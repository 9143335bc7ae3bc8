"""FULLY_CONNECTED as a 1 x 1 convolution by conv_2d_s8_compact.h, for models that have its code anyway."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from edgewright.kernels import dsp_layout
from edgewright.kernels.call import Call
from edgewright.kernels.overlap import needed_later, write_distance
from edgewright.kernels.record import Kernel
from edgewright.kernels.window import Window
from edgewright.ops.conv_2d import compact
from edgewright.ops.fully_connected import channels, rounds_once
from edgewright.tflite.graph import View


def _window(view: View) -> Window:
    out_c, depth = view.input(1).shape
    rows = view.output().elements // out_c
    return Window(1, rows, depth, 1, rows, 1, 1)


def _unsupported(view: View) -> str | None:
    of = channels(view)
    return rounds_once(view) or dsp_layout.unsupported(of, view) or compact.why_not(of, _window(view), 1)


def _lower(view: View) -> tuple[Call, ...]:
    return (compact.lower_channels(channels(view), view, _window(view), 1),)


def _overlap(view: View) -> Mapping[int, int]:
    """Four rows are read whole before they are written, or one that is left over."""
    out_c, depth = view.input(1).shape
    rows = view.output().elements // out_c
    starts = np.array([*range(0, rows // 4 * 4, 4), *range(rows // 4 * 4, rows)])
    return {0: write_distance(np.append(starts[1:], rows) * out_c, needed_later(starts * depth))}


KERNELS = (
    Kernel(
        "FULLY_CONNECTED",
        ("conv_2d_s8_compact",),
        _lower,
        "dsp",
        "pointwise",
        unsupported=_unsupported,
        overlap=_overlap,
    ),
)
