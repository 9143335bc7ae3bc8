"""int8 operators in the plainest numpy: TensorFlow Lite Micro's semantics, two roundings, int32 that wraps around."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Pair = tuple[int, int]


def wrap(x: Array) -> Array:
    """As 32 bits of two's complement hold it."""
    return ((x + (1 << 31)) % (1 << 32)) - (1 << 31)


def requantize(acc: Array, multiplier: Array | int, shift: Array | int) -> Array:
    """Acc * multiplier / 2^31 / 2^shift, shift > 0 to the right."""
    places = np.asarray(shift, np.int64)
    left, right = np.maximum(-places, 0), np.maximum(places, 0)
    high = (wrap(acc << left) * multiplier + (1 << 30)) >> 31
    half = (np.int64(1) << right) >> 1
    return np.where(high >= 0, (high + half) >> right, -((-high + half) >> right))


@dataclass(frozen=True)
class Sweep:
    """How a window goes over an image: pairs are (rows, columns)."""

    kernel: Pair
    stride: Pair = (1, 1)
    dilation: Pair = (1, 1)
    same: bool = True

    def out(self, image: Sequence[int]) -> Pair:
        """Rows and columns of the output for an image [n, h, w, c]."""
        return self._out(image[1], 0), self._out(image[2], 1)

    def pad(self, image: Sequence[int]) -> Pair:
        """Padding before the first row and column."""
        return self._pad(image[1], 0), self._pad(image[2], 1)

    def _span(self, axis: int) -> int:
        return (self.kernel[axis] - 1) * self.dilation[axis] + 1

    def _out(self, size: int, axis: int) -> int:
        return -(-size // self.stride[axis]) if self.same else (size - self._span(axis)) // self.stride[axis] + 1

    def _pad(self, size: int, axis: int) -> int:
        needed = (self._out(size, axis) - 1) * self.stride[axis] + self._span(axis) - size
        return max(0, needed) // 2 if self.same else 0


def windows(x: Array, sweep: Sweep, padding: int, dtype: type[np.generic] = np.int64) -> Array:
    """[n, h, w, c] -> [n, out_h, out_w, k_h, k_w, c]."""
    n, h, w, c = x.shape
    found = np.full((n, *sweep.out(x.shape), *sweep.kernel, c), padding, dtype)
    top, left = sweep.pad(x.shape)
    for oy, ox, ky, kx in np.ndindex(*found.shape[1:5]):
        y = oy * sweep.stride[0] - top + ky * sweep.dilation[0]
        z = ox * sweep.stride[1] - left + kx * sweep.dilation[1]
        if 0 <= y < h and 0 <= z < w:
            found[:, oy, ox, ky, kx] = x[:, y, z]
    return found


def finish(
    acc: Array, multiplier: Array | int, shift: Array | int, zero_point: int, low: int, high: int
) -> NDArray[np.int8]:
    """Accumulators as int8 with this scale, zero point and range."""
    scaled = wrap(requantize(wrap(acc), multiplier, shift) + zero_point)
    return np.clip(scaled, low, high).astype(np.int8)


def finish_wide(acc: Array, multiplier: Array, shift: Array, low: int, high: int) -> NDArray[np.int16]:
    """Accumulators of 64 bits as int16: one rounding, halves up, of which 32 bits are kept."""
    places = shift.astype(np.int64)
    scaled = (acc * multiplier.astype(np.int64) + (np.int64(1) << (places - 1))) >> places
    return np.clip(wrap(scaled), low, high).astype(np.int16)


def convolution(patches: Array, weights: Array, bias: Array, in_zp: int) -> Array:
    """Patches [..., k_h, k_w, c], weights [out_c, k_h, k_w, c] -> accumulators [..., out_c]."""
    flat = weights.astype(np.int64).reshape(len(weights), -1)
    shifted = patches.reshape(*patches.shape[:3], -1) - in_zp
    return shifted @ flat.T + bias


def depthwise(patches: Array, weights: Array, bias: Array, in_zp: int) -> Array:
    """Patches [n, h, w, k_h, k_w, c], weights [k_h, k_w, c * m] -> accumulators [n, h, w, c * m]."""
    multiplier = weights.shape[2] // patches.shape[-1]
    wide = np.repeat(patches - in_zp, multiplier, axis=-1)
    return np.asarray((wide * weights.astype(np.int64)).sum(axis=(3, 4)) + bias)


def scaled(x: Array, zero_point: int, multiplier: int, shift: int) -> Array:
    """An input of ADD or SUB on the common scale; shift to the right."""
    return requantize(wrap((x.astype(np.int64) - zero_point) << 20), multiplier, shift)


def average(patches: Array, inside: Array) -> Array:
    """Patches [..., k_h, k_w, c] with 0 outside the image, inside [..., k_h, k_w] of 0 and 1; halves away from zero."""
    total, count = patches.sum(axis=(3, 4)), inside.sum(axis=(3, 4))[..., None]
    return np.asarray(np.sign(total) * ((np.abs(total) + count // 2) // count))
