"""Random signal operators: (network, input) -> one of their outputs. They take inputs of their own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from testbench.differential.builder import Value
from testbench.differential.network import Generator, Network

_NUMBERS = {"int16": 7, "int32": 2, "float32": 0}
"""Types in the attribute T, which TensorFlow Lite Micro looks at."""


def window(net: Network, _: Value) -> Value:
    """Any window of one or more frames."""
    count, frames = net.between(1, 12), net.pick(1, 1, 3)
    weights = net.builder.constant(net.random.integers(-32768, 32768, count).astype(np.int16))
    x = _input(net, (frames, count))
    return net.builder.op("SIGNAL_WINDOW", [x, weights], [_like(net, x)], shift=net.pick(0, 8, 12, 15))


def fft_auto_scale(net: Network, _: Value) -> Value:
    """The frame or its scale."""
    x = _input(net, (net.between(1, 12),))
    outputs = [_like(net, x), net.builder.tensor((), dtype="int32")]
    small = net.builder.op("SIGNAL_WINDOW", [x, _all(net, x, 1 << net.between(0, 14))], [_like(net, x)], shift=15)
    return net.builder.op("SIGNAL_FFT_AUTO_SCALE", [small], outputs, shown=net.between(0, 1))


def rfft(net: Network, _: Value, dtype: str = "int16") -> Value:
    """Any power of two, with zeros behind the frames or not."""
    length = 1 << net.between(2, 9)
    x = _input(net, (net.pick(1, 1, 2), net.pick(length, length - net.between(0, length - 1))), dtype)
    y = net.builder.tensor((x.shape[0], length + 2), dtype=dtype)
    return net.builder.op("SIGNAL_RFFT", [x], [y], T=_NUMBERS[dtype], fft_length=length)


def irfft(net: Network, _: Value, dtype: str = "int16") -> Value:
    """Any power of two."""
    length = 1 << net.between(2, 9)
    x = _input(net, (net.pick(1, 1, 2), length + 2), dtype)
    y = net.builder.tensor((x.shape[0], length), dtype=dtype)
    return net.builder.op("SIGNAL_IRFFT", [x], [y], T=_NUMBERS[dtype], fft_length=length)


def energy(net: Network, _: Value) -> Value:
    """Of all bins: of others TensorFlow Lite Micro answers anything."""
    count = net.between(1, 20)
    x, y = _input(net, (2 * count,)), net.builder.tensor((count,), dtype="uint32")
    return net.builder.op("SIGNAL_ENERGY", [x], [y], end_index=count, start_index=0)


def filter_bank(net: Network, _: Value) -> Value:
    """Bands that overlap or not, with weights of all of int16."""
    channels, bins = net.between(1, 8), net.between(4, 40)
    starts = net.random.integers(0, bins, channels + 1)
    widths = [net.between(0, min(6, bins - int(start))) for start in starts]
    places = np.cumsum([0, *widths[:-1]])
    count = max(sum(widths), 1)
    weights, unweights = (net.random.integers(-32768, 32768, count).astype(np.int16) for _ in range(2))
    arrays = [weights, unweights, *(np.array(each, np.int16) for each in (starts, places, widths))]
    x, y = _input(net, (bins,), "uint32"), net.builder.tensor((channels,), dtype="uint64")
    inputs = [x, *map(net.builder.constant, arrays)]
    return net.builder.op("SIGNAL_FILTER_BANK", inputs, [y], num_channels=channels)


def square_root(net: Network, _: Value) -> Value:
    """Of any sums, brought down by a scale that is computed."""
    x, y = _input(net, (net.between(1, 20),), "uint64"), net.builder.tensor((), dtype="int32")
    frame = _input(net, (4,))
    small = net.builder.op(
        "SIGNAL_WINDOW", [frame, _all(net, frame, 1 << net.between(0, 14))], [_like(net, frame)], shift=15
    )
    net.builder.op("SIGNAL_FFT_AUTO_SCALE", [small], [_like(net, frame), y])
    out = net.builder.tensor(x.shape, dtype="uint32")
    return net.builder.op("SIGNAL_FILTER_BANK_SQUARE_ROOT", [x, y], [out])


def spectral_subtraction(net: Network, _: Value) -> Value:
    """The signal or the noise, clamped or not."""
    x, bits = _input(net, (net.between(1, 9),), "uint32"), net.between(8, 16)
    smoothing, alternate, least = (net.between(0, 1 << bits) for _ in range(3))
    options = {"smoothing": smoothing, "one_minus_smoothing": (1 << bits) - smoothing, "num_channels": x.shape[0]}
    options |= {"alternate_smoothing": alternate, "alternate_one_minus_smoothing": (1 << bits) - alternate}
    options |= {"min_signal_remaining": least, "smoothing_bits": net.pick(0, 6, 10), "spectral_subtraction_bits": bits}
    outputs = [net.builder.tensor(x.shape, dtype="uint32") for _ in range(2)]
    name, shown = "SIGNAL_FILTER_BANK_SPECTRAL_SUBTRACTION", net.between(0, 1)
    return net.builder.op(name, [x], outputs, shown=shown, clamping=net.chance(0.5), **options)


def pcan(net: Network, _: Value) -> Value:
    """Any table of gains."""
    x = _input(net, (net.between(1, 20),), "uint32")
    noise = _input(net, x.shape, "uint32")
    table = net.builder.constant(net.random.integers(-32768, 32768, 125).astype(np.int16))
    out = net.builder.tensor(x.shape, dtype="uint32")
    return net.builder.op("SIGNAL_PCAN", [x, noise, table], [out], snr_shift=net.between(0, 24))


def log(net: Network, _: Value) -> Value:
    """Any scale."""
    x = _input(net, (net.between(1, 60),), "uint32")
    out = net.builder.tensor(x.shape, dtype="int16")
    bits, scale = net.pick(0, 0, 3, 8), net.pick(1, 64, 1600, 1 << 16)
    return net.builder.op("SIGNAL_FILTER_BANK_LOG", [x], [out], input_correction_bits=bits, output_scale=scale)


def framer(net: Network, _: Value) -> Value:
    """Frames that begin behind zeros: those that are not complete TensorFlow Lite Micro leaves as they are."""
    step, frames, streams = net.between(1, 8), net.pick(1, 1, 3), net.pick(1, 1, 2)
    size = step + net.between(0, 20)
    x, y = _input(net, (streams, frames * step)), net.builder.tensor((streams, frames, size), dtype="int16")
    outputs, shown = [y, net.builder.tensor((), dtype="bool")], net.pick(0, 0, 0, 1)
    return net.builder.op("SIGNAL_FRAMER", [x], outputs, shown=shown, frame_size=size, frame_step=step, prefill=True)


def stacker(net: Network, _: Value) -> Value:
    """Stacks that are complete with the first frame, or the flag."""
    channels, left, right = net.between(1, 6), net.between(0, 4), net.pick(0, 0, 2)
    step = 1 if right == 0 else net.between(1, left + right + 1)
    x, y = _input(net, (channels,)), net.builder.tensor((channels * (left + right + 1),), dtype="int16")
    options = {"stacker_left_context": left, "stacker_right_context": right, "stacker_step": step}
    outputs, shown = [y, net.builder.tensor((), dtype="bool")], 1 if right else 0
    return net.builder.op("SIGNAL_STACKER", [x], outputs, shown=shown, num_channels=channels, **options)


def delay(net: Network, _: Value) -> Value:
    """By less than a call, or by several."""
    x = _input(net, (net.pick(1, 2), net.between(1, 8)))
    return net.builder.op("SIGNAL_DELAY", [x], [_like(net, x)], delay_length=net.between(0, 20))


def overlap_add(net: Network, _: Value, dtype: str = "int16") -> Value:
    """Frames of one stream or two."""
    step, frames, streams = net.between(1, 6), net.pick(1, 3), net.pick(1, 2)
    x = _input(net, (streams, frames, step + net.between(0, 12)), dtype)
    y = net.builder.tensor((streams, frames * step), dtype=dtype)
    return net.builder.op("SIGNAL_OVERLAP_ADD", [x], [y], T=_NUMBERS[dtype], frame_step=step)


def _typed(make: Generator, dtype: str) -> Generator:
    return lambda net, x: make(net, x, dtype)  # type: ignore[call-arg]


def _input(net: Network, shape: Sequence[int], dtype: str = "int16") -> Value:
    value = net.builder.tensor(shape, dtype=dtype)
    net.inputs.append(value)
    return value


def _like(net: Network, value: Value) -> Value:
    return net.builder.tensor(value.shape, dtype=value.dtype)


def _all(net: Network, value: Value, number: int) -> Value:
    return net.builder.constant(np.full(value.shape[-1], number, np.int16))


GENERATORS: dict[tuple[str, str], Generator] = {
    ("SIGNAL_DELAY", "int16"): delay,
    ("SIGNAL_ENERGY", "int16"): energy,
    ("SIGNAL_FFT_AUTO_SCALE", "int16"): fft_auto_scale,
    ("SIGNAL_FILTER_BANK", "uint32"): filter_bank,
    ("SIGNAL_FILTER_BANK_LOG", "uint32"): log,
    ("SIGNAL_FILTER_BANK_SPECTRAL_SUBTRACTION", "uint32"): spectral_subtraction,
    ("SIGNAL_FILTER_BANK_SQUARE_ROOT", "uint64"): square_root,
    ("SIGNAL_FRAMER", "int16"): framer,
    ("SIGNAL_IRFFT", "int16"): irfft,
    ("SIGNAL_OVERLAP_ADD", "int16"): overlap_add,
    ("SIGNAL_PCAN", "uint32"): pcan,
    ("SIGNAL_RFFT", "int16"): rfft,
    ("SIGNAL_STACKER", "int16"): stacker,
    ("SIGNAL_WINDOW", "int16"): window,
    **{(op, dtype): _typed(make, dtype) for op, make in (("SIGNAL_RFFT", rfft), ("SIGNAL_IRFFT", irfft))
       for dtype in ("int32", "float32")},
    ("SIGNAL_OVERLAP_ADD", "float32"): _typed(overlap_add, "float32"),
}  # fmt: skip
"""By operator and type, for TensorFlow Lite Micro."""
