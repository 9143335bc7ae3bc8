"""Recipes out of the points of a scan, what to expect of each, and their order for a budget."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from edgewright.commands._advise.candidates import PLAIN, Candidate
from edgewright.commands._advise.measured import Measured
from edgewright.report.budget import budget_rows

DEFAULT_LOSS = 0.01  # of accuracy, absolute, where the budget names no limit
TRANSMIT_WEIGHT = 0.25  # of bytes to transmit beside bytes on the device and multiply-accumulates
LOSS_WEIGHT = 0.5  # of a loss as large as the budget allows: it must buy a factor 1.65 in bytes or work
Point = Mapping[str, Any]
Points = Mapping[Candidate, Point]


@dataclass(frozen=True)
class Expected:
    """What a short scan lets one expect.

    `accuracy`: of validation data, `loss` against the float model there, both shares, `noise` their standard error;
    `device_bytes`: of the weights as the target stores them; `transmit_bytes`: coded or gzipped; the rest is None where
    nothing was measured from which it follows.
    """

    accuracy: float
    loss: float
    noise: float
    device_bytes: float
    tflite_bytes: float
    transmit_bytes: float
    macs: float
    instructions: float | None = None
    us: float | None = None
    flash_bytes: float | None = None
    ram_bytes: float | None = None


@dataclass(frozen=True)
class Recipe:
    """Candidates in the order of their passes; `cost`: the logarithm of what it needs, 0 of the plain int8 model."""

    parts: tuple[Candidate, ...]
    expected: Expected
    budget: tuple[Mapping[str, Any], ...]
    cost: float

    @property
    def name(self) -> str:
        """Of all its parts."""
        return ", then ".join(part.name for part in self.parts)

    @property
    def entries(self) -> list[Mapping[str, Any]]:
        """Its `[[compress]]` entries."""
        return [part.entry for part in self.parts if part.entry is not None]

    @property
    def broken(self) -> list[Mapping[str, Any]]:
        """Rows of the budget that it is expected to break."""
        return [row for row in self.budget if row["ok"] is False]


def ranked(points: Points, reference: Point, limits: Mapping[str, Any], known: Measured) -> list[Recipe]:
    """All recipes, the best first: least broken of the budget, then least cost.

    Args:
        points: the figures of each candidate that the model bears; `PLAIN` among them.
        reference: those of the float model.
        limits: the target's `[budget]`, without the limits that are not set.
        known: of an earlier build.
    """
    limits = {"metric_loss": DEFAULT_LOSS, **limits}
    recipes = [_recipe(parts, points, reference, limits, known) for parts in _combinations(points)]
    return sorted(recipes, key=lambda recipe: (len(recipe.broken), _excess(recipe), round(recipe.cost, 9), recipe.name))


def _combinations(points: Points) -> list[tuple[Candidate, ...]]:
    """One structure and one kind of weights at most, and each way to quantize by itself."""
    of = {part: [one for one in points if one.part == part] for part in ("structure", "weights", "quantize")}
    structures: list[tuple[Candidate, ...]] = [(), *((one,) for one in of["structure"])]
    weights: list[tuple[Candidate, ...]] = [(), *((one,) for one in of["weights"])]
    mixed = [first + second for first, second in product(structures, weights) if first or second]
    return [*((one,) for one in of["quantize"]), *mixed]


def _recipe(
    parts: tuple[Candidate, ...], points: Points, reference: Point, limits: Mapping[str, Any], known: Measured
) -> Recipe:
    expected = _expected([points[part] for part in parts], points[PLAIN], reference, known)
    cost = _cost(expected, points[PLAIN], limits["metric_loss"])
    return Recipe(parts, expected, tuple(_judged(expected, reference, limits)), cost)


def _expected(found: Sequence[Point], plain: Point, reference: Point, known: Measured) -> Expected:
    """Of several parts together: losses added, ratios multiplied, as if no part knew of the others."""
    accuracy = plain["accuracy"] + sum(one["accuracy"] - plain["accuracy"] for one in found)
    macs = _scaled("macs", found, plain)
    device = _scaled("device_bytes", found, plain)
    arena = _scaled("arena_bytes", found, plain) if "arena_bytes" in plain else None
    return Expected(
        accuracy=accuracy,
        loss=reference["accuracy"] - accuracy,
        noise=math.sqrt(max(0.0, accuracy * (1 - accuracy)) / reference["samples"]),
        device_bytes=device,
        tflite_bytes=_scaled("tflite_bytes", found, plain),
        transmit_bytes=transmitted(plain) * math.prod(transmitted(one) / transmitted(plain) for one in found),
        macs=macs,
        instructions=known.instructions * macs if known.instructions else None,
        us=known.us * macs if known.us else None,
        flash_bytes=device + known.code_bytes if known.code_bytes is not None else None,
        ram_bytes=arena + known.other_ram_bytes if arena is not None and known.other_ram_bytes is not None else None,
    )


def transmitted(point: Point) -> float:
    """Bytes to send: coded where the weights are, else the gzipped file."""
    return float(point.get("coded_bytes", point["tflite_gzip_bytes"]))


def _scaled(name: str, found: Sequence[Point], plain: Point) -> float:
    whole = float(plain[name])
    return whole * math.prod(float(one[name]) / max(whole, 1.0) for one in found)


def _judged(expected: Expected, reference: Point, limits: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of the budget, as a report's; a loss of accuracy counts as far as it is more than noise."""
    report = {
        "size": {"tflite_bytes": expected.tflite_bytes},
        "flash": {"total_bytes": expected.flash_bytes},
        "ram": {"total_bytes": expected.ram_bytes},
        "latency": {"instructions": expected.instructions, "estimated_us": expected.us},
        "accuracy": {"float": reference["accuracy"], "quantized": expected.accuracy + expected.noise},
    }
    return budget_rows(limits, report)


def _excess(recipe: Recipe) -> float:
    """How far it is beyond the limits that it breaks, summed over their logarithms."""
    ratios = [abs(row["value"]) / max(abs(row["limit"]), 1e-9) for row in recipe.broken]
    return round(sum(abs(math.log(max(ratio, 1e-9))) for ratio in ratios), 9)


def _cost(expected: Expected, plain: Point, allowed_loss: float) -> float:
    device = math.log(expected.device_bytes / plain["device_bytes"])
    macs = math.log(max(expected.macs, 1.0) / max(plain["macs"], 1))
    transmit = math.log(expected.transmit_bytes / transmitted(plain))
    lost = max(0.0, plain["accuracy"] - expected.accuracy) / max(allowed_loss, expected.noise)
    return float(device + macs + TRANSMIT_WEIGHT * transmit + LOSS_WEIGHT * lost)
