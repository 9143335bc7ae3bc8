"""Watches a training for layers of which the rate leaves nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from edgewright.errors import UserError


def watching(tf: Any, coded: Mapping[str, Any]) -> Any:
    """A Keras callback that ends the training when all latents of a layer are zero at the end of an epoch.

    Args:
        tf: the module `tensorflow`.
        coded: the coded layers by name.
    """
    return tf.keras.callbacks.LambdaCallback(on_epoch_end=lambda _epoch, _logs: refuse_dead(coded))


def refuse_dead(coded: Mapping[str, Any]) -> None:
    """UserError that names the layers whose latents are all zero."""
    dead = [name for name, layer in coded.items() if not np.any(layer.integers())]
    if dead:
        rates = ", ".join(f"{coded[name].plan.rate:g}" for name in dead)
        raise UserError(
            f"pass latent: layer{'s' * (len(dead) > 1)} {', '.join(dead)}",
            "the rate leaves nothing: all latents have become zero",
            got=f"rate = {rates}",
            hint=f"lower rate, or set it for this layer alone: layers = {{ {dead[0]} = {{ rate = ... }} }}",
        )
