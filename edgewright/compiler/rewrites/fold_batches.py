"""A convolution between SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND becomes one dilated convolution.

Converters write a dilated convolution so where the batch is open, a sequence with a reshape on either side. The parts
of the image are what the dilated windows see, so with `b` the size of a block, along each axis:

    dilation = b * the convolution's own
    padding  = SPACE_TO_BATCH_ND's + b * the convolution's own - BATCH_TO_SPACE_ND's cropping

LiteRT pads int8 with the zero point, as a convolution does; int16 has the zero point 0.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from edgewright import ops
from edgewright.compiler.rewrites._edit import Fresh, same_type, sole_consumer
from edgewright.compiler.rewrites.fold_padding import CONVOLUTIONS, own_sides
from edgewright.ops.families.batches import geometry
from edgewright.tflite.graph import Graph, Node, Tensor, View

_RESHAPES = ("EXPAND_DIMS", "RESHAPE", "SQUEEZE")


class _Chain(NamedTuple):
    """The operators from the one that splits the image to the one that joins it."""

    split: View
    before: View | None
    conv: View
    after: View | None
    join: View


class _Axes(NamedTuple):
    """A pair for height and width: blocks, what is padded or cropped before, and after."""

    block: tuple[int, int]
    before: tuple[int, int]
    after: tuple[int, int]


def apply(graph: Graph) -> tuple[Graph, dict[str, int]]:
    """Fold; facts: how many convolutions."""
    folded = 0
    for node in [node for node in graph.nodes if node.op == "SPACE_TO_BATCH_ND"]:
        chain = _chain(View(graph, node))
        better = None if chain is None else _folded(chain)
        if better is not None:
            graph, folded = better, folded + 1
    return graph, {"folded_batches": folded} if folded else {}


def _chain(split: View) -> _Chain | None:
    """The chain that begins here, when nothing else reads what goes along it."""
    before, conv = _past_reshape(_next(split))
    if conv is None or conv.node.op not in CONVOLUTIONS or len(conv.input(0).shape) != 4:
        return None
    after, join = _past_reshape(_next(conv))
    if join is None or join.node.op != "BATCH_TO_SPACE_ND" or not (_sound(split) and _sound(join)):
        return None
    return _Chain(split, before, conv, after, join)


def _past_reshape(view: View | None) -> tuple[View | None, View | None]:
    """A reshape, if it is one, and what follows."""
    if view is None or view.node.op not in _RESHAPES:
        return None, view
    return view, _next(view)


def _next(view: View) -> View | None:
    """What alone reads the one output, as its data."""
    if len(view.node.outputs) != 1:
        return None
    reader = sole_consumer(view.graph, view.node.outputs[0])
    return View(view.graph, reader) if reader and reader.inputs[0] == view.node.outputs[0] else None


def _sound(view: View) -> bool:
    """The graph may not be checked yet."""
    op = ops.find_for(view)
    return op is not None and len(view.node.inputs) in op.inputs and not any(True for _ in op.check(view))


def _folded(chain: _Chain) -> Graph | None:
    image, result = chain.split.input(0), chain.join.output()
    wide = _layout(chain)
    if image.is_variable or result.is_variable:
        return None  # a state changes while its copies last
    if wide is None or not _pads_zero_points(chain) or not same_type(chain.conv.output(), result):
        return None
    options = _options(chain, _along(chain.split, wide), _along(chain.join, wide))
    if options is None:
        return None
    fresh = Fresh(chain.conv.graph)
    before, after = _ends(chain, fresh)
    come, go = image.id if before is None else before, result.id if after is None else after
    conv = chain.conv.node
    node = replace(conv, options=options, inputs=(come, *conv.inputs[1:]), outputs=(go,))
    new = [node]
    if before is not None:
        new.insert(0, _reshape(chain.split.node.index, image.id, fresh.tensors[0], before, fresh))
    if after is not None:
        new.append(_reshape(chain.join.node.index, after, result, result.id, fresh))
    return _with_nodes(chain, fresh, new)


def _layout(chain: _Chain) -> bool | None:
    """Whether a sequence lies along the width of the convolution's image; None where reshapes do something else."""
    if chain.before is None and chain.after is None:
        return False if len(chain.split.input(0).shape) == 4 else None
    if chain.before is None or chain.after is None or len(chain.split.input(0).shape) != 3:
        return None
    pairs = ((chain.split.output(), chain.conv.input(0)), (chain.join.input(0), chain.conv.output()))
    for wide in (True, False):
        if all(_as_image(part.shape, wide) == image.shape for part, image in pairs):
            return wide
    return None


