"""A Keras model built anew with some of its layers replaced by others: by several in a row, or by none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Part:
    """A layer that is not built yet, and what its weights will be (None: as they are, or it has none)."""

    layer: Any
    weights: Sequence[Any] | None = None


Edits = Mapping[Any, Sequence[Part]]
"""By layer of the model: what stands in its place. An empty sequence hands the layer's input on."""


def rebuilt(tf: Any, model: Any, edits: Edits) -> Any:
    """A new model with `edits` made; all other layers are copied with their names and weights.

    Args:
        tf: the module `tensorflow`.
        model: a Sequential or functional model; models inside it are built anew, too.
        edits: what stands in the place of its layers.
    """
    chains = {layer: _chain(tf, layer, edits) for layer in model.layers if not _is_input(layer)}
    build = _sequential if isinstance(model, tf.keras.Sequential) else _functional
    new = build(tf, model, chains)
    for part in (part for chain in chains.values() for part in chain):
        if part.weights is not None:
            part.layer.set_weights(list(part.weights))
    return new


def copied(layer: Any, **changes: Any) -> Any:
    """A new layer with the settings of `layer` but for `changes`; it has no weights yet."""
    return type(layer).from_config({**layer.get_config(), **changes})


def network_nodes(model: Any) -> list[Any]:
    """The calls of layers that make up the model, each after those that it needs."""
    depths = sorted(model._nodes_by_depth, reverse=True)
    return [node for depth in depths for node in model._nodes_by_depth[depth]]


def inner_models(model: Any) -> list[Any]:
    """The models that are layers of `model`."""
    return [layer for layer in model.layers if hasattr(layer, "_nodes_by_depth")]


def _is_input(layer: Any) -> bool:
    return type(layer).__name__ == "InputLayer"


def _chain(tf: Any, layer: Any, edits: Edits) -> Sequence[Part]:
    if layer in edits:
        return edits[layer]
    if hasattr(layer, "_nodes_by_depth"):
        return [Part(rebuilt(tf, layer, edits))]
    return [Part(copied(layer), layer.get_weights())]


def _sequential(tf: Any, model: Any, chains: Mapping[Any, Sequence[Part]]) -> Any:
    first = tf.keras.layers.InputLayer.from_config(model._input_layers[0].get_config())
    layers = [part.layer for layer in model.layers for part in chains.get(layer, ())]
    return tf.keras.Sequential([first, *layers], name=model.name)


def _functional(tf: Any, model: Any, chains: Mapping[Any, Sequence[Part]]) -> Any:
    tensors = {id(layer.output): copied(layer).output for layer in model._input_layers}

    def mapped(structure: Any) -> Any:
        """The old model's tensors replaced by the new one's; other arguments as they are."""
        return tf.nest.map_structure(lambda value: tensors.get(id(value), value), structure)

    for node in network_nodes(model):
        if node.is_input:
            continue
        made = _called(chains[node.layer], mapped(node.call_args), mapped(node.call_kwargs))
        for old, new in zip(tf.nest.flatten(node.outputs), tf.nest.flatten(made), strict=True):
            tensors[id(old)] = new
    return tf.keras.Model(mapped(model._nested_inputs), mapped(model._nested_outputs), name=model.name)


def _called(chain: Sequence[Part], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    if not chain:
        return next(iter((*args, *kwargs.values())))
    made = chain[0].layer(*args, **kwargs)
    for part in chain[1:]:
        made = part.layer(made)
    return made
