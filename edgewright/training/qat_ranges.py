"""Where the ranges of quantization-aware training begin: at what calibration examples give, not at -6 to 6.

tensorflow-model-optimization begins each range of an activation at [-6, 6] and moves it by a thousandth a step, so that
a training of some hundred steps ends with ranges that are for the most part still those. Here the learner is run once
on the calibration examples, unquantized, and each range begins at what it saw there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from edgewright.several import for_keras
from edgewright.training.calibrate import BINS, Chooser, Histogram

if TYPE_CHECKING:
    from edgewright.several import Values

BATCH = 64

Seen = Callable[[dict[str, Any], Any], None]
"""Told of every activation: the variables of its range (min_var, max_var), and its values."""


def start(learner: Any, samples: Values, choose: Chooser | None = None) -> int:
    """Set each activation's range in `learner`, a model of tensorflow-model-optimization, to that of `samples`.

    Args:
        learner: the model with fake quantization.
        samples: calibration examples, float32 [N, ...].
        choose: takes the range from the histogram of the values; None: all of them are in it. A range contains zero.

    Returns:
        How many ranges were set.
    """
    ranges = _extremes(learner, samples)
    if choose is not None:
        ranges = {key: (variables, *choose(seen)) for key, (variables, seen) in _histograms(learner, samples, ranges)}
    for variables, low, high in ranges.values():
        variables["min_var"].assign(low)
        variables["max_var"].assign(high)
    return len(ranges)


_Ranges = dict[int, tuple[dict[str, Any], float, float]]


def _extremes(learner: Any, samples: Values) -> _Ranges:
    """Variables, least and greatest value of each activation that has any but zero."""
    found: _Ranges = {}

    def see(variables: dict[str, Any], values: Any) -> None:
        _, low, high = found.get(id(variables["min_var"]), (None, 0.0, 0.0))
        low, high = min(low, float(values.numpy().min())), max(high, float(values.numpy().max()))
        found[id(variables["min_var"])] = (variables, low, high)

    _run(learner, samples, see)
    return {key: row for key, row in found.items() if row[1] < row[2]}


def _histograms(
    learner: Any, samples: Values, ranges: _Ranges
) -> Iterator[tuple[int, tuple[dict[str, Any], Histogram]]]:
    import numpy as np

    counts = {key: np.zeros(BINS) for key in ranges}

    def see(variables: dict[str, Any], values: Any) -> None:
        key = id(variables["min_var"])
        if key in counts:
            counts[key] += np.histogram(values.numpy(), BINS, ranges[key][1:])[0]

    _run(learner, samples, see)
    return ((key, (ranges[key][0], Histogram(*ranges[key][1:], counts[key]))) for key in ranges)


def _run(learner: Any, samples: Values, see: Seen) -> None:
    with _observed(learner, see):
        for begin in range(0, len(samples), BATCH):
            learner(for_keras(samples[begin : begin + BATCH]), training=False)


@contextmanager
def _observed(learner: Any, see: Seen) -> Iterator[None]:
    """For a while the quantizers of `learner` hand on what they get; those of activations tell it to `see`."""
    weights, activations = _quantizers(learner)

    class Passing:
        def __call__(self, inputs: Any, *_: Any, **_more: Any) -> Any:
            return inputs

    class Observing(Passing):
        def __call__(self, inputs: Any, *_: Any, **more: Any) -> Any:
            see(more["weights"], inputs)
            return inputs

    kinds = {id(one): (one, type(one)) for one in (*weights, *activations)}
    for quantizer, _ in kinds.values():
        quantizer.__class__ = Observing if any(quantizer is one for one in activations) else Passing
    try:
        yield
    finally:
        for quantizer, kind in kinds.values():
            quantizer.__class__ = kind


def _quantizers(learner: Any) -> tuple[list[Any], list[Any]]:
    """The quantizers of weights and those of activations; layers may share them."""
    weights, activations = [], []
    for layer in learner.layers:
        weights += [quantizer for _, quantizer, _ in getattr(layer, "_weight_vars", ())]
        activations += [activation.quantizer for activation in getattr(layer, "_quantize_activations", ())]
        activations += getattr(layer, "_output_quantizers", None) or ()
        if getattr(layer, "quantizer", None) is not None:  # of the layer behind an input
            activations.append(layer.quantizer)
    return weights, activations
