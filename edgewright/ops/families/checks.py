"""Sentences about what is wrong with a node, for the `check` of operators."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from edgewright.kernels.quant import ACTIVATIONS
from edgewright.tflite.graph import Tensor, View


def dtype(tensor: Tensor, what: str, *allowed: str) -> Iterator[str]:
    """The tensor's dtype is one of those allowed."""
    if tensor.dtype not in allowed:
        yield f"{what} is {tensor.dtype}, supported: {', '.join(allowed)}"


def int8(tensor: Tensor, what: str) -> Iterator[str]:
    """The tensor is int8 with one scale and zero point."""
    yield from dtype(tensor, what, "int8")
    yield from one_scale(tensor, what)


def one_scale(tensor: Tensor, what: str) -> Iterator[str]:
    """The tensor is quantized, with one scale and zero point, or the same for all channels."""
    if tensor.quantization is None:
        yield f"{what} has no quantization"
    elif tensor.quantization.varies:
        yield f"{what} has a scale per channel, supported: one"


def constant(tensor: Tensor, what: str) -> Iterator[str]:
    """The tensor's content is known at build time."""
    if not tensor.is_constant:
        yield f"{what} is not constant"


def rank(tensor: Tensor, what: str, *allowed: int) -> Iterator[str]:
    """The tensor has so many dimensions."""
    if len(tensor.shape) not in allowed:
        yield f"{what} has {len(tensor.shape)} dimensions, supported: {', '.join(map(str, allowed))}"


def shape(tensor: Tensor, what: str, expected: Sequence[int]) -> Iterator[str]:
    """The tensor has just this shape."""
    if tensor.shape != tuple(expected):
        yield f"{what} has shape {list(tensor.shape)}, expected {list(expected)}"


def not_empty(view: View, besides: Sequence[int] = ()) -> Iterator[str]:
    """No input or output has a dimension of 0, but for constants among the inputs of these places."""
    for place, tensor in enumerate([*view.inputs, *view.outputs]):
        may_be = place in besides and tensor is not None and tensor.is_constant
        if tensor is not None and tensor.elements == 0 and not may_be:
            yield f"tensor {tensor.id} is empty: shape {list(tensor.shape)}"


def activation(view: View, *allowed: int) -> Iterator[str]:
    """The fused activation is one of those allowed (all of ACTIVATIONS by default)."""
    given = view.option("fused_activation_function", 0)
    if given not in (allowed or ACTIVATIONS):
        yield f"fused activation {ACTIVATIONS.get(given, given)} is not supported"


def same_quantization(a: Tensor, b: Tensor, what: str) -> Iterator[str]:
    """Two tensors have the same scale and zero point."""
    qa, qb = a.quantization, b.quantization
    if qa and qb and (qa.scale != qb.scale or qa.zero_point != qb.zero_point):
        yield f"{what} differ in scale or zero point"
