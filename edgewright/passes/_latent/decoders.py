"""From integer latents to the weights of a layer: decoders without weights of their own.

A decoder is made for one kernel. Its latents and its parameters are float32 arrays by name, which the training holds as
variables. Latents are in units of 1: rounded, they are the integers that are coded.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
LATENTS = "latents"
LIMIT = 127  # latents are int8, symmetric as int8 weights are
_SPEED = 10  # of the logarithm of a step: as fast as the latents move


class Decoder(Protocol):
    """What makes the kernel of one layer."""

    @property
    def scales(self) -> int:
        """Steps of the layer: its weights are integers times one of these. 0 when they are on no grid."""

    @property
    def parameter_bytes(self) -> int:
        """Bytes of the decoder's own weights on the device."""

    def start(self) -> dict[str, Array]:
        """`latents` and parameters that give the kernel as well as they can."""

    def decode(self, tf: Any, latents: Any, parameters: Mapping[str, Any]) -> Any:
        """The kernel of (rounded) latents, a float32 tensor."""

    def stored(self, tf: Any, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        """The parameters with the precision that they have on the device."""

    def ordered(self, latents: NDArray[np.int8]) -> NDArray[np.int8]:
        """The latents in the order in which the device stores them."""


class Identity:
    """A weight is its latent times a step.

    Args:
        kernel: to begin with.
        step: first distance of two neighbouring values, in standard deviations of the kernel; then it is learned.
        channel_axes: so many of the last axes number the output channels.
        tied: one step for all, instead of one for each output channel.
    """

    parameter_bytes = 0

    def __init__(self, kernel: Array, step: float, channel_axes: int, *, tied: bool = False) -> None:
        self._kernel = kernel
        self._unit = np.float32(step * spread(kernel))
        self._channel_axes = channel_axes
        self._steps = () if tied else kernel.shape[kernel.ndim - channel_axes :]

    @property
    def scales(self) -> int:
        """See `Decoder`."""
        return math.prod(self._steps)

    def start(self) -> dict[str, Array]:
        """See `Decoder`; `step` is the logarithm of a factor of the first step."""
        return {LATENTS: self._folded() / self._unit, "step": np.zeros(self._steps, np.float32)}

    def decode(self, tf: Any, latents: Any, parameters: Mapping[str, Any]) -> Any:
        """See `Decoder`."""
        return self._unfolded(tf, latents) * (self._unit * tf.exp(_SPEED * parameters["step"]))

    def stored(self, _tf: Any, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        """See `Decoder`: steps are float32."""
        return parameters

    def ordered(self, latents: NDArray[np.int8]) -> NDArray[np.int8]:
        """See `Decoder`: as TFLite orders weights, channel by channel but for depthwise convolutions."""
        return np.moveaxis(latents, -1, 0) if self._channel_axes == 1 else latents

    def _folded(self) -> Array:
        return self._kernel

    def _unfolded(self, _tf: Any, latents: Any) -> Any:
        return latents


class Upsample(Identity):
    """A dense layer behind a feature map: for each channel, its weights are constant over blocks of places.

    Args:
        kernel: (height * width * channels, units).
        step: see `Identity`; each unit has its own.
        places: height, width and channels of the feature map.
        block: height and width of a block; the last ones may be cut.
    """

    def __init__(self, kernel: Array, step: float, places: tuple[int, int, int], block: Sequence[int]) -> None:
        super().__init__(kernel, step, 1)
        self._places = places
        self._block = block

    def _folded(self) -> Array:
        """The mean of each block: [blocks down, blocks across, channels, units]."""
        grid: NDArray[Any] = self._kernel.reshape(*self._places, -1)
        for axis, size in enumerate(self._block):
            starts = np.arange(0, grid.shape[axis], size)
            sizes = np.diff(np.append(starts, grid.shape[axis]))
            shape = [-1 if at == axis else 1 for at in range(grid.ndim)]
            grid = np.add.reduceat(grid, starts, axis) / sizes.reshape(shape)
        return grid.astype(np.float32)

    def _unfolded(self, tf: Any, latents: Any) -> Any:
        height, width, _ = self._places
        wide = tf.repeat(tf.repeat(latents, self._block[0], axis=0), self._block[1], axis=1)
        return tf.reshape(wide[:height, :width], self._kernel.shape)


def spread(kernel: Array) -> float:
    """The standard deviation around 0 of the weights that are not zero; 1 where all are."""
    kept = kernel[kernel != 0]
    return float(np.sqrt(np.mean(np.square(kept)))) if kept.size else 1.0
