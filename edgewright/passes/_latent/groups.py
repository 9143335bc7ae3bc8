"""Decoders with weights of their own: each makes groups of weights from few latents.

A group is some consecutive weights of one output channel. What the decoder's own weights cost is counted, as float16.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgewright.passes._latent.decoders import LATENTS, Array, spread


@dataclass(frozen=True)
class Size:
    """Of a group decoder: weights and latents of a group, hidden units (0 = linear)."""

    group: int
    latents: int
    hidden: int = 0

    @property
    def parameters(self) -> int:
        """Weights of the decoder."""
        return self.group * self.latents + self.hidden * (self.latents + 1 + self.group)


class Groups:
    """The kernel as rows of `group` weights, each of one channel, filled up with zeros; and back.

    Args:
        shape: of the kernel.
        channel_axes: so many of the last axes number the output channels.
        group: weights in a group.
    """

    def __init__(self, shape: tuple[int, ...], channel_axes: int, group: int) -> None:
        self._shape = shape
        self._channels = math.prod(shape[len(shape) - channel_axes :])
        self._each = math.prod(shape) // self._channels
        self._group = group

    def split(self, kernel: Array) -> Array:
        """[groups, group] of a kernel."""
        rows = kernel.reshape(self._each, self._channels).T
        return np.pad(rows, ((0, 0), (0, -self._each % self._group))).reshape(-1, self._group)

    def join(self, tf: Any, groups: Any) -> Any:
        """The kernel of [groups, group], a tensor."""
        rows = tf.reshape(groups, [self._channels, -1])[:, : self._each]
        return tf.reshape(tf.transpose(rows), self._shape)


class Network:
    """A linear decoder, or one with a hidden layer beside: z @ basis + tanh(z @ inner + bias) @ outer.

    The shape of HyperTinyPW's decoders, one for a layer. It begins as the principal components of the groups.

    Args:
        kernel: to begin with.
        step: first distance of two neighbouring latents, in standard deviations of the kernel.
        channel_axes: see `Groups`.
        size: of the decoder.
        seed: of the hidden layer's first weights.
    """

    scales = 0

    def __init__(self, kernel: Array, step: float, channel_axes: int, size: Size, seed: int) -> None:
        self.groups = Groups(kernel.shape, channel_axes, size.group)
        self.unit = np.float32(spread(kernel))
        self.size = size
        self._kernel = kernel
        self._step = step
        self._seed = seed

    @property
    def parameter_bytes(self) -> int:
        """See `Decoder`."""
        return 2 * self.size.parameters

    def start(self) -> dict[str, Array]:
        """See `Decoder`."""
        groups = self.groups.split(self._kernel) / self.unit
        _, _, components = np.linalg.svd(groups, full_matrices=False)
        few = min(self.size.latents, len(components))
        basis = np.zeros((self.size.latents, self.size.group), np.float32)
        basis[:few] = components[:few] * self._step
        latents = groups @ basis.T / self._step**2
        return {LATENTS: latents.astype(np.float32), "basis": basis, **self._hidden()}

    def decode(self, tf: Any, latents: Any, parameters: Mapping[str, Any]) -> Any:
        """See `Decoder`."""
        return self.groups.join(tf, self.unit * made(tf, latents, parameters))

    def stored(self, tf: Any, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """See `Decoder`."""
        return {name: tf.cast(tf.cast(value, tf.float16), tf.float32) for name, value in parameters.items()}

    def ordered(self, latents: NDArray[np.int8]) -> NDArray[np.int8]:
        """See `Decoder`."""
        return latents

    def _hidden(self) -> dict[str, Array]:
        if not self.size.hidden:
            return {}
        inner = np.random.default_rng(self._seed).normal(0, 0.1, (self.size.latents, self.size.hidden))
        outer = np.zeros((self.size.hidden, self.size.group), np.float32)
        return {"inner": inner.astype(np.float32), "inner_bias": np.zeros(self.size.hidden, np.float32), "outer": outer}


def made(tf: Any, latents: Any, parameters: Mapping[str, Any]) -> Any:
    """The groups of latents [groups, latents], in units of the decoder."""
    linear = latents @ parameters["basis"]
    if "inner" not in parameters:
        return linear
    return linear + tf.tanh(latents @ parameters["inner"] + parameters["inner_bias"]) @ parameters["outer"]
