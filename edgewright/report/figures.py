"""The figures of a report, each described once: where it stands, its name, how it is shown, which way is better.

Budgets, comparisons and the table take them from here, so that a figure has one name, one unit and one direction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from edgewright.metrics import Terms
from edgewright.units import format_bytes, format_microseconds

Report = Mapping[str, Any]


def percent(value: float | None) -> str:
    """A share of 1 for people."""
    return "-" if value is None else f"{100 * value:.2f} %"


def points(value: float) -> str:
    """A difference of shares, or a share that is a limit, for people."""
    return f"{100 * value:.2f} points"


def count(value: float | None) -> str:
    """A number of things for people."""
    return "-" if value is None else f"{value:,.0f}"


@dataclass(frozen=True)
class Figure:
    """A figure of a report.

    Attributes:
        title: what a person reads.
        path: keys that lead to it in the report, from the outside.
        show: it for people, with its unit.
        kind: how it was got ("measured", "emulated"), where only such a one counts; None for any.
        more_is_better: whether the larger of two is the better one.
    """

    title: str
    path: tuple[str, ...]
    show: Callable[[float], str]
    kind: str | None = None
    more_is_better: bool = False

    @property
    def unit(self) -> str:
        """Of the number as the report has it, by the end of its key: "bytes", "us", or "" for a count."""
        return next((unit for unit in ("bytes", "us") if self.path[-1].endswith(f"_{unit}")), "")

    def text(self, value: float, _report: Report) -> str:
        """It for people, as the report says that it is read."""
        return self.show(value)

    def name(self, _report: Report) -> str:
        """What a person reads in the report."""
        return self.title

    def more(self, _report: Report) -> bool:
        """Whether the larger of two is the better one, as the report says."""
        return self.more_is_better

    def value(self, report: Report) -> float | None:
        """The figure, None where the report has none of this kind."""
        if self.kind is not None and (report["latency"] or {}).get("kind") != self.kind:
            return None
        found: Any = report
        for key in self.path:
            found = found.get(key) if isinstance(found, Mapping) else None
        return None if found is None else float(found)


def terms_of(report: Report) -> Terms:
    """How the metric of a report is read."""
    return Terms.read(report.get("accuracy") or {})


@dataclass(frozen=True)
class Worth(Figure):
    """The metric that a model is judged by, which the report describes."""

    def text(self, value: float, report: Report) -> str:
        """In the metric's own terms."""
        return terms_of(report).show(value)

    def name(self, report: Report) -> str:
        """The metric's own."""
        return terms_of(report).title

    def more(self, report: Report) -> bool:
        """As is better of the metric."""
        return terms_of(report).more_is_better


@dataclass(frozen=True)
class Loss(Figure):
    """How much worse the metric at `path` is than the one at `before`."""

    before: tuple[str, ...] = ()

    def text(self, value: float, report: Report) -> str:
        """In the metric's own terms."""
        return terms_of(report).difference(value)

    def value(self, report: Report) -> float | None:
        """How much was lost; None where one of the two is not there."""
        after = super().value(report)
        first = Figure(self.title, self.before, self.show).value(report)
        return None if after is None or first is None else round(terms_of(report).loss(first, after), 6)


METRIC = Worth("accuracy", ("accuracy", "quantized"), percent, more_is_better=True)
FLOAT_METRIC = Worth("accuracy", ("accuracy", "float"), percent, more_is_better=True)
METRIC_LOSS = Loss("accuracy lost", ("accuracy", "quantized"), points, before=("accuracy", "float"))
SIZE = Figure(".tflite", ("size", "tflite_bytes"), format_bytes)
FLASH = Figure("flash", ("flash", "total_bytes"), format_bytes)
RAM = Figure("RAM", ("ram", "total_bytes"), format_bytes)
LATENCY = Figure("latency, measured", ("latency", "latency_us"), format_microseconds, kind="measured")
LATENCY_P99 = Figure("99 of 100, measured", ("latency", "p99_us"), format_microseconds, kind="measured")
FIRST_LATENCY = Figure("first inference, measured", ("latency", "first_us"), format_microseconds, kind="measured")
MEMORY = Figure("peak memory, measured", ("latency", "peak_rss_bytes"), format_bytes, kind="measured")
INSTRUCTIONS = Figure("instructions, emulated", ("latency", "instructions"), count, kind="emulated")
FIRST_INSTRUCTIONS = Figure("first inference, emulated", ("latency", "first_instructions"), count, kind="emulated")
ESTIMATE = Figure("latency, estimated", ("latency", "estimated_us"), format_microseconds)

COMPARED = (
    *(METRIC, SIZE, FLASH, RAM),
    *(LATENCY, LATENCY_P99, FIRST_LATENCY, MEMORY),
    *(INSTRUCTIONS, FIRST_INSTRUCTIONS, ESTIMATE),
)
"""The rows of a comparison, in their order."""
