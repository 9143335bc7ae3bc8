"""The bytes that the weights of a model take on a device: all constants of the C that is generated for it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edgewright.c_constants import constant_bytes
from edgewright.compiler import CompileOptions, Core, compile_model
from edgewright.tflite.reader import read_model

CORE = Core("cortex-m4", "armv7e-m", has_dsp=True)
"""For which the C is generated, whatever board the recipe names."""

FOR_CODES = ("prune", "cluster", "latent")
"""Passes that make a model no smaller until its weights are coded."""

NETWORKS = ("linear", "mlp", "autoencoder", "vae")
"""Decoders of latents that are networks: no C makes their weights, so the pass counts codes and decoder itself."""


FUSING = frozenset({"skip_unread", "pool_blocks"})
"""Rewrites that leave zeros and repeated weights out: raw weights are counted as they are."""


def raw(tflite: Path) -> int:
    """Weights, biases, factors and tables as generated C holds them, each layer by itself."""
    return _constants(tflite, "raw", FUSING)


def coded(tflite: Path, stats: Mapping[str, Any], decoder: object) -> int:
    """The same with the weights of each layer coded where that is shorter; what the pass says for `NETWORKS`."""
    by_pass = stats.get("notes", {}).get("bytes")
    return int(by_pass) if decoder in NETWORKS and by_pass is not None else _constants(tflite, "coded")


def _constants(tflite: Path, weights: str, without: frozenset[str] = frozenset()) -> int:
    options = CompileOptions(weights=weights, optimize="size", without=without)
    return constant_bytes(compile_model(read_model(tflite), "model", CORE, options).files)
