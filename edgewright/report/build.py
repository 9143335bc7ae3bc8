"""Joins the results of the stages to the report."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from edgewright.metrics import Terms
from edgewright.report.budget import budget_rows

SCHEMA = 1
Json = Mapping[str, Any]


@dataclass(frozen=True)
class StepParts:
    """What is known of one compression step."""

    name: str
    stats: Json
    evaluation: Json
    float_tflite: Json | None = None
    latency: Json | None = None


@dataclass(frozen=True)
class Parts:
    """The JSON documents that the stages wrote; None where a stage does not apply."""

    quantize: Json
    float_test: Json | None = None
    float_validation: Json | None = None
    float_tflite: Json | None = None
    float_latency: Json | None = None
    steps: Sequence[StepParts] = ()
    accuracy: Json | None = None
    latency: Json | None = None
    firmware: Json | None = None
    transmit: Json | None = None
    imported: Json | None = None
    artifacts: Mapping[str, str] = field(default_factory=dict)
    tools: Mapping[str, str] = field(default_factory=dict)


def build_report(facts: Json, parts: Parts) -> dict[str, Any]:
    """The report as JSON values, without the artifacts' own content.

    Args:
        facts: "target", "model", "board", "runtime" (names) and "budget" (limits in bytes, microseconds, instructions).
        parts: what the stages wrote.
    """
    report: dict[str, Any] = {
        "schema": SCHEMA,
        **{key: facts[key] for key in ("target", "model", "board", "runtime")},
        "import": dict(parts.imported) if parts.imported else None,
        "accuracy": _accuracy(parts),
        "size": _size(parts),
        "transmit": dict(parts.transmit) if parts.transmit else None,
        "quantization": _quantization(parts.quantize),
        "steps": [_step(step) for step in parts.steps],
        "flash": parts.firmware["flash"] if parts.firmware else None,
        "ram": _ram(parts),
        "weights": _weights(parts.firmware),
        "latency": _latency(parts.latency),
        "float_latency": _latency(parts.float_latency),
    }
    report["budget"] = budget_rows(facts["budget"], report)
    report["artifacts"] = dict(sorted(parts.artifacts.items()))
    report["tools"] = dict(sorted(parts.tools.items()))
    return report


def _accuracy(parts: Parts) -> dict[str, Any] | None:
    if parts.accuracy is None or parts.float_test is None:
        return None
    whole = parts.float_validation or {}
    return {
        "metric": parts.accuracy["metric"],
        **Terms.read(parts.accuracy).as_json(),
        "float": parts.float_test["value"],
        "float_interval": parts.float_test.get("interval"),
        "float_validation": whole.get("value"),
        "float_validation_interval": whole.get("interval"),
        "validation_samples": whole.get("samples"),
        "steps": [_worth_of(step) for step in parts.steps],
        "quantized": parts.accuracy["value"],
        "quantized_interval": parts.accuracy.get("interval"),
        "others": [_other(*pair) for pair in _others(parts)],
        "samples": parts.accuracy["samples"],
        "through": parts.accuracy["runtime"],
    }


def _worth_of(step: StepParts) -> dict[str, Any]:
    return {"step": step.name, "value": step.evaluation["value"], "interval": step.evaluation.get("interval")}


def _others(parts: Parts) -> list[tuple[Json, Json]]:
    """Further metrics, as the float model and as the quantized one have them."""
    floats, ours = ((part or {}).get("others", ()) for part in (parts.float_test, parts.accuracy))
    return list(zip(floats, ours, strict=False))


def _other(floats: Json, ours: Json) -> dict[str, Any]:
    both = {"float": floats["value"], "float_interval": floats["interval"]}
    both |= {"quantized": ours["value"], "quantized_interval": ours["interval"]}
    return {"metric": ours["metric"], **Terms.read(ours).as_json(), **both, "output": ours.get("output")}


def _size(parts: Parts) -> dict[str, Any]:
    names = ("tflite_bytes", "tflite_gzip_bytes", "weights", "nonzero_weights")
    whole = parts.float_tflite
    return {
        "float_tflite_bytes": whole["tflite_bytes"] if whole else None,
        "float_tflite_gzip_bytes": whole["tflite_gzip_bytes"] if whole else None,
        **{name: parts.quantize[name] for name in names},
        "float_macs": whole.get("macs") if whole else None,
        "macs": parts.quantize.get("macs"),
    }


def _quantization(made: Json) -> dict[str, Any] | None:
    """How the .tflite came to be, or what it is where somebody brought it. Losses by layer have the worst first."""
    if "scheme" not in made:
        return None
    names = ("calibration", "calibration_samples", "int16_layers", "validation", "qat")
    layers = made.get("sensitivity")
    worst = sorted(layers, key=lambda row: math.inf if row["sqnr_db"] is None else row["sqnr_db"]) if layers else None
    found = {"scheme": made["scheme"], "brought": bool(made.get("brought")), "sensitivity": worst}
    found |= {name: made.get(name) for name in names}
    if training := found["qat"]:
        found["qat"] = {key: value for key, value in training.items() if key != "training"}
    return found


def _step(step: StepParts) -> dict[str, Any]:
    sizes = step.float_tflite or {}
    return {
        "step": step.name,
        "validation": step.evaluation["value"],
        "weights": step.stats["weights"],
        "nonzero_weights": step.stats["nonzero_weights"],
        "macs": step.stats.get("macs"),
        "int8_tflite_bytes": step.stats.get("int8_tflite_bytes"),
        "int8_tflite_gzip_bytes": step.stats.get("int8_tflite_gzip_bytes"),
        "float_tflite_bytes": sizes.get("tflite_bytes"),
        "float_tflite_gzip_bytes": sizes.get("tflite_gzip_bytes"),
        "latency": _latency(step.latency),
    }


def _weights(firmware: Json | None) -> list[dict[str, Any]] | None:
    """How the weights of each layer are stored on the device, where there is a choice."""
    if firmware is None:
        return None
    layers = [layer for layer in firmware.get("layers", ()) if layer.get("weights")]
    return [{**{key: layer[key] for key in ("operator", "op", "name")}, **layer["weights"]} for layer in layers]


def _latency(latency: Json | None) -> dict[str, Any] | None:
    """A measurement without the record of its single runs, which stays in the file of the stage."""
    return None if latency is None else {key: value for key, value in latency.items() if not key.endswith("_all")}


def _ram(parts: Parts) -> dict[str, Any] | None:
    """RAM of the firmware; the measured stack, where there is one, replaces the estimate of the compiler."""
    if parts.firmware is None:
        return None
    ram = dict(parts.firmware["ram"])
    stack = parts.latency.get("stack_bytes") if parts.latency else None
    if stack is not None:
        ram["total_bytes"] += stack - (ram["stack_bytes"] or 0)  # None: no bound was found
        ram["stack_bytes"] = stack
    ram["stack_kind"] = "emulated" if stack is not None else parts.firmware.get("stack_kind", "estimated")
    return ram