def _as_image(shape: tuple[int, ...], wide: bool) -> tuple[int, ...]:
    n, steps, c = shape
    return (n, 1, steps, c) if wide else (n, steps, 1, c)


def _pads_zero_points(chain: _Chain) -> bool:
    tensors = (chain.split.input(0), chain.split.output(), chain.conv.input(0))
    image = tensors[0]
    if image.dtype not in ("int8", "int16") or image.quantization is None or image.quantization.per_channel:
        return False
    zero = image.dtype == "int8" or image.quantization.zero_point == 0
    return zero and all(same_type(image, tensor) for tensor in tensors)


def _along(view: View, wide: bool) -> _Axes:
    of = geometry(view)
    if not wide:
        return _Axes(of.block, of.before, of.after)
    return _Axes((of.block[1], of.block[0]), (of.before[1], of.before[0]), (of.after[1], of.after[0]))


def _options(chain: _Chain, split: _Axes, join: _Axes) -> dict[str, object] | None:
    """The convolution's options with its dilation and padding; None where they cannot say it."""
    conv = chain.conv
    if split.block != join.block or conv.option("stride_h", 1) != 1 or conv.option("stride_w", 1) != 1:
        return None
    own = own_sides(conv)
    sides = [
        pads[axis] + split.block[axis] * own[2 * axis + end] - crops[axis]
        for axis in (0, 1)
        for end, (pads, crops) in enumerate(((split.before, join.before), (split.after, join.after)))
    ]
    if min(sides) < 0:
        return None
    dilation = {
        f"dilation_{name}_factor": conv.option(f"dilation_{name}_factor", 1) * split.block[axis]
        for axis, name in enumerate("hw")
    }
    return {**conv.node.options, **dilation, "explicit_padding": tuple(sides)}


def _ends(chain: _Chain, fresh: Fresh) -> tuple[int | None, int | None]:
    """Tensors of the whole image before and behind the convolution, where a sequence needs a reshape to it."""
    if chain.before is None:
        return None, None
    image, result, wide = chain.split.input(0), chain.join.output(), bool(_layout(chain))
    before = fresh.tensor(replace(chain.conv.input(0), shape=_as_image(image.shape, wide)))
    return before, fresh.tensor(replace(chain.conv.output(), shape=_as_image(result.shape, wide)))


def _reshape(index: int, source: int, like: Tensor, made: int, fresh: Fresh) -> Node:
    """A RESHAPE to the shape of `like`."""
    shape = np.array(like.shape, np.int32)
    wanted = fresh.add(Tensor(-1, f"{like.name}/shape", shape.shape, "int32"), shape, None)
    return Node(index, "RESHAPE", 1, (source, wanted), (made,), {"new_shape": like.shape})


def _with_nodes(chain: _Chain, fresh: Fresh, new: list[Node]) -> Graph:
    """The graph with `new` where the chain's convolution was."""
    graph, gone = chain.conv.graph, [view.node for view in chain if view is not None]
    nodes: list[Node] = []
    for node in graph.nodes:
        if node is chain.conv.node:
            nodes += new
        elif not any(node is other for other in gone):
            nodes.append(node)
    return graph.with_tensors(fresh.tensors, nodes=tuple(nodes))
