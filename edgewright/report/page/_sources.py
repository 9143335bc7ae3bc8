"""Where each figure comes from: how it was got, and the command that makes it again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from edgewright.metrics import wilson
from edgewright.report import figures
from edgewright.report.figures import Figure, Report

HOW = {
    "measured": "wall time on a real device",
    "emulated": "an exact count of instructions in an emulator, which repeats",
    "estimated": "from a model of the processor (docs/latency.md), or of the call graph",
    "evaluated": "the share of test examples that the device's own runtime, or its C, answers rightly",
    "counted": "bytes of the files themselves",
}
"""What the words mean that stand beside every figure."""


@dataclass(frozen=True)
class Source:
    """A figure with its origin.

    Attributes:
        figure: what it is.
        kind: a key of `HOW`, or a function that tells it of a report.
        goal: of scons, which makes it again.
        note: what more a person should know.
    """

    figure: Figure
    kind: str | Callable[[Report], str]
    goal: str
    note: Callable[[Report], str] = lambda _: ""

    def how(self, report: Report) -> str:
        """One of the words of `HOW`."""
        return self.kind if isinstance(self.kind, str) else self.kind(report)


def _accuracy_note(report: Report) -> str:
    found = report["accuracy"]
    ends = interval_of(report)
    span = f"95 % interval {figures.terms_of(report).span(ends)}" if ends else "no interval"
    through = "the generated C" if found["through"] == "aot" else found["through"]
    return f"{span}, {found['samples']:,} test examples through {through}"


def interval_of(report: Report) -> tuple[float, float] | None:
    """Of the metric on the test data, 95 %; reports of earlier versions have none, and are of shares."""
    found = report["accuracy"]
    if "quantized_interval" in found:
        return tuple(found["quantized_interval"]) if found["quantized_interval"] else None
    return wilson(found["quantized"], found["samples"])


def _latency_note(report: Report) -> str:
    latency: Mapping[str, Any] = report["latency"]
    return f"{latency['cpu']}, {latency['runs']:,} runs" if "runs" in latency else str(latency["cpu"])


def _estimate_note(report: Report) -> str:
    clock = report["latency"].get("clock_hz")
    return f"at {clock / 1e6:g} MHz" if clock else ""


def _flash_note(report: Report) -> str:
    flash = report["flash"]
    shown = figures.FLASH.show
    return f"code {shown(flash['code_bytes'])}, weights {shown(flash['weights_bytes'])}"


def _ram_note(report: Report) -> str:
    ram = report["ram"]
    shown = figures.RAM.show
    parts = ", ".join(f"{name} {shown(ram[f'{name}_bytes'])}" for name in ("arena", "static", "stack"))
    return f"{parts} ({ram['stack_kind']})"


def _size_note(report: Report) -> str:
    sent = report.get("transmit") or {}
    return f"gzip {sent['gzip_bytes']:,} bytes" if sent.get("gzip_bytes") else ""


SOURCES = (
    Source(figures.METRIC, "evaluated", "report", _accuracy_note),
    Source(figures.SIZE, "counted", "quantize", _size_note),
    Source(figures.FLASH, "counted", "firmware", _flash_note),
    Source(figures.RAM, lambda report: str(report["ram"]["stack_kind"]), "measure", _ram_note),
    Source(figures.LATENCY, "measured", "measure", _latency_note),
    Source(figures.LATENCY_P99, "measured", "measure", _latency_note),
    Source(figures.FIRST_LATENCY, "measured", "measure"),
    Source(figures.MEMORY, "measured", "measure"),
    Source(figures.INSTRUCTIONS, "emulated", "measure", _latency_note),
    Source(figures.FIRST_INSTRUCTIONS, "emulated", "measure"),
    Source(figures.ESTIMATE, "estimated", "measure", _estimate_note),
)
"""The figures of a page, in their order."""


def present(report: Report) -> list[tuple[Source, float]]:
    """The figures that a report has."""
    found = ((source, source.figure.value(report)) for source in SOURCES)
    return [(source, value) for source, value in found if value is not None]
