"""Builds with all that a page can show, made up: for tests of pages, and to see how long they take."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from edgewright.report import Parts, build_report
from edgewright.report.build import StepParts
from edgewright.report.history import line_of
from edgewright.report.page import Build, Entry, StepFacts

LABELS = ("Bag", "Boot", "Coat")
BUDGET = {"flash": 64 * 1024, "ram": 8 * 1024, "latency": 20_000, "metric_loss": 0.01}


def sample(name: str = "net", *, flash: int = 32 * 1024, label: str = "Coat", builds: int = 4) -> Build:
    """A build for a microcontroller.

    Args:
        name: stands wherever a name out of a file can stand.
        flash: bytes; the budget is 64 KiB.
        label: the last of its classes.
        builds: lines of its history.
    """
    report = report_of(name, flash)
    return Build(
        report=report,
        command=f"scons target=mcu model={name}",
        labels=(*LABELS[:-1], label),
        train={"epochs": _epochs(5)},
        float_tflite={"spreads": _spreads(name, "float32")},
        quantize={"spreads": _spreads(name, "int8"), "ranges": _ranges(name)},
        answers=_answers(),
        plan=_plan(name),
        compile={"layers": _compiled(name)},
        steps=[StepFacts("prune", {"trainings": [_epochs(2)]}, {"spreads": _spreads(name, "float32")})],
        history=_history(report, name, builds),
    )


def entry(target: str, build: Build) -> Entry:
    """The same on the page of all builds, for another target."""
    link = f"{target}/net/report.html"
    return Entry({**build.report, "target": target}, link, build.command, build.history)


def report_of(name: str, flash: int) -> dict[str, Any]:
    """report.json of the build."""
    sizes = {
        "tflite_bytes": 40_000,
        "tflite_gzip_bytes": 30_000,
        "weights": 9000,
        "nonzero_weights": 5000,
        "macs": 90_000,
    }
    stats = {**sizes, "int8_tflite_bytes": 40_000, "int8_tflite_gzip_bytes": 28_000}
    ram = {"arena_bytes": 4000, "scratch_bytes": 64, "static_bytes": 16, "stack_bytes": 500, "total_bytes": 4516}
    parts = Parts(
        quantize={**sizes, "scheme": "int8", "validation": {"quantized": 0.884, "float": 0.89, "examples": 2000}},
        float_test={"value": 0.893},
        float_validation={"value": 0.9},
        float_tflite={**sizes, "tflite_bytes": 160_000, "tflite_gzip_bytes": 120_000},
        steps=[StepParts("prune", stats, {"value": 0.896}, sizes)],
        accuracy={"metric": "top1", "value": 0.889, "samples": 10_000, "runtime": "aot"},
        latency=_latency(name),
        firmware={
            "flash": {"code_bytes": 3000, "weights_bytes": flash - 3000, "total_bytes": flash},
            "ram": {**ram, "peak_layer": f"{name} (layer 0)"},
        },
        artifacts={f"{name}.tflite": "0" * 64},
        tools={"edgewright": "0", "scons": "4"},
    )
    facts = {"target": "mcu", "model": name, "board": "mps2-an386", "runtime": "aot", "budget": BUDGET}
    return build_report(facts, parts)


def _latency(name: str) -> dict[str, Any]:
    layers = [{"name": f"{name}/{op}", "op": op, "macs": macs, "instructions": n} for op, macs, n in _LAYERS]
    total = sum(n for _, _, n in _LAYERS)
    figures = {"kind": "emulated", "instructions": total, "runs": 2, "cpu": "cortex-m4", "stack_bytes": 500}
    return {**figures, "estimated_us": 6400.0, "clock_hz": 120_000_000, "layers": layers}


_LAYERS = (
    ("CONV_2D", 50_000, 120_000),
    ("MAX_POOL_2D", 0, 9000),
    ("FULLY_CONNECTED", 40_000, 90_000),
    ("SOFTMAX", 0, 700),
)


def _compiled(name: str) -> list[dict[str, Any]]:
    return [
        {"name": f"{name}/{op}", "op": op, "macs": macs, "variant": "dsp", "weights": {"bytes": 400} if macs else None}
        for op, macs, _ in _LAYERS
    ]


def _epochs(number: int) -> list[dict[str, float]]:
    return [
        {"loss": 1 / epoch, "accuracy": 1 - 0.2 / epoch, "val_loss": 1.1 / epoch, "val_accuracy": 1 - 0.21 / epoch}
        for epoch in range(1, number + 1)
    ]


def _spreads(name: str, dtype: str) -> list[dict[str, Any]]:
    counts = [max(0, 32 - abs(32 - index)) for index in range(64)]
    return [
        {"name": f"{name}/{op}", "op": op, "shape": [8, 3, 3, 1], "dtype": dtype, "values": sum(counts)}
        | {"zeros": 32, "codes": 200, "limit": 0.5 + place, "counts": counts}
        for place, op in enumerate(("CONV_2D", "FULLY_CONNECTED"))
    ]


def _ranges(name: str) -> list[dict[str, Any]]:
    row = {"dtype": "int8", "scale": 0.01, "zero_point": 0}
    return [
        {"name": f"{name}/{op}", "op": op, **row, "low": -1.28 - n, "high": 1.27} for n, (op, *_) in enumerate(_LAYERS)
    ]


def _answers() -> dict[str, Any]:
    pixels = base64.b64encode(bytes(range(0, 256, 4))).decode()
    scores = {"score": 0.6, "score_of_right": 0.3}
    shown = [
        {"index": 7, "right": 2, "answer": 0, **scores, "picture": {"shape": [8, 8, 1], "pixels": pixels}},
        {"index": 9, "right": 1, "answer": 2, **scores, "series": [0.0, 1.0, -0.5, 0.2], "step": 1},
        {"index": 11, "right": 1, "answer": 0, **scores, "series": [(n * n) % 17 for n in range(200)], "step": 1},
    ]
    found = {
        "output": None,
        "kind": "classification",
        "unit": "",
        "steps": 1,
        "classes": 3,
        "samples": 300,
        "recall": [0.95, 0.9, 0.8],
        "confusion": [[95, 3, 2], [4, 90, 6], [15, 5, 80]],
        "confused": [{"right": 2, "answer": 0, "examples": 15}],
        "reliability": [
            {"examples": 100, "score": 0.55, "right": 0.5},
            {"examples": 200, "score": 0.95, "right": 0.97},
        ],
        "calibration_error": 0.03,
        "lost": 3,
        "won": 1,
        "examples": shown,
    }
    return {"schema": 2, "outputs": [found]}


def _plan(name: str) -> dict[str, Any]:
    spans = (("input", -1, 0, 0, 784), ("0 CONV_2D", 0, 1, 784, 3216), ("1 MAX_POOL_2D", 1, 2, 0, 700))
    blocks = [
        {"name": who, "first": first, "last": last, "address": at, "bytes": size, "is_scratch": False, "tensor": name}
        for who, first, last, at, size in spans
    ]
    steps = [f"{index} {op}" for index, (op, *_) in enumerate(_LAYERS)]
    return {
        "arena_bytes": 4000,
        "bound_bytes": 4000,
        "peak_step": 0,
        "why": "it needs most",
        "steps": steps,
        "blocks": blocks,
    }


def _history(report: dict[str, Any], name: str, builds: int) -> Sequence[dict[str, Any]]:
    lines = []
    for number in range(builds):
        line = line_of(report, {"commit": f"{number:040x}", "date": "2026-01-01", "changed": number == 1})
        figures = {key: value * (1 + 0.02 * (builds - 1 - number)) for key, value in line["figures"].items()}
        lines.append({**line, "model": name, "figures": figures})
    return lines


def front(words: str = "prune schedule.final 0.5", name: str = "mcu-digits") -> dict[str, Any]:
    """What a search of two objectives found: front.json as JSON values."""
    points = [(0.97, 14_000, "full"), (0.95, 9_000, "full"), (0.93, 11_000, "full"), (0.98, 30_000, "infeasible")]
    trials = [
        {
            "number": number,
            "outcome": outcome,
            "message": "",
            "words": f"{words} {number}",
            "values": {},
            "figures": [f"{100 * worth:.2f} %", f"{flash:,} B"],
            "costs": [-worth, float(flash)],
            "on_front": number < 2,
            "again": None,
            "quick": [],
        }
        for number, (worth, flash, outcome) in enumerate(points)
    ]
    return {
        "name": name,
        "folder": f"build/search/{name}",
        "command": "edgewright search mcu digits",
        "model": "digits",
        "targets": {"mcu": "mcu"},
        "objectives": [
            {"title": "accuracy", "more": True, "share": True, "unit": ""},
            {"title": "flash", "more": False, "share": False, "unit": "bytes"},
        ],
        "quick_worth": [{"title": "accuracy", "spearman": 0.8, "trials": 3}],
        "trials": trials,
    }


def fronts(name: str = "phone-mcu-digits") -> dict[str, Any]:
    """The same of a search over two targets, of which one is too small for one of the trials."""
    found = front(name=name)
    for number, trial in enumerate(found["trials"]):
        on = {key: trial[key] for key in ("figures", "costs", "message", "on_front")}
        on_phone = {**on, "holds": True, "on_front": number != 2}
        trial["targets"] = {"phone": on_phone, "mcu": {**on, "holds": number < 3}}
        trial["outcome"] = "full" if number < 3 else "some"
    each = [{"target": target, "objectives": found["objectives"]} for target in ("phone", "mcu")]
    return {**found, "targets": {"phone": "phone", "mcu": "mcu"}, "fronts": each}
