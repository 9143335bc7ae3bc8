"""The report as a table for a terminal."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from edgewright.metrics import ACCURACY, Terms
from edgewright.report._quantization import lines as quantization_lines
from edgewright.report._quantization import scheme, validation
from edgewright.report.budget import bound, show_row
from edgewright.report.figures import Report, count, terms_of
from edgewright.text import lines
from edgewright.units import format_bytes, format_microseconds

_WIDTH = 100


@dataclass(frozen=True)
class Row:
    """A line of the table: one state of the model on its way to the device; None where there is no such figure."""

    step: str
    validation: float | None = None
    test: float | None = None
    macs: int | None = None
    nonzero_weights: int | None = None
    float_bytes: int | None = None
    int8_bytes: int | None = None
    gzip_bytes: int | None = None
    latency: Mapping[str, Any] | None = None
    terms: Terms = ACCURACY

    def worth(self) -> tuple[str, str]:
        """Its metric on validation and on test data for people."""
        values = (self.validation, self.test)
        return tuple("-" if value is None else self.terms.show(value) for value in values)  # type: ignore[return-value]

    def cells(self) -> Iterator[str]:
        """The columns after the name."""
        yield from self.worth()
        yield from (count(self.macs), count(self.nonzero_weights))
        yield from (count(self.float_bytes), count(self.int8_bytes), count(self.gzip_bytes))
        yield self.latency_text()

    def latency_text(self) -> str:
        """The latency, or the instructions, for people."""
        return _latency(self.latency)


def render(report: Report) -> str:
    """The report as text of at most 100 columns; equal reports give equal text."""
    from rich.console import Console  # only this stage pays for it

    file = io.StringIO()
    console = Console(file=file, width=_WIDTH, color_system=None, force_terminal=False, markup=False, emoji=False)
    console.print(f"{report['model']} on {report['target']}: {report['board']}, {report['runtime']}", highlight=False)
    console.print(_steps_table(report))
    for line in (
        *_import_lines(report),
        *_test_lines(report),
        *quantization_lines(report),
        *_transmit_lines(report),
        *_device_lines(report),
        *_budget_lines(report),
    ):
        console.print(line, highlight=False, soft_wrap=True)
    return "\n".join(line.rstrip() for line in lines(file.getvalue()).split("\n")).rstrip("\n") + "\n"


def _import_lines(report: Report) -> Iterator[str]:
    """Where a model came from that was brought, and how equal it is."""
    found = report.get("import")
    if found:
        error = found["error"]
        real = "" if error["real"] is None else f", {error['real']:.1e} on {found['real_samples']} real ones"
        yield f"import   {found['source']}, {found['origin']}: differs by {error['random']:.1e} on random inputs{real}"


def _steps_table(report: Report) -> Any:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("step")
    measured = (report["latency"] or {}).get("kind") == "measured"
    stored = "int8" if scheme(report) == "int8" else ".tflite"
    titles = ("validation", "test", "MACs", "nonzero", "float B", f"{stored} B", "gzip B")
    for title in (*titles, "latency" if measured else "instructions"):
        table.add_column(title, justify="right")
    for row in step_rows(report):
        table.add_row(row.step, *row.cells())
    return table


def step_rows(report: Report) -> Iterator[Row]:
    """The model, then each step, then what is delivered."""
    accuracy, size, terms = report["accuracy"] or {}, report["size"], terms_of(report)
    if size["float_tflite_bytes"] is not None:
        yield Row(
            "float",
            accuracy.get("float_validation"),
            accuracy.get("float"),
            size["float_macs"],
            None,
            size["float_tflite_bytes"],
            None,
            size["float_tflite_gzip_bytes"],
            report["float_latency"],
            terms,
        )
    int8 = scheme(report) == "int8"  # passes prove themselves in int8, which is no step on the way to another scheme
    for step in report["steps"]:
        yield Row(
            step["step"],
            step["validation"],
            None,
            step["macs"],
            step["nonzero_weights"],
            step["float_tflite_bytes"],
            step["int8_tflite_bytes"] if int8 else None,
            step["int8_tflite_gzip_bytes"] if int8 else None,
            step["latency"],
            terms,
        )
    yield Row(
        scheme(report),
        validation(report),
        accuracy.get("quantized"),
        size["macs"],
        size["nonzero_weights"],
        None,
        size["tflite_bytes"],
        size["tflite_gzip_bytes"],
        report["latency"],
        terms,
    )


def _latency(latency: Mapping[str, Any] | None) -> str:
    if not latency:
        return "-"
    measured = latency["kind"] == "measured"
    return format_microseconds(latency["latency_us"]) if measured else count(latency["instructions"])


def _test_lines(report: Report) -> Iterator[str]:
    """The metrics of the test set, each with its interval."""
    accuracy = report["accuracy"]
    if not accuracy or not accuracy.get("quantized_interval"):
        return
    rows = [{**accuracy, "output": None}, *accuracy.get("others", ())]
    for index, row in enumerate(rows):
        terms = Terms.read(row)
        both = (_with_interval(terms, row[f"{name}"], row[f"{name}_interval"]) for name in ("quantized", "float"))
        ours, floats = both
        of = f" of {row['output']}" if row.get("output") else ""
        many = f" of {accuracy['samples']:,} test examples" if index == 0 else ""
        yield f"{'test' if index == 0 else '':<8} {terms.title}{of} {ours}{many}"
        yield f"{'':<8} the float model {floats}"


def _with_interval(terms: Terms, value: float, ends: list[float] | None) -> str:
    return terms.show(value) + (f" ({terms.span(ends)})" if ends else "")


def _transmit_lines(report: Report) -> Iterator[str]:
    """Bytes of the model on its way to a device."""
    if not (sent := report.get("transmit")):
        return
    names = {"gzip": "gzip", "zstd": "zstd", "coded": "weights coded"}
    whole = ", ".join(f"{name} {sent[f'{way}_bytes']:,}" for way, name in names.items())
    smallest = sent.get("smallest", "coded")
    beside = "" if smallest == "coded" else f"; {names[smallest]} is the smallest"
    yield f"transmit .tflite {sent['tflite_bytes']:,} bytes: {whole}{beside}"
    if sent["update_bytes"] is not None:
        before, share = sent["previous_version"], sent["update_bytes"] / sent["tflite_bytes"]
        yield f"         update from version {before} to {sent['version']}: {sent['update_bytes']:,} bytes, {share:.1%}"


def _device_lines(report: Report) -> list[str]:
    lines = []
    if flash := report["flash"]:
        code, weights = format_bytes(flash["code_bytes"]), format_bytes(flash["weights_bytes"])
        lines.append(f"flash    {format_bytes(flash['total_bytes'])}: code {code}, weights {weights}")
    lines += [_weights_line(layer) for layer in report.get("weights") or () if layer["storage"] != "raw"]
    if ram := report["ram"]:
        parts = ", ".join(f"{name} {format_bytes(ram[f'{name}_bytes'])}" for name in ("arena", "static", "stack"))
        lines.append(f"RAM      {format_bytes(ram['total_bytes'])}: {parts} ({ram['stack_kind']})")
        if ram.get("peak_layer"):
            lines.append(f"         the arena peaks in {ram['peak_layer']}")
    lines.append(_latency_line(report["latency"]))
    if judged := (report["latency"] or {}).get("device_accuracy"):
        terms = Terms.read(judged)
        share, here = terms.show(judged["device"]), terms.show(judged["host"])
        told = f"{terms.title:<8} {share} of {judged['samples']} test examples on the device, {here} on this machine"
        lines.append(told)
    return lines


def _weights_line(layer: Mapping[str, Any]) -> str:
    sizes = f"{format_bytes(layer['bytes'])}, raw {format_bytes(layer['raw_bytes'])}"
    cycles = f"estimated cycles {layer['cycles']:,}, raw {layer['raw_cycles']:,}"
    name = f"operator {layer['operator']} {layer['op']}, weights {layer['storage']}"
    line = f"         {name}: {sizes}; scratch {layer['extra_scratch_bytes']:+,} B; {cycles}"
    if not layer.get("unpacked_bytes"):
        return line
    place = "RAM at start-up" if layer["storage"] == "startup" else "flash when installed"
    unpacked = f"{format_bytes(layer['unpacked_bytes'])} in {place}, estimated cycles {layer['unpack_cycles']:,}"
    return f"{line}\n           unpacked: {unpacked}"


def _state(latency: Mapping[str, Any]) -> str:
    """Which state a model was measured in, and what the first inference took."""
    if "first_instructions" in latency:
        return f" in the steady state, the first {latency['first_instructions']:,}"
    return (
        f" in the steady state, the first {format_microseconds(latency['first_us'])}" if "first_us" in latency else ""
    )


def _latency_line(latency: Mapping[str, Any] | None) -> str:
    if latency is None:
        return "latency  not measured: the target has no transport"
    runs, state = f"{latency['runs']} runs", _state(latency)
    if latency["kind"] == "measured":
        time = format_microseconds(latency["latency_us"])
        return f"latency  {time} measured{state} ({latency['cpu']}, median of {runs})" + _slowed(latency)
    place = f" on {latency['stand_in']}, for the board is not emulated" if latency.get("stand_in") else ""
    line = f"latency  {latency['instructions']:,} instructions an inference, emulated{state} ({latency['cpu']}, {runs})"
    line += place
    if latency.get("estimated_us") is not None:
        line += f"; estimated {format_microseconds(latency['estimated_us'])} at {latency['clock_hz'] / 1e6:g} MHz"
    return line


def _slowed(latency: Mapping[str, Any]) -> str:
    """Why the device was slower than it can be."""
    reasons = latency.get("throttled")
    if not reasons:
        return ""
    after = latency.get("temperature_after_c")
    heat = f", {after:.0f} C at the end" if after is not None else ""
    return f"; SLOWED DOWN: {', '.join(reasons)}{heat}"


def _budget_lines(report: Report) -> list[str]:
    lines = []
    for index, row in enumerate(report["budget"]):
        value, limit, verdict = show_row(row, report)
        least = bound(row["name"], report) if row["name"] == "metric" else "of"
        lines.append(f"{'budget' if index == 0 else '':<8} {row['name']}: {value} {least} {limit}: {verdict}")
    return lines
