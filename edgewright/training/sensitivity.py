"""What the quantization of each layer alone costs: which ones to spare, or to give 16 bits."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from edgewright.tasks import Truths, judged_by, value
from edgewright.tflite.describe import operators_with_names
from edgewright.tflite.reader import parse_model
from edgewright.training import conversion, interpreters

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray


EXAMPLES = 1000
MOVES = ("RESHAPE", "SQUEEZE", "EXPAND_DIMS", "TRANSPOSE", "PAD", "CONCATENATION", "SPLIT", "STRIDED_SLICE", "PACK")
"""Operators that compute nothing, and so lose nothing."""


def rows(tf: Any, ranges: bytes, truths: Truths, layers: Sequence[str], where: str) -> list[dict[str, Any]]:
    """One row for each operator that computes: the model with int8 there and floats everywhere else.

    Args:
        tf: the module `tensorflow`.
        ranges: a calibrated model, see `conversion.calibrated`.
        truths: of the validation examples, of which the first `EXAMPLES` are asked.
        layers: names of the Keras layers.
        where: names the model in messages.

    Returns:
        "layer", "op", "metric_loss" (in the metric's own terms) and "sqnr_db": power of the outputs of the float
        model over that of the difference, in decibels; None where there is no difference.
    """
    asked, terms = truths.first(EXAMPLES), judged_by(truths).terms
    made = [(name, op) for op, name in operators_with_names(parse_model(ranges, where))]
    wanted = interpreters.outputs(tf, ranges, asked.inputs, asked.task.names)
    whole = value(wanted, asked)
    found = []
    for name, op in made:
        if op in MOVES:
            continue
        floats = [other for other, _ in made if other != name]
        alone = conversion.partly_float(tf, ranges, where, floats)
        got = interpreters.outputs(tf, alone, asked.inputs, asked.task.names)
        loss = round(terms.loss(whole, value(got, asked)), 6)
        row = {"layer": layer_of(name, layers), "op": op, "metric_loss": loss}
        found.append(row | {"sqnr_db": _sqnr_db(wanted[0], got[0])})
    return found


def layer_of(name: str, layers: Sequence[str]) -> str:
    """The Keras layer that made a tensor: the last one in its name, which for a fused one is that with the weights.

    What the converter calls by its place as the model's output is of the last layer.
    """
    parts = [part for path in name.split(";") for part in path.split("/")]
    nameless = name.startswith(("StatefulPartitionedCall", "Identity")) and layers
    return next((part for part in reversed(parts) if part in layers), layers[-1] if nameless else name)


def _sqnr_db(wanted: NDArray[np.float32], got: NDArray[np.float32]) -> float | None:
    import numpy as np

    noise = float(np.sum((wanted - got).astype(np.float64) ** 2))
    power = float(np.sum(wanted.astype(np.float64) ** 2))
    return round(10 * math.log10(power / noise), 2) if noise > 0 and power > 0 else None
