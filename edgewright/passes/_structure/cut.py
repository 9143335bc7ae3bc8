"""A new model with smaller tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edgewright.passes._structure.model import Setting, Structure


def cut(tf: Any, model: Any, structure: Structure, kept: NDArray[np.bool_]) -> Any:
    """`model` without the units that are not `kept`; names of layers, inputs and outputs stay.

    Args:
        tf: the module `tensorflow`.
        model: what `structure` was found in.
        structure: its channels.
        kept: for each root, whether its channels stay, [structure.ids].
    """
    changes: dict[str, dict[str, Any]] = {}
    for setting in structure.settings:
        changes.setdefault(setting.layer, {})[setting.key] = _value(setting, kept)
    smaller = tf.keras.models.clone_model(model, clone_function=lambda layer: _clone(layer, changes))
    for layer in model.layers:
        if layer.weights:
            smaller.get_layer(layer.name).set_weights(_arrays(layer, structure, kept))
    return smaller


def _value(setting: Setting, kept: NDArray[np.bool_]) -> Any:
    count = int(kept[setting.channels].sum())
    return count if setting.before is None else (*setting.before, count)


def _clone(layer: Any, changes: dict[str, dict[str, Any]]) -> Any:
    return type(layer).from_config(layer.get_config() | changes.get(layer.name, {}))


def _arrays(layer: Any, structure: Structure, kept: NDArray[np.bool_]) -> list[NDArray[Any]]:
    arrays: list[NDArray[Any]] = layer.get_weights()
    for weight in structure.weights:
        if weight.layer == layer.name:
            for axis, roots in weight.axes.items():
                arrays[weight.index] = arrays[weight.index].compress(kept[roots], axis=axis)
    return arrays
