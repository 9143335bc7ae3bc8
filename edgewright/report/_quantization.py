"""What the table says of quantization: how the ranges were found, what was trained, which layers lose most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SHOWN = 3  # layers


def scheme(report: Mapping[str, Any]) -> str:
    """Names the last row of the table; a model that somebody brought is int8 for all that is known."""
    return str((report.get("quantization") or {}).get("scheme") or "int8")


def lines(report: Mapping[str, Any]) -> list[str]:
    """Lines below the table."""
    found = report.get("quantization") or {}
    texts = [*_judged(found), *_trained(found.get("qat")), *_wide(found), *_worst(found.get("sensitivity"))]
    return [f"{scheme(report) if index == 0 else '':<8} {text}" for index, text in enumerate(texts)]


def _judged(found: Mapping[str, Any]) -> list[str]:
    judged = found.get("validation")
    if not judged:
        return []
    ours, floats = (f"{100 * judged[name]:.2f} %" for name in ("quantized", "float"))
    return [f"{ours} of {judged['examples']:,} validation examples, the float model {floats}"]


def _trained(training: Mapping[str, Any] | None) -> list[str]:
    if not training:
        return []
    name = f"quantization-aware training ({training['kind']})"
    if "problem" in training:
        return [f"{name} was not possible: {training['problem'].splitlines()[0]}"]
    before, after = (training[key] and f"{100 * training[key]['quantized']:.2f} %" for key in ("without", "with"))
    verdict = "kept" if training["kept"] else "not kept, it is no better"
    return [f"{name}: {before} before, {after} after: {verdict}" if before and after else f"{name}: {verdict}"]


def _wide(found: Mapping[str, Any]) -> list[str]:
    layers = found.get("int16_layers")
    return [f"activations of 16 bits in {', '.join(layers)}"] if layers else []


def _worst(layers: list[Mapping[str, Any]] | None) -> list[str]:
    shown = [row for row in (layers or [])[:SHOWN] if row["sqnr_db"] is not None]
    return [
        f"{'loses most in' if index == 0 else '             '} {row['layer']} ({row['op']}): "
        f"{row['sqnr_db']:.1f} dB, {100 * row['accuracy_loss']:+.2f} points lost by it alone"
        for index, row in enumerate(shown)
    ]
