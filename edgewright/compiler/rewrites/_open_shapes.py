"""Shapes of a batch that was left open.

Converters write 1 for a length that they do not know, behind operators too: rows of a matrix, parts of a batch. The
inputs of the model have a batch of 1, so what the others are follows, as it does in a runtime when the model starts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Set
from dataclasses import replace

from edgewright.compiler.rewrites._edit import constant
from edgewright.kernels.broadcast import broadcast_shape
from edgewright.ops.families.batches import geometry, image
from edgewright.ops.families.reduce import axes_of
from edgewright.tflite.graph import Tensor, View

Shape = tuple[int, ...]


def mended(view: View, others: Set[int]) -> Tensor | None:
    """The node's output with the shape that follows, None where that is the one it has, or is not known.

    Args:
        view: the node, whose inputs have the shapes that follow.
        others: tensors whose shapes were not as they should be.
    """
    if len(view.node.outputs) != 1 or view.node.outputs[0] in view.graph.outputs or view.output().is_variable:
        return None
    follow = _SOURCES.get(view.node.op) or (_FOLLOWERS.get(view.node.op) if others & set(view.node.inputs) else None)
    try:
        shape = follow(view) if follow else None
    except (ValueError, IndexError, TypeError):
        return None  # a malformed node: the check tells of it
    return None if shape is None or shape == view.output().shape else replace(view.output(), shape=shape)


def _lengths(view: View, index: int) -> list[int]:
    data = constant(view, index)
    if data is None:
        raise ValueError("not constant")
    return [int(length) for length in data.reshape(-1)]


def _reshape(view: View) -> Shape | None:
    """What the second input says, where the stored shape cannot be."""
    elements = view.input(0).elements
    if elements == view.output().elements:
        return None
    shape = _lengths(view, 1)
    rest = -math.prod(shape)
    if shape.count(-1) == 1 and rest > 0:
        shape[shape.index(-1)] = elements // rest
    return tuple(shape) if min(shape, default=1) >= 0 and math.prod(shape) == elements else None


def _fill(view: View) -> Shape | None:
    shape = tuple(_lengths(view, 0))
    return shape if min(shape, default=1) >= 0 else None


def _space_to_batch(view: View) -> Shape | None:
    of, (n, h, w, c) = geometry(view), image(view.input(0))
    padded = [size + a + b for size, a, b in zip((h, w), of.before, of.after, strict=True)]
    sizes = [size // block for size, block in zip(padded, of.block, strict=True)]
    spatial = len(view.input(0).shape) - 2
    return (n * of.count, *sizes[:spatial], c) if min(of.block) > 0 else None


def _transpose(view: View) -> Shape:
    return tuple(view.input(0).shape[axis] for axis in _lengths(view, 1))


def _reduce(view: View) -> Shape:
    axes, keep = axes_of(view), view.option("keep_dims", False)
    return tuple(1 if i in axes else n for i, n in enumerate(view.input(0).shape) if keep or i not in axes)


def _expand_dims(view: View) -> Shape:
    (axis,), shape = _lengths(view, 1), list(view.input(0).shape)
    shape.insert(axis if axis >= 0 else len(shape) + 1 + axis, 1)
    return tuple(shape)


def _fully_connected(view: View) -> Shape | None:
    columns, depth = view.input(1).shape
    if view.option("keep_num_dims", False):
        return (*view.input(0).shape[:-1], columns)
    return None if view.input(0).elements % depth else (view.input(0).elements // depth, columns)


def _batch(view: View) -> Shape:
    return (view.input(0).shape[0], *view.output().shape[1:])


def _same(view: View) -> Shape:
    return view.input(0).shape


def _broadcast(view: View) -> Shape | None:
    return broadcast_shape(view.input(0).shape, view.input(1).shape)


_SOURCES: dict[str, Callable[[View], Shape | None]] = {
    "RESHAPE": _reshape,
    "FILL": _fill,
    "SPACE_TO_BATCH_ND": _space_to_batch,
}
"""Where shapes follow from constants."""

_UNARY = (
    *("ABS", "COS", "DEQUANTIZE", "ELU", "EXP", "GELU", "HARD_SWISH", "L2_NORMALIZATION", "LEAKY_RELU", "LOG"),
    *("LOGISTIC", "LOG_SOFTMAX", "NEG", "QUANTIZE", "RELU", "RELU6", "RELU_N1_TO_1", "RSQRT", "SIN", "SOFTMAX"),
    *("SQRT", "SQUARE", "TANH"),
)
_BINARY = ("ADD", "DIV", "MAXIMUM", "MINIMUM", "MUL", "POW", "PRELU", "SQUARED_DIFFERENCE", "SUB")
_REDUCING = ("MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN")
_IMAGES = ("AVERAGE_POOL_2D", "CONV_2D", "DEPTHWISE_CONV_2D", "MAX_POOL_2D")

_FOLLOWERS: dict[str, Callable[[View], Shape | None]] = {
    "TRANSPOSE": _transpose,
    "EXPAND_DIMS": _expand_dims,
    "FULLY_CONNECTED": _fully_connected,
    **dict.fromkeys(_UNARY, _same),
    **dict.fromkeys(_BINARY, _broadcast),
    **dict.fromkeys(_REDUCING, _reduce),
    **dict.fromkeys(_IMAGES, _batch),
}
"""Where shapes follow from those of the inputs."""
