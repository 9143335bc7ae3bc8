"""How many bits latents cost, differentiable: what the training pays for.

Each layer has its own distribution, a mixture of logistic ones around 0 that is learned together with the latents. The
probability of an integer is that of the interval of width 1 around it, as in J. Balle, D. Minnen, S. Singh et al.,
"Variational image compression with a scale hyperprior" (2018), arXiv:1802.01436. Between integers the same formula goes
on, so that a latent that is rounded to 0 still feels which way is cheaper.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from edgewright.passes._latent.decoders import Array

_WIDTHS = (0.3, 1.0, 3.0)  # of the logistic distributions at first, times the mean magnitude of the latents
_SPEED = 10  # of the parameters: they must follow the latents
_LEAST = 1e-12  # a probability below counts as this


def start(latents: Array) -> dict[str, Array]:
    """Parameters for these latents: `width`, logarithms, and `weight`, unnormalised logarithms; float32 [3] each."""
    size = max(float(np.abs(latents).mean()), 0.05)
    widths = np.log(np.asarray(_WIDTHS, np.float32) * size) / _SPEED
    return {"width": widths.astype(np.float32), "weight": np.zeros(len(_WIDTHS), np.float32)}


def bits(tf: Any, latents: Any, parameters: Mapping[str, Any]) -> Any:
    """Bits of all the latents together, a scalar."""
    far = tf.abs(tf.reshape(latents, [-1, 1]))
    width = tf.exp(_SPEED * parameters["width"])
    weight = tf.nn.softmax(_SPEED * parameters["weight"])
    mass = tf.sigmoid((0.5 - far) / width) - tf.sigmoid((-0.5 - far) / width)
    return -tf.reduce_sum(tf.math.log(tf.reduce_sum(weight * mass, axis=1) + _LEAST)) / math.log(2)
