"""An example of the data as a page shows it: a picture, a waveform or a row."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

_POINTS = 256  # of a series, or numbers of a row
_PIXELS = 96 * 96 * 3


def content(example: NDArray[np.float32]) -> Mapping[str, Any]:
    """What was fed, small enough to be shown: a picture, else a series of numbers."""
    if example.ndim in (2, 3) and example.shape[-1 if example.ndim == 3 else 0] and _is_picture(example):
        pixels = _bytes(example)
        return {"picture": {"shape": list(pixels.shape), "pixels": base64.b64encode(pixels.tobytes()).decode()}}
    series = example.reshape(len(example), -1)[:, 0] if example.ndim > 1 else example.reshape(-1)
    step = max(1, -(-len(series) // _POINTS))
    return {"series": [float(f"{value:.5g}") for value in series[::step]], "step": step}


def _is_picture(example: NDArray[np.float32]) -> bool:
    height, width = example.shape[:2]
    channels = example.shape[2] if example.ndim == 3 else 1
    return channels in (1, 3) and min(height, width) >= 8 and example.size <= _PIXELS


def _bytes(example: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The picture from black, its least value, to white, its greatest."""
    low, high = float(example.min()), float(example.max())
    scaled = (example - low) * (255 / (high - low) if high > low else 0)
    return np.asarray(np.rint(scaled.reshape(*example.shape[:2], -1)), np.uint8)
