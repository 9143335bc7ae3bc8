"""Walks a Keras model from its inputs to its outputs and finds its channels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

from edgewright.errors import UserError, did_you_mean
from edgewright.passes._structure.model import Structure
from edgewright.passes._structure.rules import RULES, Findings, Site, channels, unfit
from edgewright.passes._structure.units import Ids
from edgewright.passes.keras_model import mac_counts

KERAS = ("keras", "tf_keras")


def structure(model: Any, skip: Collection[str] = ()) -> Structure:
    """The channels of `model` and what they are tied to.

    Args:
        model: a Sequential or Functional Keras model.
        skip: names of layers that keep their output channels.

    Raises:
        UserError: a model of another kind, or a name in `skip` that no layer has.
    """
    _check(model, skip)
    found = Findings()
    ids = _walk(model, found, frozenset(skip))
    for output in model.outputs:
        found.units.freeze(ids[_key(output)])
    return _structure(model, found)


def nodes(model: Any) -> Iterator[Any]:
    """The calls of layers that make up a model, each after those that it takes its inputs from."""
    for depth in sorted(model._nodes_by_depth, reverse=True):
        yield from model._nodes_by_depth[depth]


def _check(model: Any, skip: Collection[str]) -> None:
    if not getattr(model, "_is_graph_network", False):
        raise UserError(
            f"model {model.name}",
            "its layers cannot be seen: it is a class of its own",
            allowed="Sequential and Functional Keras models",
        )
    names = [layer.name for layer in model.layers]
    for name in skip:
        if name not in names:
            raise UserError("skip", "no such layer", got=name, allowed=names, hint=did_you_mean(name, names))


def _walk(model: Any, found: Findings, skip: frozenset[str]) -> dict[Any, Ids]:
    """The ids of every tensor of the model."""
    calls = Counter(node.layer.name for node in nodes(model))
    ids: dict[Any, Ids] = {}
    for node in nodes(model):
        outputs = _flat(node.outputs)
        if node.is_input:
            made = [found.units.frozen(channels(_shape(tensor))) for tensor in outputs]
        else:
            made = _through(_site(node, ids, found), calls[node.layer.name])
        for tensor, channel_ids in zip(outputs, made, strict=True):
            ids[_key(tensor)] = channel_ids
            if node.layer.name in skip:
                found.units.freeze(channel_ids)
    return ids


def _site(node: Any, ids: dict[Any, Ids], found: Findings) -> Site:
    inputs = list(node.keras_inputs)
    shapes_in, shapes_out = ([_shape(tensor) for tensor in _flat(some)] for some in (inputs, node.outputs))
    return Site(node.layer, [ids[_key(tensor)] for tensor in inputs], shapes_in, shapes_out, found)


def _through(site: Site, calls: int) -> list[Ids]:
    reason = _blocks(site, calls)
    if reason is None:
        return [RULES[type(site.layer).__name__](site)]
    site.opaque(reason)
    return [site.found.units.frozen(channels(shape)) for shape in site.shapes_out]


def _blocks(site: Site, calls: int) -> str | None:
    layer = site.layer
    if calls > 1:
        return f"is used in {calls} places"
    if hasattr(layer, "layers"):
        return "is a model within the model"
    if type(layer).__module__.split(".", 1)[0] not in KERAS or type(layer).__name__ not in RULES:
        return f"{type(layer).__name__} may do anything with its channels"
    return unfit(site)


def _structure(model: Any, found: Findings) -> Structure:
    roots = found.units.roots()
    weights = tuple(
        replace(weight, axes={axis: roots[ids] for axis, ids in weight.axes.items()}) for weight in found.weights
    )
    settings = tuple(replace(setting, channels=roots[setting.channels]) for setting in found.settings)
    every = {id(variable): int(variable.shape.num_elements()) for variable in model.weights}
    known = {id(weight.variable): int(weight.variable.shape.num_elements()) for weight in weights}
    macs = sum(weight.places * known[id(weight.variable)] for weight in weights)
    return Structure(
        weights,
        sum(every.values()) - sum(known.values()),
        mac_counts.total(model) - macs,
        settings,
        tuple(found.blockers),
        len(roots),
    )


def _flat(tensors: Any) -> list[Any]:
    import tensorflow as tf

    return list(tf.nest.flatten(tensors))


def _shape(tensor: Any) -> tuple[int, ...]:
    return tuple(tensor.shape[1:])


def _key(tensor: Any) -> tuple[int, int, int]:
    history = tensor._keras_history
    return id(history.layer), history.node_index, history.tensor_index
