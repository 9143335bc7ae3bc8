"""What an earlier build of the same target and model measured, from which a scan estimates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgewright.errors import UserError
from edgewright.report import read_report


@dataclass(frozen=True)
class Measured:
    """Of a report; None where it has no such figure.

    `instructions`, `us`: of an inference, a multiply-accumulate; `code_bytes`: of flash; `other_ram_bytes`: all but the
    arena.
    """

    instructions: float | None = None
    us: float | None = None
    code_bytes: int | None = None
    other_ram_bytes: int | None = None


def measured(target: str, model: str) -> Measured:
    """What build/<target>/<model>/report.json says; nothing when it is not there or of another version."""
    path = Path("build") / target / model / "report.json"
    if not path.is_file():
        return Measured()
    try:
        report = read_report(path)
    except UserError:
        return Measured()
    latency = report["latency"] or {}
    macs = report["size"].get("macs") or sum(layer.get("macs", 0) for layer in latency.get("layers") or ())
    flash, ram = report.get("flash") or {}, report.get("ram") or {}
    other = ram["total_bytes"] - ram["arena_bytes"] if ram else None
    instructions, us = _a_mac(latency, ("instructions",), macs), _a_mac(latency, ("latency_us", "estimated_us"), macs)
    return Measured(instructions, us, flash.get("code_bytes"), other)


def _a_mac(latency: Mapping[str, Any], names: tuple[str, ...], macs: int | None) -> float | None:
    found = next((latency[name] for name in names if latency.get(name) is not None), None)
    return float(found) / macs if found is not None and macs else None
