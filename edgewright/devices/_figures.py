"""What is told of an inference: statistics of its wall times, counts, and whether the device ran at its full clock."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

from edgewright.devices._base import Job
from edgewright.devices._client import Answer, Call, Condition
from edgewright.errors import DeviceError

# bits of the Raspberry Pi firmware's get_throttled: now; the same 16 bits up: at some time since it was started
_FLAGS = ("the supply voltage is too low", "the clock is capped", "throttled", "above the soft limit of temperature")


def measured(answer: Answer, call: Call, job: Job) -> dict[str, Any]:
    """The figures of a measurement, as JSON values with their units in the names."""
    return {
        **summary(answer.times_ns),
        **first(answer.first_ns),
        "peak_rss_bytes": answer.peak_rss_bytes,
        "model_bytes": job.model.stat().st_size,
        "runs": call.runs,
        "warmup": call.warmup,
        "threads": call.threads,
        "cpu": answer.cpu,
        **conditions(answer.before, answer.after),
    }


def summary(times_ns: Sequence[int]) -> dict[str, Any]:
    """Percentiles (nearest rank), minimum, mean and standard deviation of times, in microseconds."""
    times = sorted(time / 1e3 for time in times_ns)

    def percentile(percent: int) -> float:
        return times[max(0, -(-len(times) * percent // 100) - 1)]

    figures = {
        "latency_us": percentile(50),
        "p50_us": percentile(50),
        "p90_us": percentile(90),
        "p99_us": percentile(99),
        "min_us": times[0],
        "mean_us": statistics.fmean(times),
        "stdev_us": statistics.pstdev(times),
    }
    return {name: round(value, 3) for name, value in figures.items()}


def first(first_ns: Sequence[int]) -> dict[str, Any]:
    """The first inference of a model with state; nothing of one without."""
    return {"first_us": first_ns[0] / 1e3} if first_ns else {}


def counted(where: str, counts: Sequence[int], job: Job, runs: int) -> dict[str, Any]:
    """The figures of counted inferences: of a model with state the first one, then `runs` behind the warm-up.

    Raises:
        DeviceError: there are more or fewer.
    """
    start = int(job.has_state)
    if len(counts) != start + runs:
        raise DeviceError(f"{where}: {start + runs} inferences were asked for, {len(counts)} were counted")
    steady = list(counts[start:])
    figures = {"instructions": min(steady), "instructions_max": max(steady), "instructions_all": steady}
    return figures | ({"first_instructions": counts[0]} if job.has_state else {})


def conditions(before: Condition | None, after: Condition | None) -> dict[str, Any]:
    """Governor, temperatures, and why the device was slower than it can be.

    `throttled` is a list of reasons, empty when there was none, and None when the device tells nothing of it.
    """
    return {
        "governor": after.governor if after else None,
        "temperature_before_c": _celsius(before),
        "temperature_after_c": _celsius(after),
        "throttled": throttling(before, after) if before and after else None,
    }


def _celsius(condition: Condition | None) -> float | None:
    if condition is None or condition.temperature_mc is None:
        return None
    return round(condition.temperature_mc / 1e3, 1)


def throttling(before: Condition, after: Condition) -> list[str] | None:
    """The reasons; None when the device has neither clock limits nor a Raspberry Pi's firmware to ask."""
    if after.firmware_flags is None and after.clock_limit_khz is None:
        return None
    return [*_firmware_reasons(before.firmware_flags, after.firmware_flags), *_clock_reasons(after)]


def _firmware_reasons(before: int | None, after: int | None) -> list[str]:
    if after is None:
        return []
    first = after if before is None else before
    now = (first | after) & 0xF
    since = (after & ~first) >> 16 & 0xF
    return [reason for bit, reason in enumerate(_FLAGS) if (now | since) >> bit & 1]


def _clock_reasons(after: Condition) -> list[str]:
    limit, full = after.clock_limit_khz, after.clock_max_khz
    if not limit or not full or limit >= full:
        return []
    return [f"the clock is held to {limit / 1e3:.0f} of {full / 1e3:.0f} MHz"]
