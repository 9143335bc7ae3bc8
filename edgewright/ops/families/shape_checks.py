"""What has to hold of weighted operators and pooling of any type: ranks, windows, channels."""

from __future__ import annotations

from collections.abc import Iterator

from tflite.FullyConnectedOptionsWeightsFormat import FullyConnectedOptionsWeightsFormat as WeightsFormat

from edgewright.kernels.window import MAX_SPAN, check_window
from edgewright.ops.families import checks
from edgewright.tflite.graph import Tensor, View


def images(view: View, *tensors: tuple[Tensor, str]) -> Iterator[str]:
    """The tensors have four dimensions, and nothing is empty."""
    for tensor, what in tensors:
        yield from checks.rank(tensor, what, 4)
    yield from checks.not_empty(view)


def weighted_images(view: View) -> Iterator[str]:
    """Input, weights and output of a CONV_2D or DEPTHWISE_CONV_2D are images."""
    return images(view, (view.input(0), "input"), (view.input(1), "weights"), (view.output(), "output"))


def convolution(view: View) -> Iterator[str]:
    """A CONV_2D whose tensors are images."""
    out_c, k_h, k_w, depth = view.input(1).shape
    yield from checks.activation(view)
    yield from check_window(view, k_h, k_w, view.output())
    in_c = view.input(0).shape[3]
    if in_c % depth or out_c % (in_c // depth):
        yield f"weights of {depth} input channels and {out_c} output channels fit no groups of {in_c} channels"
    yield from _channels(view, out_c)


def depthwise(view: View) -> Iterator[str]:
    """A DEPTHWISE_CONV_2D whose tensors are images."""
    one, k_h, k_w, out_c = view.input(1).shape
    yield from checks.activation(view)
    yield from check_window(view, k_h, k_w, view.output())
    if one != 1 or out_c % view.input(0).shape[3]:
        yield f"weights of shape {list(view.input(1).shape)} fit no input of {view.input(0).shape[3]} channels"
    yield from _channels(view, out_c)


def _channels(view: View, out_c: int) -> Iterator[str]:
    if view.output().shape[::3] != (view.input(0).shape[0], out_c):
        yield f"the output has shape {list(view.output().shape)}, weights are for {out_c} channels"


def transposed_images(view: View) -> Iterator[str]:
    """Input, weights and output of a TRANSPOSE_CONV are images, strides and window of a sane size."""
    weights, tensor, output = view.input(1), view.input(2), view.output()
    tensors = ((tensor, "input"), (weights, "weights"), (output, "output"))
    for each, what in tensors:
        yield from checks.rank(each, what, 4)
    yield from (f"tensor {t.id} is empty" for t, _ in tensors if t.elements == 0)
    strides = (view.option("stride_h", 0), view.option("stride_w", 0))
    if min(strides) < 1 or max(*strides, *weights.shape[1:3], 1) > MAX_SPAN:
        yield f"strides {list(strides)} or the window are not 1..{MAX_SPAN}"


def transposed(view: View) -> Iterator[str]:
    """A TRANSPOSE_CONV whose tensors are images."""
    weights, tensor, output = view.input(1), view.input(2), view.output()
    yield from checks.activation(view)
    if weights.shape[3] != tensor.shape[3] or output.shape[::3] != (tensor.shape[0], weights.shape[0]):
        yield f"weights of shape {list(weights.shape)} fit no {list(tensor.shape)} to {list(output.shape)}"


def fully_connected(view: View) -> Iterator[str]:
    """A FULLY_CONNECTED with weights of two dimensions and nothing empty."""
    out_c, depth = view.input(1).shape
    yield from checks.activation(view)
    if view.option("weights_format", WeightsFormat.DEFAULT) != WeightsFormat.DEFAULT:
        yield "shuffled weights are not supported"
    rows = view.output().elements // out_c
    if (view.input(0).elements, view.output().elements) != (rows * depth, rows * out_c):
        sizes = f"{view.input(0).elements} inputs and {view.output().elements} outputs"
        yield f"{sizes} fit no weights of {out_c} x {depth}"


def pooled(view: View, most_taps: int) -> Iterator[str]:
    """AVERAGE_POOL_2D or MAX_POOL_2D whose tensors are images; sums of so many pixels do not overflow."""
    height, width = view.option("filter_height", 0), view.option("filter_width", 0)
    yield from check_window(view, height, width, view.output())
    if height * width > most_taps:
        yield f"the window has more than {most_taps} pixels"
    if view.output().shape[::3] != view.input(0).shape[::3]:
        yield f"the output has shape {list(view.output().shape)} for an input of {list(view.input(0).shape)}"
