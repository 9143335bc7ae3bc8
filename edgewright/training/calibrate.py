"""Ranges of activations that leave rare, far values out, so that the others get finer steps.

`with_ranges` changes the ranges in a calibrated .tflite (see `_convert.calibrated`). A range always keeps zero, and
never grows. The model's inputs and outputs keep theirs: they are what the model is called with.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edgewright.training import interpreters

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from edgewright.several import Values

BINS = 2048
LEVELS = 256  # of int8
STEPS = 100  # ranges that are tried, from a hundredth of the whole one to the whole one


@dataclass(frozen=True)
class Histogram:
    """How often values fell into `BINS` equal parts of low..high, which contains zero; float64 (BINS,)."""

    low: float
    high: float
    counts: NDArray[np.float64]

    @property
    def centres(self) -> NDArray[np.float64]:
        """The middle of each part."""
        import numpy as np

        width = (self.high - self.low) / BINS
        return self.low + width * (np.arange(BINS) + 0.5)


Chooser = Callable[[Histogram], tuple[float, float]]


def by_percentile(percentile: float) -> Chooser:
    """Ranges that keep `percentile` percent of the values: each end leaves out half of the rest."""

    def choose(histogram: Histogram) -> tuple[float, float]:
        import numpy as np

        share = np.cumsum(histogram.counts) / histogram.counts.sum()
        out = (1 - percentile / 100) / (1 if histogram.low == 0 or histogram.high == 0 else 2)
        edges = np.linspace(histogram.low, histogram.high, BINS + 1)
        low = edges[int(np.searchsorted(share, out, side="right"))]
        high = edges[min(BINS, int(np.searchsorted(share, 1 - out, side="left")) + 1)]
        return min(0.0, float(low)), max(0.0, float(high))

    return choose


def by_error(histogram: Histogram) -> tuple[float, float]:
    """The range with the least squared error of int8: first the better upper end, then the better lower one."""
    high = _least(histogram, [(histogram.low, histogram.high * step / STEPS) for step in range(1, STEPS + 1)])[1]
    low = _least(histogram, [(histogram.low * step / STEPS, high) for step in range(1, STEPS + 1)])[0]
    return low, high


def _least(histogram: Histogram, ranges: list[tuple[float, float]]) -> tuple[float, float]:
    return min(reversed(ranges), key=lambda ends: _squared_error(histogram, *ends))  # the widest of equals


def _squared_error(histogram: Histogram, low: float, high: float) -> float:
    """What quantization to `LEVELS` steps over low..high does to the values, summed."""
    import numpy as np

    if high <= low:
        return float("inf")
    scale = (high - low) / (LEVELS - 1)
    values = histogram.centres
    stored = np.clip(np.round((values - low) / scale), 0, LEVELS - 1) * scale + low
    return float((histogram.counts * (values - stored) ** 2).sum())


def with_ranges(tf: Any, calibrated: bytes, samples: Values, choose: Chooser) -> bytes:
    """The calibrated model with the ranges that `choose` takes from the activations of `samples`."""
    from tensorflow.lite.tools import flatbuffer_utils

    model = flatbuffer_utils.convert_bytearray_to_object(bytearray(calibrated))
    places = _inner(model.subgraphs[0])
    for number, histogram in _histograms(tf, calibrated, samples, places).items():
        low, high = choose(histogram)
        quantization = model.subgraphs[0].tensors[number].quantization
        quantization.min, quantization.max = [low], [high]
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


def _inner(graph: Any) -> dict[int, tuple[float, float]]:
    """Tensors with a range that is more than a point, by number; without the inputs and outputs of the model."""
    found = {}
    for number, tensor in enumerate(graph.tensors):
        quantization = tensor.quantization
        if number in (*graph.inputs, *graph.outputs) or quantization is None or quantization.min is None:
            continue
        low, high = min(0.0, float(quantization.min[0])), max(0.0, float(quantization.max[0]))
        if low < high:
            found[number] = (low, high)
    return found


def _histograms(
    tf: Any, calibrated: bytes, samples: Values, places: dict[int, tuple[float, float]]
) -> dict[int, Histogram]:
    import numpy as np

    counts = {number: np.zeros(BINS) for number in places}
    for interpreter, _ in interpreters.runs(tf, calibrated, samples, keep_all=True):
        for number, (low, high) in places.items():
            values = np.clip(interpreter.get_tensor(number), low, high)
            counts[number] += np.histogram(values, BINS, (low, high))[0]
    return {number: Histogram(*places[number], counts[number]) for number in places}
