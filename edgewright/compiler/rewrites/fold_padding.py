"""PAD before a window operator becomes the operator's own padding.

CONV_2D and DEPTHWISE_CONV_2D take padded places for the input's zero point, which is what PAD writes. MAX_POOL_2D
leaves them out, which is the same when PAD writes the least value that there is. AVERAGE_POOL_2D counts places inside
the image only: it keeps its PAD.
"""

from __future__ import annotations

from dataclasses import replace

from tflite.Padding import Padding

from edgewright.compiler.rewrites._draft import Draft
from edgewright.compiler.rewrites._edit import constant, same_type
from edgewright.compiler.rewrites._semantics import output_range
from edgewright.tflite.graph import Graph, Node, View

CONVOLUTIONS = ("CONV_2D", "DEPTHWISE_CONV_2D")
"""Operators that take padded places for the input's zero point."""

Sides = tuple[int, int, int, int]
"""(top, bottom, left, right)"""


def apply(graph: Graph) -> tuple[Graph, dict[str, int]]:
    """Fold; facts: how many PADs."""
    folded, draft = 0, Draft(graph)
    for place, node in enumerate(graph.nodes):
        folded += node.op in ("PAD", "PADV2") and _fold(draft, place)
    return (draft.done(), {"folded_pads": folded}) if folded else (graph, {})


def _fold(draft: Draft, place: int) -> bool:
    """Fold the PAD at a place into all its readers; False when one of them cannot take it."""
    node = draft.at(place)
    if node is None:
        return False
    pad = View(draft, node)
    sides = _sides(pad)
    readers = [View(draft, reader) for reader in draft.consumers(node.outputs[0])]
    if sides is None or node.outputs[0] in draft.outputs or not readers:
        return False
    if (
        pad.input(0).is_variable
        or pad.output().is_variable
        or not all(_takes(pad, reader, sides) for reader in readers)
    ):
        return False
    for reader in readers:
        draft.put(draft.place_of(reader.node), _padded(reader, sides))
    return draft.bypass(place)


def _sides(pad: View) -> Sides | None:
    """Rows and columns that an int8 PAD of an image adds, when it writes the zero point."""
    amounts, value, image = constant(pad, 1), constant(pad, 2), pad.input(0)
    if amounts is None or amounts.shape != (4, 2) or not same_type(image, pad.output()):
        return None
    if image.dtype != "int8" or image.quantization is None or image.quantization.per_channel:
        return None
    writes_zero = value is None or int(value.reshape(-1)[0]) == image.quantization.zero_point
    top, bottom, left, right = amounts[1:3].reshape(-1).tolist()
    if not writes_zero or amounts[0].any() or amounts[3].any() or min(top, bottom, left, right) < 0:
        return None
    return top, bottom, left, right


def _takes(pad: View, reader: View, sides: Sides) -> bool:
    if reader.node.inputs.count(pad.node.outputs[0]) != 1 or reader.node.inputs[0] != pad.node.outputs[0]:
        return False
    if reader.node.op in CONVOLUTIONS:
        return True
    return reader.node.op == "MAX_POOL_2D" and _least_is_zero_point(pad) and _no_window_outside(reader, sides)


def _least_is_zero_point(pad: View) -> bool:
    quantization = pad.output().quantization
    return quantization is not None and output_range(pad.graph, pad.node.inputs[0])[0] >= quantization.zero_point


def _no_window_outside(reader: View, sides: Sides) -> bool:
    """Every window holds a place of the image itself."""
    total = _total(reader, sides)
    sizes = (("height", "h", total[0], total[1], 1), ("width", "w", total[2], total[3], 2))
    for name, axis, before, after, dim in sizes:
        kernel, stride = reader.option(f"filter_{name}"), reader.option(f"stride_{axis}")
        image = reader.input(0).shape[dim] - sum(sides[:2] if dim == 1 else sides[2:])
        last = (reader.output().shape[dim] - 1) * stride - before
        if kernel <= before or last >= image or after < 0:
            return False
    return True


def _padded(reader: View, sides: Sides) -> Node:
    return replace(reader.node, options={**reader.node.options, "explicit_padding": _total(reader, sides)})


def _total(reader: View, sides: Sides) -> Sides:
    """PAD's sides and the padding that the operator does by itself."""
    top, bottom, left, right = sides
    own = own_sides(reader)
    return (top + own[0], bottom + own[1], left + own[2], right + own[3])


def own_sides(reader: View) -> Sides:
    """The padding that a window operator does by itself."""
    explicit: Sides | None = reader.option("explicit_padding")
    return explicit or (*_own(reader, "h", 1), *_own(reader, "w", 2))


def _own(reader: View, axis: str, dim: int) -> tuple[int, int]:
    if reader.option("padding", Padding.SAME) != Padding.SAME:
        return (0, 0)
    kernel = reader.input(1).shape[dim] if reader.node.op in CONVOLUTIONS else _filter(reader, axis)
    span = (kernel - 1) * reader.option(f"dilation_{axis}_factor", 1) + 1
    needed = (reader.output().shape[dim] - 1) * reader.option(f"stride_{axis}", 1) + span
    total = max(0, needed - reader.input(0).shape[dim])
    return (total // 2, total - total // 2)


def _filter(reader: View, axis: str) -> int:
    return int(reader.option("filter_height" if axis == "h" else "filter_width"))
