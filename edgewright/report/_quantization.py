"""What the table says of quantization: how the ranges were found, what was trained, which layers lose most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edgewright.metrics import Terms

SHOWN = 3  # layers


def scheme(report: Mapping[str, Any]) -> str:
    """Names the last row of the table; of reports of earlier versions it is int8 for all that is known."""
    return str((report.get("quantization") or {}).get("scheme") or "int8")


def validation(report: Mapping[str, Any]) -> float | None:
    """The metric of what is delivered on all validation data; None where fewer of them decided."""
    judged = (report.get("quantization") or {}).get("validation") or {}
    every = (report.get("accuracy") or {}).get("validation_samples")
    return judged["quantized"] if judged and judged["examples"] == every else None


def lines(report: Mapping[str, Any]) -> list[str]:
    """Lines below the table."""
    found = report.get("quantization") or {}
    texts = [
        *_judged(found),
        *_trained(found.get("qat")),
        *_wide(found),
        *_worst(found.get("sensitivity"), Terms.read(found.get("validation") or {})),
    ]
    return [f"{scheme(report) if index == 0 else '':<8} {text}" for index, text in enumerate(texts)]


def _judged(found: Mapping[str, Any]) -> list[str]:
    judged = found.get("validation")
    if not judged:
        return []
    terms = Terms.read(judged)
    ours, floats = (terms.show(judged[name]) for name in ("quantized", "float"))
    return [f"{ours} of {judged['examples']:,} validation examples, the float model {floats}"]


def _trained(training: Mapping[str, Any] | None) -> list[str]:
    if not training:
        return []
    name = f"quantization-aware training ({training['kind']})"
    if "problem" in training:
        return [f"{name} was not possible: {training['problem'].splitlines()[0]}"]
    before, after = (
        training[key] and Terms.read(training[key]).show(training[key]["quantized"]) for key in ("without", "with")
    )
    verdict = "kept" if training["kept"] else "not kept, it is no better"
    return [f"{name}: {before} before, {after} after: {verdict}" if before and after else f"{name}: {verdict}"]


def _wide(found: Mapping[str, Any]) -> list[str]:
    layers = found.get("int16_layers")
    return [f"activations of 16 bits in {', '.join(layers)}"] if layers else []


def _worst(layers: list[Mapping[str, Any]] | None, terms: Terms) -> list[str]:
    shown = [row for row in (layers or [])[:SHOWN] if row["sqnr_db"] is not None]
    return [
        f"{'loses most in' if index == 0 else '             '} {row['layer']} ({row['op']}): "
        f"{row['sqnr_db']:.1f} dB, {terms.difference(_loss(row), sign=True)} lost by it alone"
        for index, row in enumerate(shown)
    ]


def _loss(row: Mapping[str, Any]) -> float:
    """What a layer alone loses; reports of earlier versions have another name for it."""
    return float(row["metric_loss"] if "metric_loss" in row else row["accuracy_loss"])
