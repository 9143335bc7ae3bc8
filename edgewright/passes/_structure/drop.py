"""Blocks and layers that can be left out of a model, and the model without them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from edgewright.passes.keras_model import mac_counts
from edgewright.passes.keras_model.flow import Flow
from edgewright.passes.keras_model.rebuild import copied, network_nodes

NORMS = ("BatchNormalization", "LayerNormalization", "GroupNormalization", "UnitNormalization")
SCALES = (*NORMS, "PReLU")  # layers with weights that alone are no step of the network


class Drop(NamedTuple):
    """What reads the output of the layer `gone` reads that of `instead`; layers that nobody reads then vanish."""

    gone: str
    instead: str


def drops(model: Any, skip: Collection[str]) -> list[Drop]:
    """What can be left out and saves multiply-accumulates, in the order of the graph.

    The longer path of an addition of two, so that the block becomes its shortcut; and a layer that gives the shape that
    it gets, with the normalisation behind it.

    Args:
        model: a Sequential or Functional Keras model.
        skip: names of layers that must not vanish.
    """
    flow = Flow(model)
    single = [layer for layer in flow.layers if flow.once(layer) and not flow.is_output(layer)]
    found = [drop for layer in single if (drop := _longest(model, _of_layer(flow, layer)))]
    return [drop for drop in found if not vanishing(model, drop) & set(skip)]


def _longest(model: Any, drops_of_layer: Iterator[Drop]) -> Drop | None:
    """The one that saves most, if any saves anything."""
    saving = {drop: amount for drop in drops_of_layer if (amount := saved(model, drop))}
    return max(saving, key=lambda drop: saving[drop], default=None)


def _of_layer(flow: Flow, layer: Any) -> Iterator[Drop]:
    inputs = flow.inputs(layer)
    if type(layer).__name__ == "Add" and len(inputs) == 2:
        same = layer.input_shape[0] == layer.input_shape[1]
        yield from (Drop(layer.name, other.name) for other in reversed(inputs) if same and flow.once(other))
    elif layer.weights and type(layer).__name__ not in SCALES and len(inputs) == 1:
        [feeder] = inputs
        if layer.input_shape == layer.output_shape and flow.once(feeder):
            yield Drop(_with_norm(flow, layer).name, feeder.name)


def _with_norm(flow: Flow, layer: Any) -> Any:
    """The normalisation that alone reads `layer`, else `layer`: its statistics are of no use to others."""
    readers = flow.readers(layer)
    if len(readers) != 1 or type(readers[0]).__name__ not in NORMS:
        return layer
    [norm] = readers
    return norm if flow.once(norm) and not flow.is_output(norm) else layer


def vanishing(model: Any, drop: Drop) -> set[str]:
    """Names of the layers that nobody reads any more."""
    return {layer.name for layer in model.layers} - {node.layer.name for node in _needed(model, drop)}


def saved(model: Any, drop: Drop) -> int:
    """Multiply-accumulates of what vanishes."""
    return mac_counts.of_layers(model, vanishing(model, drop))


def _needed(model: Any, drop: Drop) -> list[Any]:
    """The calls of layers that the outputs still depend on, in the order of the graph."""
    nodes = network_nodes(model)
    makers = {id(tensor): node for node in nodes for tensor in _flat(node.outputs)}
    by_name = {node.layer.name: node for node in nodes}
    needed: set[int] = set()
    waiting = [makers[id(tensor)] for tensor in model.outputs]
    while waiting:
        node = waiting.pop()
        if id(node) in needed:
            continue
        if node.layer.name == drop.gone:
            waiting.append(by_name[drop.instead])
            continue
        needed.add(id(node))
        waiting += [] if node.is_input else [makers[id(tensor)] for tensor in node.keras_inputs]
    return [node for node in nodes if id(node) in needed or node.is_input]


def without(tf: Any, model: Any, drop: Drop) -> Any:
    """A new model without what vanishes; all other layers are copied with their names and weights.

    Args:
        tf: the module `tensorflow`.
        model: the model in which `drop` was found.
        drop: what to leave out.
    """
    build = _sequential if isinstance(model, tf.keras.Sequential) else _functional
    new = build(tf, model, drop)
    for layer in new.layers:
        layer.set_weights(model.get_layer(layer.name).get_weights())
    return new


def _sequential(tf: Any, model: Any, drop: Drop) -> Any:
    gone = vanishing(model, drop)
    first = tf.keras.layers.InputLayer.from_config(model._input_layers[0].get_config())
    return tf.keras.Sequential(
        [first, *(copied(layer) for layer in model.layers if layer.name not in gone)], name=model.name
    )


def _functional(tf: Any, model: Any, drop: Drop) -> Any:
    needed = _needed(model, drop)
    layers = {node.layer.name: copied(node.layer) for node in needed}
    tensors: dict[int, Any] = {}

    def mapped(structure: Any) -> Any:
        """The old model's tensors replaced by the new one's; other arguments as they are."""
        return tf.nest.map_structure(lambda value: tensors.get(id(value), value), structure)

    [dropped] = [node for node in network_nodes(model) if node.layer.name == drop.gone]
    for node in needed:
        layer = layers[node.layer.name]
        made = layer.output if node.is_input else layer(*mapped(node.call_args), **mapped(node.call_kwargs))
        for old, new in zip(_flat(node.outputs), _flat(made), strict=True):
            tensors[id(old)] = new
        if node.layer.name == drop.instead:
            tensors[id(dropped.outputs)] = made
    return tf.keras.Model(mapped(model._nested_inputs), mapped(model._nested_outputs), name=model.name)


def _flat(tensors: Any) -> list[Any]:
    import tensorflow as tf

    return list(tf.nest.flatten(tensors))
