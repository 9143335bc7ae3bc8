"""Which layers are coded, and by which decoder."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from edgewright.errors import UserError, did_you_mean
from edgewright.passes._latent.decoders import LATENTS, LIMIT, Array, Decoder, Identity, Upsample
from edgewright.passes._latent.layers import KERNELS, Plan

_CHANNEL_AXES = {"DepthwiseConv2D": 2}  # of a kernel [height, width, channels, multiplier]
_PASSING = ("Activation", "Dropout", "ReLU", "LeakyReLU")  # layers that leave a weight's place in the feature map


def plans(model: Any, options: Any) -> dict[str, Plan]:
    """The plan of each layer that is coded, by the layer's name.

    Args:
        model: a Keras model.
        options: of the pass: `decoder`, `step`, `rate`, `block`, `skip`, `layers`.

    Raises:
        UserError: the options name a layer that is not there or that cannot be coded so.
    """
    known = {layer.name: layer for layer in leaves(model) if type(layer).__name__ in KERNELS}
    for key, name in [("skip", name) for name in options.skip] + [("layers", name) for name in options.layers]:
        if name not in known:
            raise UserError(f"pass latent: {key}", "no layer of this name has weights that latents can make",
                            got=name, allowed=list(known), hint=did_you_mean(name, known))  # fmt: skip
    chosen = {name: layer for name, layer in known.items() if name not in options.skip and kernel_of(layer).any()}
    return {name: _plan(layer, options.of(name), name in options.layers) for name, layer in chosen.items()}


def leaves(model: Any) -> Iterator[Any]:
    """The layers of a model, and of the models in it; no layer twice."""
    for layer in model.layers:
        yield from leaves(layer) if hasattr(layer, "layers") else [layer]


def kernel_of(layer: Any) -> Array:
    """The kernel as it is now."""
    return np.asarray(getattr(layer, KERNELS[type(layer).__name__]).numpy(), np.float32)


def channel_axes(layer: Any) -> int:
    """How many of the last axes of the kernel number the output channels."""
    return _CHANNEL_AXES.get(type(layer).__name__, 1)


def _plan(layer: Any, chosen: Any, named: bool) -> Plan:
    decoder = _decoder(layer, chosen, named)
    largest = float(np.abs(decoder.start()[LATENTS]).max())
    if largest > LIMIT:
        raise UserError(
            f"pass latent: layer {layer.name}",
            "its latents overflow int8: the largest weight is too many steps from 0",
            got=round(largest),
            allowed=f"up to {LIMIT} steps",
            hint=f"raise step ({chosen.step:g}) for it: layers.{layer.name}.step = {chosen.step * largest / LIMIT:.2g}",
        )
    return Plan(decoder, chosen.rate)


def _decoder(layer: Any, chosen: Any, named: bool) -> Decoder:
    kernel = kernel_of(layer)
    if chosen.decoder == "upsample":
        places = _places(layer)
        if places:
            return Upsample(kernel, chosen.step, places, chosen.block)
        if named:
            problem = "the layer is no dense one behind the Flatten of a feature map"
            raise UserError(
                f"pass latent: layers.{layer.name}.decoder", problem, got="upsample", hint="take channel_scale"
            )
    return Identity(kernel, chosen.step, 0 if chosen.decoder == "identity" else channel_axes(layer))


def _places(layer: Any) -> tuple[int, int, int] | None:
    """Height, width and channels of the feature map that a dense layer sees flattened."""
    if type(layer).__name__ != "Dense":
        return None
    before = _before(layer)
    while type(before).__name__ in _PASSING:
        before = _before(before)
    if type(before).__name__ != "Flatten" or len(before.input_shape) != 4 or before.data_format != "channels_last":
        return None
    height, width, channels = before.input_shape[1:]
    return height, width, channels


def _before(layer: Any) -> Any:
    """The layer whose output this one reads; None when there are several."""
    nodes = layer.inbound_nodes
    found = nodes[0].inbound_layers if len(nodes) == 1 else None
    return None if isinstance(found, list) else found


def normalised(layer: Any) -> bool:
    """Whether the layer's only reader is a batch norm, which the converter folds into it."""
    readers = layer.outbound_nodes
    return len(readers) == 1 and type(readers[0].layer).__name__ == "BatchNormalization"
