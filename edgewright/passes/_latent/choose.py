"""Which layers are coded, and by which decoder."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import Any

import numpy as np

from edgewright.errors import UserError, did_you_mean
from edgewright.passes import _reached
from edgewright.passes._latent.decoders import LATENTS, LIMIT, Array, Decoder, Identity, Upsample
from edgewright.passes._latent.groups import Network, Size
from edgewright.passes._latent.layers import KERNELS, Plan
from edgewright.passes._latent.posthoc import Autoencoded
from edgewright.passes.keras_model import masks

_POST_HOC = ("autoencoder", "vae")
_NETWORKS = ("linear", "mlp", *_POST_HOC)
_CHANNEL_AXES = {"DepthwiseConv2D": 2}  # of a kernel [height, width, channels, multiplier]
_PASSING = ("Activation", "Dropout", "ReLU", "LeakyReLU")  # layers that leave a weight's place in the feature map
_WORTH = 4  # weights of a layer for each weight of its decoder, or the layer does without such a decoder


def plans(tf: Any, model: Any, options: Any, seed: int) -> dict[str, Plan]:
    """The plan of each layer that is coded, by the layer's name.

    Args:
        tf: the module `tensorflow`.
        model: a Keras model.
        options: of the pass.
        seed: of what decoders draw.

    Raises:
        UserError: the options name a layer that is not there or that cannot be coded so, or its latents overflow.
    """
    known = codable(model)
    _check_names("skip", options.skip, known)
    _check_names("layers", list(options.layers), known)
    found = {}
    for name, layer in known.items():
        if name in options.skip or not kernel_of(layer).any():
            continue
        decoder = _decoder(tf, layer, options, seed)
        if decoder is not None:
            _check_range(name, decoder, options.of(name).step)
            found[name] = Plan(decoder, options.of(name).rate)
    return found


def codable(model: Any) -> dict[str, Any]:
    """The layers of kinds that can be coded, by name."""
    return {layer.name: layer for layer in leaves(model) if type(layer).__name__ in KERNELS}


def left(model: Any, coded: Container[str], skipped: Container[str]) -> dict[str, str]:
    """Why layers that multiply by weights are not coded, by name."""
    reasons = {}
    for layer in leaves(model):
        if layer.name not in coded and masks.kernels(layer):
            kind = type(layer).__name__
            small = "all of it is zero, or it is too small for this decoder"
            reason = small if kind in KERNELS else f"a {kind} is not coded"
            reasons[layer.name] = _reached.SKIPPED if layer.name in skipped else reason
    return reasons


def leaves(model: Any) -> Iterator[Any]:
    """The layers of a model, and of the models in it."""
    for layer in model.layers:
        yield from leaves(layer) if hasattr(layer, "layers") else [layer]


def kernel_of(layer: Any) -> Array:
    """The kernel as it is now."""
    return np.asarray(getattr(layer, KERNELS[type(layer).__name__]).numpy(), np.float32)


def channel_axes(layer: Any) -> int:
    """How many of the last axes of a kernel number the output channels."""
    return _CHANNEL_AXES.get(type(layer).__name__, 1)


def normalised(layer: Any) -> bool:
    """Whether the layer's only reader is a batch norm, which the converter folds into it."""
    readers = layer.outbound_nodes
    return len(readers) == 1 and type(readers[0].layer).__name__ == "BatchNormalization"


def _check_names(key: str, names: Sequence[str], known: dict[str, Any]) -> None:
    for name in names:
        if name not in known:
            problem = "no layer of this name has weights that latents can make"
            raise UserError(
                f"pass latent: {key}", problem, got=name, allowed=list(known), hint=did_you_mean(name, known)
            )


def _check_range(name: str, decoder: Decoder, step: float) -> None:
    largest = float(np.abs(decoder.start()[LATENTS]).max())
    if round(largest) > LIMIT:
        raise UserError(
            f"pass latent: layer {name}",
            "its latents overflow int8: the largest is too many steps from 0",
            got=round(largest),
            allowed=f"up to {LIMIT}",
            hint=f"raise step, for it alone by layers = {{ {name} = {{ step = {step * largest / 100:.2g} }} }}",
        )


def _decoder(tf: Any, layer: Any, options: Any, seed: int) -> Decoder | None:
    """None where a layer is better left alone: too small for the decoder, which is not trained on the task."""
    chosen, named = options.of(layer.name), layer.name in options.layers
    kernel, axes = kernel_of(layer), channel_axes(layer)
    if chosen.decoder in _NETWORKS:
        size = Size(chosen.group, chosen.latents, 0 if chosen.decoder == "linear" else chosen.hidden)
        if named or kernel.size >= _WORTH * size.parameters:
            return _network(tf, kernel, chosen, (axes, size, seed))
        if chosen.decoder in _POST_HOC:
            return None
    places = _places(layer) if chosen.decoder == "upsample" else None
    if places:
        return Upsample(kernel, chosen.step, places, chosen.block)
    if named and options.layers[layer.name].decoder == "upsample":
        problem = "the layer is no dense one behind the Flatten of a feature map"
        where = f"pass latent: layers.{layer.name}.decoder"
        raise UserError(where, problem, got="upsample", hint="take channel_scale")
    return Identity(kernel, chosen.step, axes, tied=chosen.decoder == "identity")


def _network(tf: Any, kernel: Array, chosen: Any, rest: tuple[int, Size, int]) -> Decoder:
    axes, size, seed = rest
    if chosen.decoder not in _POST_HOC:
        return Network(kernel, chosen.step, axes, size, seed)
    made = Autoencoded(kernel, chosen.step, axes, size, seed)
    made.train(tf, variational=chosen.decoder == "vae")
    return made


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
