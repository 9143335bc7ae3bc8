"""TRANSPOSE goes down the graph, past what computes each element by itself, until it meets what undoes or absorbs it.

Converters of frameworks whose images have channels first write it around operators; what the network itself moves
stays.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from edgewright.passes.tflite_model.model import Model
from edgewright.passes.tflite_model.moves import MOVES, as_transposed, chain, order, places, reshape

_ONE = frozenset(
    {
        *("RELU", "RELU6", "RELU_N1_TO_1", "LOGISTIC", "TANH", "ELU", "LEAKY_RELU", "HARD_SWISH", "GELU", "ABS", "NEG"),
        *("EXP", "SQRT", "RSQRT", "SQUARE", "LOG"),
    }
)
_TWO = frozenset({"ADD", "SUB", "MUL", "DIV", "MAXIMUM", "MINIMUM", "SQUARED_DIFFERENCE", "PRELU"})
_REDUCE = frozenset({"MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN"})


def merge(model: Model, node: Any) -> bool:
    """Moves become one RESHAPE, or a RESHAPE and a TRANSPOSE behind it; those that move nothing go."""
    if model.kind(node) not in MOVES:
        return False
    moves = chain(model, node)
    if len(moves) == 1 and order(model, node) is None:
        return _dropped(model, node)
    return any(_merged(model, moves[first:]) for first in range(len(moves)))


def _dropped(model: Model, node: Any) -> bool:
    """A RESHAPE to the shape that there is."""
    source, output = node.inputs[0], node.outputs[0]
    if model.shape(source) != model.shape(output) or output in model.graph.outputs:
        return False
    for reader in model.readers(output):
        reader.inputs = [source if tensor == output else tensor for tensor in reader.inputs]
    model.drop(node)
    return True


def _merged(model: Model, moves: list[Any]) -> bool:
    found, source, last = places(model, moves), moves[0].inputs[0], moves[-1]
    turns = sum(order(model, move) is not None for move in moves)
    if len(moves) == 1 and not turns:
        return False
    if np.array_equal(found.reshape(-1), np.arange(found.size)):
        reshape(model, last, source, found.shape)
        return True
    made = as_transposed(found)
    if made is None or (turns == 1 and (len(moves) <= 2 and order(model, last) is not None)):
        return False
    shape, axes = made
    if shape != model.shape(source):
        source = _reshaped(model, source, shape, last)
    _transpose(model, last, source, axes)
    return True


def past_one(model: Model, node: Any) -> bool:
    """TRANSPOSE and an operator of one input change places."""
    move = sole_maker(model, node, 0) if model.kind(node) in _ONE else None
    axes = order(model, move)
    if move is None or axes is None:
        return False
    after(model, node, axes, [move.inputs[0]])
    return True


def past_two(model: Model, node: Any) -> bool:
    """TRANSPOSE on both inputs of an operator, or on one where the other is a constant or a vector, goes behind it."""
    if model.kind(node) not in _TWO:
        return False
    moves = [sole_maker(model, node, place) for place in (0, 1)]
    turns = [order(model, move) for move in moves]
    axes = turns[0] or turns[1]
    if axes is None or (turns[0] is not None and turns[1] is not None and turns[0] != turns[1]):
        return False
    sources = [
        move.inputs[0] if turn is not None else _turned(model, node, tensor, axes)
        for move, turn, tensor in zip(moves, turns, node.inputs, strict=True)
    ]
    if None in sources:
        return False
    after(model, node, axes, [source for source in sources if source is not None])
    return True


def past_concatenation(model: Model, node: Any) -> bool:
    """TRANSPOSE on all inputs of a CONCATENATION goes behind it."""
    if model.kind(node) != "CONCATENATION":
        return False
    moves = [sole_maker(model, node, place) for place in range(len(node.inputs))]
    turns = {order(model, move) for move in moves}
    axes = next(iter(turns))
    if len(turns) != 1 or axes is None:
        return False
    options = node.builtinOptions
    options.axis = axes[options.axis % len(axes)]
    after(model, node, axes, [move.inputs[0] for move in moves])
    return True


def past_reduction(model: Model, node: Any) -> bool:
    """What is reduced over some axes is reduced over where these come from."""
    move = sole_maker(model, node, 0) if model.kind(node) in _REDUCE else None
    turn, axes = order(model, move), None if move is None else model.values(node.inputs[1])
    if move is None or turn is None or axes is None:
        return False
    over = {int(axis) % len(turn) for axis in axes.reshape(-1)}
    kept = bool(node.builtinOptions.keepDims)
    left = list(turn) if kept else [axis for place, axis in enumerate(turn) if place not in over]
    constant = model.constant(
        np.array(sorted(turn[axis] for axis in over), np.int32), f"{model.name(node.inputs[1])}_turned"
    )
    turned = tuple(int(place) for place in np.argsort(np.argsort(left)))
    after(model, node, turned, [move.inputs[0], constant])
    return True


def into_dense(model: Model, node: Any) -> bool:
    """Moves in front of a dense layer of one row go into its weights."""
    if model.kind(node) != "FULLY_CONNECTED":
        return False
    moves, weights = chain(model, model.maker(node.inputs[0])), model.values(node.inputs[1])
    if not any(order(model, move) is not None for move in moves) or weights is None:
        return False
    if model.only_reader(node.inputs[0]) is not node or weights.shape[1] != int(np.prod(model.shape(node.inputs[0]))):
        return False
    moved = np.empty_like(weights)
    moved[:, places(model, moves).reshape(-1)] = weights
    node.inputs[1] = model.constant(moved, f"{model.name(node.inputs[1])}_turned")
    reshape(model, moves[-1], moves[0].inputs[0], model.shape(node.inputs[0]))
    return True


def copy(model: Model, passable: Collection[str]) -> bool:
    """Give each reader of a TRANSPOSE one of its own, where all of them may change places with it.

    Args:
        model: is changed in place.
        passable: kinds of other modules' rules.
    """
    found, passable = False, {*passable, *_ONE, *_TWO, *_REDUCE, "TRANSPOSE"}
    for node in list(model.graph.operators):
        output = node.outputs[0]
        readers = model.readers(output) if order(model, node) is not None else []
        if len(readers) < 2 or output in model.graph.outputs or not {model.kind(each) for each in readers} <= passable:
            continue
        found = True
        for number, reader in enumerate(readers[1:]):
            own = model.like(output, model.shape(output), f"{model.name(output)}_{number}")
            model.put(model.place(node) + 1, "TRANSPOSE", node.inputs, [own])
            reader.inputs = [own if tensor == output else tensor for tensor in reader.inputs]
    return found


def sole_maker(model: Model, node: Any, place: int) -> Any:
    """What makes an input, which nobody else reads; None where there is no such operator."""
    tensor = node.inputs[place]
    return model.maker(tensor) if model.only_reader(tensor) is node else None


def after(model: Model, node: Any, axes: Sequence[int], inputs: Sequence[int]) -> None:
    """The operator on other inputs, and each of its outputs in that order of axes."""
    outputs = list(node.outputs)
    node.inputs = list(inputs)
    if list(axes) == sorted(axes):
        return
    node.outputs = [
        model.like(output, before(axes, model.shape(output)), f"{model.name(output)}_turned") for output in outputs
    ]
    for inner, output in zip(node.outputs, outputs, strict=True):
        constant = model.constant(np.array(axes, np.int32), f"{model.name(output)}_axes")
        model.put(model.place(node) + 1, "TRANSPOSE", [inner, constant], [output])


def before(axes: Sequence[int], shape: Sequence[int]) -> list[int]:
    """The shape that an order of axes makes another of."""
    return [shape[place] for place in np.argsort(axes)]


def _transpose(model: Model, node: Any, source: int, axes: Sequence[int]) -> None:
    constant = model.constant(np.array(axes, np.int32), f"{model.name(node.outputs[0])}_axes")
    model.become(node, "TRANSPOSE", [source, constant])


def _reshaped(model: Model, source: int, shape: Sequence[int], before: Any) -> int:
    output = model.like(source, shape, f"{model.name(source)}_reshaped")
    constant = model.constant(np.array(shape, np.int32), f"{model.name(output)}_shape")
    model.put(model.place(before), "RESHAPE", [source, constant], [output], newShape=np.array(shape, np.int32))
    return output


def _turned(model: Model, node: Any, tensor: int, axes: Sequence[int]) -> int | None:
    """The other input of an operator as it stands against what is not moved yet; None where that is not to be had."""
    if model.values(tensor) is not None:
        return _turned_constant(model, tensor, axes, slopes=model.kind(node) == "PRELU")
    shape = model.shape(tensor)
    if len(shape) != len(axes) or sum(length > 1 for length in shape) > 1:
        return None
    return _reshaped(model, tensor, before(axes, shape), node)


def _turned_constant(model: Model, tensor: int, axes: Sequence[int], *, slopes: bool) -> int | None:
    """A constant as it stands against what is not moved yet; slopes have no batch."""
    values = model.values(tensor)
    if values is None or values.ndim > len(axes):
        return None
    if values.size == 1:
        return tensor
    wide = values.reshape((1,) * (len(axes) - values.ndim) + values.shape).transpose(np.argsort(axes))
    return model.constant(wide[0] if slopes else wide, f"{model.name(tensor)}_turned")
