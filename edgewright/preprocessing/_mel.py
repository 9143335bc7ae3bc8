"""Mel bands of sound as a graph of TensorFlow Lite Micro's signal operators.

Mel bands are triangles as in O'Shaughnessy, Speech Communication (1987): mel = 1127 ln(1 + f / 700).
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from edgewright.errors import UserError
from edgewright.preprocessing._graphs import Making
from edgewright.preprocessing._pcan import GAIN_BITS, SNR_BITS, gains
from edgewright.preprocessing._sound import Sound
from edgewright.tflite.graph import Graph

_WINDOW_BITS = 12
_WEIGHT_BITS = 12
_LOG_SCALE = 16
"""Levels of a logarithm of 1: the loudest tone stays below 256 of them."""

_NOISE = {
    "smoothing": 410, "one_minus_smoothing": 15974, "alternate_smoothing": 983, "alternate_one_minus_smoothing": 15401,
    "min_signal_remaining": 819, "smoothing_bits": 10, "spectral_subtraction_bits": 14, "clamping": False,
}  # fmt: skip
"""Means over 40 and 17 frames, of even and odd bands; a twentieth of a band stays in any case. Shares in 1/2^14."""


def front_end(section: Sound) -> Graph:
    """The graph: input int16 [step], output int16 [bands]; the framing, and the noise, are its states.

    Raises:
        UserError: a band holds no bin of the transform.
    """
    making = Making()
    x = making.tensor((section.step,), "int16", "sound")
    frame = making.tensor((1, section.window), "int16", "frame")
    framing = {"frame_size": section.window, "frame_step": section.step, "prefill": True}
    making.op("SIGNAL_FRAMER", [x], [frame, making.tensor((), "bool", "valid")], framing)
    flat = making.one("RESHAPE", [frame], (section.window,), "int16")
    window = making.constant(_hann(section.window))
    shaped = making.one("SIGNAL_WINDOW", [flat, window], (section.window,), "int16", {"shift": _WINDOW_BITS})
    scaled = making.tensor((section.window,), "int16", "scaled")
    scale = making.tensor((), "int32", "scale")
    making.op("SIGNAL_FFT_AUTO_SCALE", [shaped], [scaled, scale])
    bins = section.length // 2 + 1
    spectrum = making.one("SIGNAL_RFFT", [scaled], (2 * bins,), "int16", {"fft_length": section.length})
    bounds = {"start_index": 0, "end_index": bins}
    energy = making.one("SIGNAL_ENERGY", [spectrum], (bins,), "uint32", bounds)
    arrays = [making.constant(array) for array in mel_bands(section)]
    sums = making.one(
        "SIGNAL_FILTER_BANK", [energy, *arrays], (section.bands,), "uint64", {"num_channels": section.bands}
    )
    last = making.one("SIGNAL_FILTER_BANK_SQUARE_ROOT", [sums, scale], (section.bands,), "uint32")
    up = max(section.length.bit_length() - 1 - _WEIGHT_BITS // 2, 0)
    last = _without_noise(making, section, last, up)
    logs = {"output_scale": _LOG_SCALE, "input_correction_bits": up}
    y = making.one("SIGNAL_FILTER_BANK_LOG", [last], (section.bands,), "int16", logs)
    return making.finish(section.model_dump(mode="json"), x, y)


def _without_noise(making: Making, section: Sound, bands: int, up: int) -> int:
    """What is left of the bands, whose unit is 1/2^up, when noise is taken off, and gain is controlled by it."""
    if not (section.noise_reduction or section.gain_control):
        return bands
    clean, noise = (making.tensor((section.bands,), "uint32", name) for name in ("clean", "noise"))
    options = {**_NOISE, "num_channels": section.bands}
    making.op("SIGNAL_FILTER_BANK_SPECTRAL_SUBTRACTION", [bands], [clean, noise], options)
    last = clean if section.noise_reduction else bands
    if not section.gain_control:
        return last
    table = making.constant(gains(_NOISE["smoothing_bits"] - up))
    shift = {"snr_shift": GAIN_BITS - up - SNR_BITS}
    return making.one("SIGNAL_PCAN", [last, noise, table], (section.bands,), "uint32", shift)


def mel_bands(section: Sound) -> tuple[NDArray[np.int16], ...]:
    """Weights, unweights, first bins, first weights and widths of the bands, as SignalFilterBank takes them.

    A band is what lies between the middles of two channels: its bins go to the one by weights, and to the next one by
    unweights. Weights are in 1/4096.
    """
    edges = np.linspace(_mel(section.low_hz), _mel(section.top_hz), section.bands + 2)
    mels = np.array([_mel(bin_ * section.rate / section.length) for bin_ in range(section.length // 2 + 1)])
    weights: list[float] = []
    starts, places, widths = [], [], []
    for low, high in pairwise(edges):
        inside = np.flatnonzero((mels >= low) & (mels < high))
        starts.append(int(inside[0]) if inside.size else 0)
        places.append(len(weights))
        widths.append(int(inside.size))
        weights += ((high - mels[inside]) / (high - low)).tolist()
    for channel in range(section.bands):
        if widths[channel] + widths[channel + 1] == 0:
            hint = "fewer bands, a longer window_ms, or a higher low_hz"
            raise UserError(
                "preprocess.bands", f"band {channel} holds no bin of the spectrum", got=section.bands, hint=hint
            )
    scaled = np.floor(np.array(weights) * (1 << _WEIGHT_BITS) + 0.5).astype(np.int16)
    unweights = ((1 << _WEIGHT_BITS) - scaled).astype(np.int16)
    return scaled, unweights, *(np.array(each, np.int16) for each in (starts, places, widths))


def _mel(hertz: float) -> float:
    return 1127.0 * math.log1p(hertz / 700.0)


def _hann(count: int) -> NDArray[np.int16]:
    places = (np.arange(count) + 0.5) / count
    scaled = (0.5 - 0.5 * np.cos(2 * np.pi * places)) * (1 << _WINDOW_BITS)
    return np.asarray(np.floor(scaled + 0.5), np.int16)
