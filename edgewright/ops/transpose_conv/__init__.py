"""TRANSPOSE_CONV, int8: strided; weights quantized per channel or per tensor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from tflite.Padding import Padding

from edgewright.kernels import weighted
from edgewright.kernels.call import Argument, Call, Const, Input, Output, Scalar
from edgewright.kernels.constant import constant_data
from edgewright.kernels.quant import zero_point
from edgewright.kernels.window import output_size
from edgewright.ops.base import Op
from edgewright.ops.families import checks, shape_checks, weight_checks
from edgewright.tflite.graph import NONE, View


class TransposeConv(Op):
    """output shape (not read), weights [out_c, k_h, k_w, c], input [n, h, w, c], bias [out_c] or none."""

    name = "TRANSPOSE_CONV"
    versions = range(1, 6)
    inputs = range(3, 5)

    def check(self, view: View) -> Iterator[str]:
        faults = [*shape_checks.transposed_images(view)]
        faults += [*checks.int8(view.input(2), "input"), *checks.int8(view.output(), "output")]
        if faults:
            yield from faults
            return
        yield from weight_checks.check_weights(as_convolution(view), view.input(1).shape[0], axis=0)
        yield from shape_checks.transposed(view)

    def macs(self, view: View) -> int:
        return view.input(2).elements * view.input(1).elements // view.input(1).shape[3]

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        out_c = view.input(1).shape[0]
        convolution = as_convolution(view)
        weights = constant_data(view.input(1)).astype(np.int8).reshape(out_c, -1)
        channels = weighted.channels(convolution, weights, weighted.channel_scales(convolution, out_c))
        _, _, multiplier, shift = weighted.constants(channels, weights)
        arguments: tuple[Argument, ...] = (
            Input("input", 2),
            Output("output"),
            Const("weights", weights.reshape(-1), "weights"),
            Const("bias", _bias(view, out_c), "bias", "int32_t"),
            *(multiplier, shift),
            Scalar("in_zp", zero_point(view.input(2))),
            *weighted.output_scalars(view),
        )
        return (Call("transpose_conv_s8_ref", "ew_transpose_conv_s8_shape", fields(view), arguments),)


def as_convolution(view: View) -> View:
    """The node with its inputs in the order of CONV_2D: input, weights, bias."""
    weights, tensor, *bias = view.node.inputs[1:]
    return View(view.graph, replace(view.node, inputs=(tensor, weights, *bias)))


def _bias(view: View, count: int) -> NDArray[np.int32]:
    """Not folded: how many taps reach an output depends on its place."""
    if len(view.node.inputs) < 4 or view.node.inputs[3] == NONE:
        return np.zeros(count, np.int32)
    return constant_data(view.input(3)).astype(np.int32).reshape(-1)


def fields(view: View) -> tuple[tuple[str, int], ...]:
    """Fields of the C struct of every type's kernel."""
    batches, in_h, in_w, in_c = view.input(2).shape
    _, out_h, out_w, out_c = view.output().shape
    _, k_h, k_w, _ = view.input(1).shape
    sizes = {"batches": batches, "in_h": in_h, "in_w": in_w, "in_c": in_c}
    sizes |= {"out_h": out_h, "out_w": out_w, "out_c": out_c, "k_h": k_h, "k_w": k_w}
    sizes |= {name: view.option(name) for name in ("stride_h", "stride_w")}
    sizes |= {"pad_top": _pad(view, out_h, k_h, "stride_h"), "pad_left": _pad(view, out_w, k_w, "stride_w")}
    return tuple(sizes.items())


def _pad(view: View, size: int, kernel: int, stride_name: str) -> int:
    """Padding of the convolution that this one goes backward."""
    stride = view.option(stride_name)
    count = output_size(size, kernel, stride, 1, view.option("padding", Padding.SAME))
    return int(max(0, (count - 1) * stride + kernel - size) // 2)


OP = TransposeConv()
