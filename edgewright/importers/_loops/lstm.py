"""The loop of an LSTM that Keras 3 wrote, told by what a step computes: it becomes the layer of tf-keras.

TensorFlow's converter knows that one, and has an operator for it. What is told here is proven later, as every import
is, by the numbers of the origin.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from edgewright.importers._loops.lists import Items

_COUNTS = {"MatMul": 2, "Split": 1, "Sigmoid": 3, "Tanh": 2, "Mul": 3, "TensorListGetItem": 1, "TensorListSetItem": 1}
_SUMS, _SUM_COUNT = ("AddV2", "BiasAdd"), 5
"""Operators of a step. Of the sums two count steps; with a batch of one TensorFlow writes one by the other."""

_TURN = (1, 0, 2)
"""A loop has time before the batch."""

_PLAIN = {"Placeholder", "Const", "Identity", "NoOp", "Squeeze"}


@dataclass(frozen=True)
class _Places:
    """Of a loop's values: places among what goes round."""

    step: int
    counter: int
    sequence: int
    answers: int
    hidden: int
    cell: int
    kernel: int
    recurrent: int
    bias: int


def of_keras(tf: Any, body: Any, values: Sequence[Any], unread: set[int], layers: dict[str, Any]) -> list[Any] | None:
    """What the loop gives; None where it is no such LSTM, begins with a state, or its cell's state is read.

    Args:
        tf: the module `tensorflow`.
        body: the graph of a step.
        values: what the loop begins with.
        unread: places of what it gives that nobody reads.
        layers: those that were made before, by the name of the graph.
    """
    places = _places(body)
    if places is None or places.cell not in unread or not _is_plain(values, places):
        return None
    steps = len(values[places.sequence].each)
    sequence = tf.transpose(values[places.sequence].whole, _TURN)
    if body.name not in layers:
        weights = [values[place].numpy() for place in (places.kernel, places.recurrent, places.bias)]
        layers[body.name] = _layer(tf, sequence.shape, weights)
    answers = layers[body.name](sequence)
    found = list(values)
    found[places.step] = found[places.counter] = tf.constant(steps)
    found[places.hidden] = answers[:, -1]
    every = len(values[places.answers].each) == steps
    found[places.answers] = Items.of(tf, tf.transpose(answers, _TURN)) if every else Items((answers[:, -1],))
    return found


def _layer(tf: Any, shape: Any, weights: Sequence[Any]) -> Any:
    from tf_keras.layers import LSTM

    layer = LSTM(len(weights[1]), return_sequences=True)
    with tf.init_scope():
        layer.build(shape)
        layer.set_weights(weights)
    return layer


def _is_plain(values: Sequence[Any], places: _Places) -> bool:
    """Whether it begins with zeros, its weights are known, and it reads a whole sequence."""
    known = (places.hidden, places.cell, places.kernel, places.recurrent, places.bias)
    if not all(hasattr(values[place], "numpy") for place in known):
        return False
    whole = values[places.sequence].whole
    zero = not any(values[place].numpy().any() for place in known[:2])
    return zero and whole is not None and whole.shape.rank == len(_TURN)


def _places(body: Any) -> _Places | None:
    """None where a step is no LSTM's."""
    operations = [each for each in body.get_operations() if each.type not in _PLAIN]
    counts = Counter("sum" if each.type in _SUMS else each.type for each in operations)
    if counts != Counter(_COUNTS | {"sum": _SUM_COUNT}):
        return None
    by_kind = {each.type: each for each in operations if each.type.startswith("TensorList")}
    inputs = {tensor.ref(): place for place, tensor in enumerate(body.inputs)}
    read, write = by_kind["TensorListGetItem"], by_kind["TensorListSetItem"]
    products = [each for each in operations if each.type == "MatMul"]
    of_input = next((each for each in products if _source(each.inputs[0]).op is read), None)
    of_state = next((each for each in products if each is not of_input), None)
    if of_input is None or of_state is None or not _has_gates(operations, of_input, of_state):
        return None
    cell, bias = (_given(operations, kind, inputs) for kind in ("Mul", "BiasAdd"))
    tensors = [read.inputs[1], read.inputs[0], write.inputs[0], of_state.inputs[0], cell]
    tensors += [of_input.inputs[1], of_state.inputs[1], bias]
    found = [None if tensor is None else inputs.get(_source(tensor).ref()) for tensor in tensors]
    step, *rest = found
    return None if None in found else _Places(step, 0, *rest)  # type: ignore[arg-type]


def _given(operations: Sequence[Any], kind: str, inputs: Mapping[Any, int]) -> Any:
    """What an operator of a kind reads of the values that go round."""
    read = (tensor for each in operations if each.type == kind for tensor in each.inputs)
    return next((tensor for tensor in read if _source(tensor).ref() in inputs), None)


def _has_gates(operations: Sequence[Any], of_input: Any, of_state: Any) -> bool:
    """Whether a step takes what it multiplies apart into four, in the order of Keras: input, forget, cell, output."""
    split = next(each for each in operations if each.type == "Split")
    gates = [{reader.type for reader in part.consumers()} for part in split.outputs]
    summed = {_source(tensor).op for each in operations if each.type in _SUMS for tensor in each.inputs}
    return gates == [{"Sigmoid"}, {"Sigmoid"}, {"Tanh"}, {"Sigmoid"}] and {of_input, of_state} <= summed


def _source(tensor: Any) -> Any:
    """Where a tensor comes from, past what only passes it on."""
    while tensor.op.type in {"Identity", "Squeeze"}:
        tensor = tensor.op.inputs[0]
    return tensor
