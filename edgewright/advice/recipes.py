"""Recipes out of the points of a scan, what to expect of each, and their order for a budget."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from edgewright.advice.candidates import PLAIN, Candidate
from edgewright.advice.measured import Measured
from edgewright.metrics import Terms
from edgewright.report.budget import budget_rows, in_terms

DEFAULT_LOSS = "1 %"  # where the budget names no limit
DEVIATIONS = 2 * 1.96  # from one end to the other of an interval of 95 %
LEAST_LOSS = 1e-9  # where nothing may be lost, any loss is one that is too much
TRANSMIT_WEIGHT = 0.25  # of bytes to transmit beside bytes on the device and multiply-accumulates
LOSS_WEIGHT = 0.5  # of a loss as large as the budget allows: it must buy a factor 1.65 in bytes or work
Point = Mapping[str, Any]
Points = Mapping[Candidate, Point]


@dataclass(frozen=True)
class Expected:
    """What a short scan lets one expect.

    `metric`: of validation data, `loss` against the float model there, `noise` its standard error, in its own terms;
    `device_bytes`: of the weights as the target stores them; `transmit_bytes`: coded or gzipped; the rest is None where
    nothing was measured from which it follows.
    """

    metric: float
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
    allowed = _in_terms(limits.get("metric_loss", DEFAULT_LOSS), reference)
    limits = {**limits, "metric_loss": allowed}
    recipes = [_recipe(parts, points, reference, limits, known) for parts in _combinations(points)]
    return sorted(recipes, key=lambda recipe: (len(recipe.broken), _excess(recipe), round(recipe.cost, 9), recipe.name))


def for_all(ranked_of: Sequence[Sequence[Recipe]]) -> list[Recipe]:
    """Recipes of the first of several targets that each of them bears, the best for all of them first.

    That is least broken of all their budgets together, then least cost in the mean.

    Args:
        ranked_of: of each target, what `ranked` gave.
    """
    others = [{recipe.parts: recipe for recipe in each} for each in ranked_of[1:]]

    def order(recipe: Recipe) -> tuple[float, ...]:
        of_all = [recipe, *(each[recipe.parts] for each in others)]
        broken, cost = sum(len(each.broken) for each in of_all), sum(each.cost for each in of_all)
        return broken, round(sum(map(_excess, of_all)), 9), round(cost / len(of_all), 9)

    able = [recipe for recipe in ranked_of[0] if all(recipe.parts in each for each in others)]
    return sorted(able, key=lambda recipe: (order(recipe), recipe.name))


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
    lost = terms_of(reference).loss(points[PLAIN]["value"], expected.metric)
    cost = _cost(expected, points[PLAIN], lost / max(limits["metric_loss"], expected.noise, LEAST_LOSS))
    return Recipe(parts, expected, tuple(_judged(expected, reference, limits)), cost)


def _expected(found: Sequence[Point], plain: Point, reference: Point, known: Measured) -> Expected:
    """Of several parts together: losses added, ratios multiplied, as if no part knew of the others."""
    metric = plain["value"] + sum(one["value"] - plain["value"] for one in found)
    macs = _scaled("macs", found, plain)
    device = _scaled("device_bytes", found, plain)
    arena = _scaled("arena_bytes", found, plain) if "arena_bytes" in plain else None
    return Expected(
        metric=metric,
        loss=terms_of(reference).loss(reference["value"], metric),
        noise=max(map(_noise, (plain, *found))),
        device_bytes=device,
        tflite_bytes=_scaled("tflite_bytes", found, plain),
        transmit_bytes=transmitted(plain) * math.prod(transmitted(one) / transmitted(plain) for one in found),
        macs=macs,
        instructions=known.instructions * macs if known.instructions else None,
        us=known.us * macs if known.us else None,
        flash_bytes=device + known.code_bytes if known.code_bytes is not None else None,
        ram_bytes=arena + known.other_ram_bytes if arena is not None and known.other_ram_bytes is not None else None,
    )


def terms_of(point: Point) -> Terms:
    """How its metric is read."""
    return Terms.read(point)


def _noise(point: Point) -> float:
    low, high = point["interval"] or (0.0, 0.0)
    return float(high - low) / DEVIATIONS


def _in_terms(loss: float | str, reference: Point) -> float:
    """A limit of `[budget]` as a number in the metric's terms."""
    return in_terms(loss, {"accuracy": {**terms_of(reference).as_json(), "float": reference["value"]}}) or 0.0


def transmitted(point: Point) -> float:
    """Bytes to send: coded where the weights are, else the gzipped file."""
    return float(point.get("coded_bytes", point["tflite_gzip_bytes"]))


def _scaled(name: str, found: Sequence[Point], plain: Point) -> float:
    whole = float(plain[name])
    return whole * math.prod(float(one[name]) / max(whole, 1.0) for one in found)


def _judged(expected: Expected, reference: Point, limits: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of the budget, as a report's; a loss of the metric counts as far as it is more than noise."""
    terms = terms_of(reference)
    kindly = expected.metric + (expected.noise if terms.more_is_better else -expected.noise)
    report = {
        "size": {"tflite_bytes": expected.tflite_bytes},
        "flash": {"total_bytes": expected.flash_bytes},
        "ram": {"total_bytes": expected.ram_bytes},
        "latency": {"instructions": expected.instructions, "estimated_us": expected.us},
        "accuracy": {**terms.as_json(), "float": reference["value"], "quantized": kindly},
    }
    return budget_rows(limits, report)


def _excess(recipe: Recipe) -> float:
    """How far it is beyond the limits that it breaks, summed over their logarithms."""
    ratios = [abs(row["value"]) / max(abs(row["limit"]), 1e-9) for row in recipe.broken]
    return round(sum(abs(math.log(max(ratio, 1e-9))) for ratio in ratios), 9)


def _cost(expected: Expected, plain: Point, lost: float) -> float:
    """The logarithm of what it needs; `lost`: of the metric, in units of what may be lost."""
    device = math.log(expected.device_bytes / plain["device_bytes"])
    macs = math.log(max(expected.macs, 1.0) / max(plain["macs"], 1))
    transmit = math.log(expected.transmit_bytes / transmitted(plain))
    return float(device + macs + TRANSMIT_WEIGHT * transmit + LOSS_WEIGHT * max(0.0, lost))
