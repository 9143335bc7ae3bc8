"""What the layers cost on the device, against int8: codes, tables, scales, biases, and the decoder's weights."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgewright import coding
from edgewright.passes._latent import choose

_SCALE_BYTES = _BIAS_BYTES = 4  # float32 and int32, as TFLite stores them


def notes(model: Any, coded: Mapping[str, Any]) -> dict[str, Any]:
    """`layers`: a row for each layer that has weights; `bytes`, `int8_bytes`: of all."""
    rows = [_row(layer, coded.get(layer.name)) for layer in choose.leaves(model) if _has_weights(layer)]
    total = {key: sum(row[key] for row in rows) for key in ("bytes", "int8_bytes")}
    return {"layers": rows, **total}


def _has_weights(layer: Any) -> bool:
    return bool(layer.weights) and type(layer).__name__ != "BatchNormalization"


def _row(layer: Any, coded: Any) -> dict[str, Any]:
    raw = sum(math.prod(weight.shape) for weight in layer.weights if len(weight.shape) > 1)
    channels = math.prod(layer.weights[0].shape[-choose.channel_axes(layer) :])
    biases = channels * _BIAS_BYTES if choose.normalised(layer) or getattr(layer, "use_bias", False) else 0
    beside = channels * _SCALE_BYTES + biases
    row = {"name": layer.name, "weights": raw, "int8_bytes": raw + beside}
    if coded is None:
        return row | {"coded": False, "bytes": raw + beside}
    latents = coded.integers()
    on_grid = coded.plan.decoder.scales  # 0: what the decoder makes is int8 with the scales of its channels
    scales = channels if choose.normalised(layer) or not on_grid else on_grid
    parts = {
        "codes": len(code(coded.plan.decoder.ordered(latents))),
        "scales": scales * _SCALE_BYTES,
        "biases": biases,
        "decoder": coded.plan.decoder.parameter_bytes,
    }
    facts = {
        "latents": latents.size,
        "zeros": round(float(np.mean(latents == 0)), 6),
        "largest": int(np.abs(latents).max()),
    }
    return row | {"coded": True, **facts, "parts": parts, "bytes": sum(parts.values())}


def code(latents: NDArray[np.int8]) -> bytes:
    """The latents of a layer as the device stores them, row-major."""
    return coding.encode(latents, coding.best_form(latents))


def summary(found: Mapping[str, Any]) -> str:
    """A line for the user; it names the layers that cost more than they would as int8."""
    worse = [row["name"] for row in found["layers"] if row["bytes"] > row["int8_bytes"]]
    line = f"latent: {found['bytes']:,} bytes, {found['int8_bytes'] / found['bytes']:.1f} times fewer than as int8"
    return line + (f"; {', '.join(worse)}: more than as int8" if worse else "")
