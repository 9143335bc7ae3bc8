"""Autoencoders of weights that are trained already: they reconstruct the weights, and know nothing of the task.

They are here to be compared: trained weights are nearly white noise, so what is left out is lost, and no training makes
up for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from edgewright.passes._latent import entropy
from edgewright.passes._latent.decoders import LATENTS, LIMIT, Array
from edgewright.passes._latent.groups import Network, made

_STEPS = 600
_RATE = 0.003
_PRICE = 0.05  # squared error, in variances of the kernel, that a bit for each weight is worth


class Autoencoded(Network):
    """A `Network` that was trained together with an encoder.

    The error that counts is the mean squared one of the groups. Plain: the latents are rounded. Variational: uniform
    noise of width 1 takes the place of rounding, and the bits under a learned prior are paid for (J. Balle, V. Laparra,
    E. Simoncelli, "End-to-end optimized image compression" (2017), arXiv:1611.01704).
    """

    def train(self, tf: Any, *, variational: bool) -> None:
        """Find encoder and decoder; `start` then gives what they made of the kernel."""
        groups = tf.constant(self.groups.split(self._kernel) / self.unit)
        first = Network.start(self)
        latents = first.pop(LATENTS)
        encoder = _encoder(first, self._step, self._seed)
        variables = [{n: tf.Variable(v) for n, v in part.items()} for part in (first, encoder, entropy.start(latents))]
        step = _step(tf, groups, *variables, seed=self._seed if variational else None)
        for number in range(_STEPS):
            step(tf.constant(number))
        latents = np.clip(np.rint(made(tf, groups, variables[1]).numpy()), -LIMIT, LIMIT)
        self._found = {LATENTS: latents, **{name: value.numpy() for name, value in variables[0].items()}}

    def start(self) -> dict[str, Array]:
        """See `Decoder`."""
        return dict(self._found)


def _encoder(decoder: dict[str, Array], step: float, seed: int) -> dict[str, Array]:
    """The inverse of the decoder as it begins: what the hidden layer adds is 0 at first."""
    latents, group = decoder["basis"].shape
    hidden = len(decoder["outer"])
    inner = np.random.default_rng(seed).normal(0, 0.1, (group, hidden)).astype(np.float32)
    zeros = {"inner_bias": np.zeros(hidden, np.float32), "outer": np.zeros((hidden, latents), np.float32)}
    return {"basis": decoder["basis"].T / np.float32(step**2), "inner": inner, **zeros}


def _step(tf: Any, groups: Any, decoder: Any, encoder: Any, prior: Any, *, seed: int | None) -> Callable[[Any], None]:
    """One step of the training; `seed` of the noise, None for plain rounding."""
    optimizer = tf.keras.optimizers.Adam(_RATE)
    variables = [*decoder.values(), *encoder.values(), *([] if seed is None else prior.values())]

    def loss(number: Any) -> Any:
        latents = made(tf, groups, encoder)
        if seed is None:
            rounded = latents + tf.stop_gradient(tf.round(latents) - latents)
            return tf.reduce_mean(tf.square(groups - made(tf, rounded, decoder)))
        noise = tf.random.stateless_uniform(tf.shape(latents), [seed, number], -0.5, 0.5)
        error = tf.reduce_mean(tf.square(groups - made(tf, latents + noise, decoder)))
        return error + _PRICE * entropy.bits(tf, latents + noise, prior) / float(tf.size(groups))

    def step(number: Any) -> None:
        with tf.GradientTape() as tape:
            value = loss(number)
        optimizer.apply_gradients(zip(tape.gradient(value, variables), variables, strict=True))

    return tf.function(step)  # type: ignore[no-any-return]
