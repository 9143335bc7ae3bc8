"""int8 operators in the plainest numpy: TensorFlow Lite Micro's semantics, two roundings, int32 that wraps around."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def wrap(x: Array) -> Array:
    return ((x + (1 << 31)) % (1 << 32)) - (1 << 31)


def requantize(acc: Array, multiplier: Array, shift: Array) -> Array:
    """acc * multiplier / 2^31 / 2^shift, shift > 0 to the right."""
    left, right = np.maximum(-shift, 0), np.maximum(shift, 0)
    high = (wrap(acc << left) * multiplier + (1 << 30)) >> 31
    half = (np.int64(1) << right) >> 1
    return np.where(high >= 0, (high + half) >> right, -((-high + half) >> right))


def windows(x: Array, k_h: int, k_w: int, stride: tuple[int, int], dilation: tuple[int, int],
            pad: tuple[int, int], out: tuple[int, int], padding: int) -> Array:  # fmt: skip
    """[n, h, w, c] -> [n, out_h, out_w, k_h, k_w, c]."""
    n, h, w, c = x.shape
    found = np.full((n, *out, k_h, k_w, c), padding, np.int64)
    for oy, ox, ky, kx in np.ndindex(*out, k_h, k_w):
        y, z = oy * stride[0] - pad[0] + ky * dilation[0], ox * stride[1] - pad[1] + kx * dilation[1]
        if 0 <= y < h and 0 <= z < w:
            found[:, oy, ox, ky, kx] = x[:, y, z]
    return found


def finish(acc: Array, multiplier: Array, shift: Array, zero_point: int, low: int, high: int) -> NDArray[np.int8]:
    scaled = wrap(requantize(wrap(acc), multiplier, shift) + zero_point)
    return np.clip(scaled, low, high).astype(np.int8)


def convolution(patches: Array, weights: Array, bias: Array, in_zp: int) -> Array:
    """patches [..., k_h, k_w, c], weights [out_c, k_h, k_w, c] -> accumulators [..., out_c]."""
    flat = weights.astype(np.int64).reshape(len(weights), -1)
    shifted = patches.reshape(*patches.shape[:3], -1) - in_zp
    return shifted @ flat.T + bias


def depthwise(patches: Array, weights: Array, bias: Array, in_zp: int) -> Array:
    """patches [n, h, w, k_h, k_w, c], weights [k_h, k_w, c * m] -> accumulators [n, h, w, c * m]."""
    multiplier = weights.shape[2] // patches.shape[-1]
    wide = np.repeat(patches - in_zp, multiplier, axis=-1)
    return (wide * weights.astype(np.int64)).sum(axis=(3, 4)) + bias


def add(a: Array, b: Array, a_q: tuple[int, int, int], b_q: tuple[int, int, int]) -> Array:
    """(zero point, multiplier, right shift) of each input -> sum on the common scale."""
    first, second = (
        requantize(wrap((x.astype(np.int64) - q[0]) << 20), np.int64(q[1]), np.int64(q[2]))
        for x, q in ((a, a_q), (b, b_q))
    )
    return first + second


def average(patches: Array, inside: Array) -> Array:
    """patches [..., k_h, k_w, c] with 0 outside the image, inside [..., k_h, k_w] of 0 and 1; halves away from zero."""
    total, count = patches.sum(axis=(3, 4)), inside.sum(axis=(3, 4))[..., None]
    return np.sign(total) * ((np.abs(total) + count // 2) // count)
