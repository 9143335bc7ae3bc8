"""The figures that a search may be told to make better, by their names or by their paths in the report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from edgewright.errors import UserError, did_you_mean
from edgewright.metrics import ACCURACY, Terms
from edgewright.report import figures
from edgewright.report.figures import Figure, Report
from edgewright.units import format_bytes, format_microseconds


@dataclass(frozen=True)
class Judged:
    """A figure as a search reads it.

    Attributes:
        name: as the user calls it.
        title: for people.
        more: whether more of it is better.
        figures: the first that a report has counts.
        terms: how it is read where it is the metric, on whatever data.
    """

    name: str
    title: str
    more: bool
    figures: tuple[Figure, ...]
    terms: Terms | None = None

    def value(self, report: Report) -> float | None:
        """The figure of a report; None where it has none."""
        found = (figure.value(report) for figure in self.figures)
        return next((value for value in found if value is not None), None)

    def text(self, value: float) -> str:
        """A value for people."""
        return self.terms.show(value) if self.terms else self.figures[0].show(value)

    @property
    def unit(self) -> str:
        """Of the number: "bytes", "us" or ""."""
        return self.figures[0].unit


@dataclass(frozen=True)
class _Validation(Figure):
    """The metric on validation data: of the quantized model where it was judged by them, else of the last step."""

    def value(self, report: Report) -> float | None:
        """Test data choose nothing, so the metric on these is never asked for."""
        judged = (report.get("quantization") or {}).get("validation")
        if judged:
            return float(judged["quantized"])
        accuracy = report.get("accuracy") or {}
        steps = [step["value"] for step in accuracy.get("steps") or ()]
        found = steps[-1] if steps else accuracy.get("float_validation")
        return None if found is None else float(found)


_METRIC = "metric"
_SENT = Figure("bytes to send", ("transmit", "coded_bytes"), format_bytes)
_STORED = Figure("bytes on the device", ("flash", "total_bytes"), format_bytes)
_MACS = Figure("MACs", ("size", "macs"), figures.count)
NAMES: Mapping[str, tuple[Figure, ...]] = {
    _METRIC: (_Validation("metric", ("quantization", "validation", "quantized"), figures.percent),),
    "size": (figures.SIZE,),
    "flash": (figures.FLASH,),
    "ram": (figures.RAM,),
    "instructions": (figures.INSTRUCTIONS,),
    "bytes": (_STORED, figures.SIZE),
    "latency": (figures.LATENCY, figures.ESTIMATE),
    "sent": (_SENT,),
    "macs": (_MACS,),
}
"""Figures with a name of their own."""

_SECTIONS = ("accuracy", "size", "transmit", "quantization", "flash", "ram", "latency", "float_latency")
"""Of a report: what a path may begin with."""

_METRICS = (
    *(("accuracy", key) for key in ("float", "float_validation", "quantized")),
    *(("quantization", "validation", key) for key in ("float", "quantized")),
)
"""Paths in a report to what is told in the metric's terms."""

ON_MICROCONTROLLERS = ("flash", "ram")


def judged(text: str, want: str | None, where: str, terms: Terms | None) -> Judged:
    """The figure that a text names.

    Args:
        text: a name, or a path in the report.
        want: "most" or "least": which way is better; None where the figure's name tells.
        where: the place of the text, for messages.
        terms: how the metric of the model is read.

    Raises:
        UserError: there is no such figure, or nobody tells which way is better.
    """
    if text in NAMES:
        is_metric = text == _METRIC
        read = (terms or ACCURACY) if is_metric else None
        more = read.more_is_better if read else False
        title = read.title if read else NAMES[text][0].title
        return Judged(text, title, more if want is None else want == "most", NAMES[text], read)
    path = tuple(text.split("."))
    if len(path) < 2 or path[0] not in _SECTIONS:
        hint = did_you_mean(text, NAMES)
        allowed = f"{', '.join(NAMES)}, or a path in the report such as least transmit.gzip_bytes"
        raise UserError(where, "no such figure", got=text, allowed=allowed, hint=hint)
    if want is None:
        raise UserError(
            where, "a path does not tell which way is better", got=text, allowed=f"most {text}, least {text}"
        )
    read = (terms or ACCURACY) if path in _METRICS else None
    return Judged(text, text, want == "most", (Figure(text, path, _show(path[-1])),), read)


class NoSuchFigureError(UserError):
    """A path that the report of a trial has not, nor will that of another trial."""


def refuse_absent(figure: Judged, target: str, report: Report) -> None:
    """NoSuchFigureError where a path leads to a key that its table has not, or to what is no number.

    A table that is null says nothing: what it would hold was not made in this trial.
    """
    if figure.name in NAMES:
        return
    found: Any = report
    for key in figure.figures[0].path:
        if found is None:
            return
        found = found.get(key, _ABSENT) if isinstance(found, Mapping) else _ABSENT
    if found is None or isinstance(found, (int, float)):
        return
    paths = [path for section in _SECTIONS for path in _numbers(section, report.get(section))]
    section = figure.name.partition(".")[0]
    allowed = [path for path in paths if path.startswith(f"{section}.")]
    raise NoSuchFigureError(
        "[search]",
        f"the report of {target} has no number there",
        got=figure.name,
        allowed=allowed or paths,
        hint=did_you_mean(figure.name, paths),
    )


_ABSENT = object()


def _numbers(path: str, found: Any) -> Iterator[str]:
    """The paths to numbers below one; those in lists have none."""
    if isinstance(found, Mapping):
        for key, inner in found.items():
            yield from _numbers(f"{path}.{key}", inner)
    elif isinstance(found, (int, float)) and not isinstance(found, bool):
        yield path


def _show(key: str) -> Any:
    if key.endswith("_bytes"):
        return format_bytes
    return format_microseconds if key.endswith("_us") else lambda value: f"{value:,.6g}"
