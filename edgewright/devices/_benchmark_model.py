"""TensorFlow Lite's own benchmark_model: how it is called, and the figures in what it prints."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Protocol

from edgewright.devices.tools.run import quoted
from edgewright.errors import DeviceError, UserError

_COUNT = re.compile(r"\bcount=(\d+)\b(.*)")
_FIELD = re.compile(r"\b(first|curr|min|max|avg|std|median|p5|p95)=([0-9.eE+-]+)")
_TIMINGS = re.compile(r"Inference timings in us: .*Inference \(avg\): ([0-9.eE+-]+)")
_FIRST = re.compile(r"Inference timings in us: .*First inference: ([0-9.eE+-]+)")
_FAILED = re.compile(r"(?:ERROR|FATAL|Benchmarking failed).*", re.IGNORECASE)


class Asked(Protocol):
    """What of a transport's options it is called with."""

    @property
    def runs(self) -> int: ...
    @property
    def warmup(self) -> int: ...
    @property
    def threads(self) -> int: ...
    @property
    def xnnpack(self) -> bool: ...


def check(path: Path) -> Path:
    """The path itself; UserError when no file is there."""
    if not path.is_file():
        hint = "TensorFlow Lite's pages offer it built for android_aarch64"
        raise UserError("[measure] benchmark", "no such file", got=str(path), hint=hint)
    return path


def flags(options: Asked) -> list[str]:
    """Its options besides --graph: as many runs as are asked for, however long they take."""
    numbers = {"num_runs": options.runs, "warmup_runs": options.warmup, "num_threads": options.threads}
    limits = ["--min_secs=0", "--warmup_min_secs=0", "--max_secs=1000000"]
    return [
        *(f"--{name}={value}" for name, value in numbers.items()),
        *limits,
        f"--use_xnnpack={str(options.xnnpack).lower()}",
    ]


def parse(where: str, text: str, runs: int, has_state: bool = False) -> dict[str, Any]:
    """The figures of the inferences, in microseconds.

    Its last line with "count=" is of the inferences, the one before it of the warm-up; a line "Inference timings" ends
    a run that is whole. `latency_us` is the median where it tells one, else the mean: `latency_is` says which. Of a
    model with state `first_us` is there too: the first inference of all, which is one of the warm-up.

    Raises:
        DeviceError: there are no such figures in the text.
    """
    counts = _COUNT.findall(text)
    failed = _FAILED.search(text)
    mean = _number(_TIMINGS.search(text))
    if not counts or failed or mean is None:
        raise DeviceError(f"{where}: benchmark_model measured nothing{quoted(failed[0] if failed else text)}")
    count, rest = counts[-1]
    fields = {name: float(value) for name, value in _FIELD.findall(rest)}
    same = fields.get("avg", fields.get("curr", mean))  # one run, or equal ones, have no statistics
    if mean <= 0 or int(count) < runs or abs(same - mean) > 0.01 * mean:
        raise DeviceError(f"{where}: benchmark_model's figures make no sense{quoted(f'count={count}{rest}')}")
    median, first = fields.get("median"), _number(_FIRST.search(text)) if has_state else None
    return {
        "latency_us": median or mean,
        "latency_is": "median" if median else "mean",
        **({"first_us": first} if first else {}),
        "mean_us": mean,
        "min_us": fields.get("min", mean),
        "max_us": fields.get("max", mean),
        "stdev_us": fields.get("std", 0.0),
        "runs_done": int(count),
    }


def _number(match: re.Match[str] | None) -> float | None:
    try:
        return float(match[1]) if match else None
    except ValueError:
        return None
