"""Recipes of `edgewright advise` as trials of a search, and which passes it scans for one."""

from __future__ import annotations

from typing import Any

import pytest

from edgewright.advice.candidates import Candidate
from edgewright.advice.recipes import Expected, Recipe
from edgewright.search._advice import ordered
from edgewright.search._advised import passes_of, trial_of
from edgewright.search._space import Dimension, dimension
from edgewright.sections.search import Range

BASE = {
    "compress": [{"pass": "prune_channels", "keep": 0.5}, {"pass": "prune", "schedule": {"final": 0.5}}],
    "compile": {"weights": "raw"},
}
PRUNED = {"pass": "prune", "per_layer": "sensitivity", "schedule": {"final": 0.9}}
NARROW = {"pass": "prune_channels", "keep": 0.75, "of": "macs"}


def dims(**vary: Any) -> list[Dimension]:
    return [dimension(name, choices, "") for name, choices in vary.items()]


VARY = {
    "compress[0]": [True, False],
    "compress[0].keep": Range(low=0.25, high=0.7, step=0.05),
    "compress[1]": [True, False],
    "compress[1].schedule.final": Range(low=0.3, high=0.8),
    "compress[1].per_layer": ["uniform", "sensitivity"],
    "compile.weights": ["raw", "coded"],
    "build.width": [8, 16],
}


def test_a_recipe_is_what_is_nearest_to_it() -> None:
    assert trial_of([PRUNED], "int8", BASE, dims(**VARY), {}) == {
        "compress[0]": False,
        "compress[1]": True,
        "compress[1].schedule.final": 0.8,
        "compress[1].per_layer": "sensitivity",
        "compile.weights": "raw",
    }
    narrow = trial_of([NARROW], "int8", BASE, dims(**VARY), {})
    assert narrow is not None
    assert narrow["compress[0].keep"] == 0.7
    assert trial_of([], "int8", BASE, dims(**VARY), {}) == {
        "compress[0]": False,
        "compress[1]": False,
        "compile.weights": "raw",
    }


def test_what_the_search_cannot_do_is_no_trial() -> None:
    assert trial_of([{"pass": "latent"}], "int8", BASE, dims(**VARY), {}) is None
    always = {name: choices for name, choices in VARY.items() if name != "compress[0]"}
    assert trial_of([PRUNED], "int8", BASE, dims(**always), {}) is None


def test_what_the_scan_found_for_each_layer_is_where_the_trial_begins() -> None:
    layers = Dimension("compress[1].layers.dense", ("compress", 1, "layers", "dense"), Range(low=0.3, high=0.95))
    found = trial_of([PRUNED], "int8", BASE, [*dims(**VARY), layers], {"prune": {"dense": 0.62}})
    assert found is not None
    assert found["compress[1].layers.dense"] == 0.62


def test_whole_entries_as_choices() -> None:
    few = [{"pass": "prune", "schedule": {"final": final}} for final in (0.5, 0.8)]
    latents = [{"pass": "latent", "rate": rate} for rate in (1e-6, 5e-6, 2e-5)]
    slot = dims(**{"compress[0]": [True, False], "compress[1]": [*few, *latents]})
    assert trial_of([PRUNED], "int8", BASE, slot, {"prune": {"a": 0.1}}) == {
        "compress[0]": False,
        "compress[1]": few[1],
    }
    latent = trial_of([NARROW, {"pass": "latent", "rate": 4e-6}], "int8", BASE, slot, {})
    assert latent == {"compress[0]": True, "compress[1]": latents[1]}
    assert trial_of([NARROW], "int8", BASE, slot, {}) is None


def test_chains_as_a_whole() -> None:
    chains = dims(compress=[[], [{"pass": "prune", "schedule": {"final": 0.7}}]])
    assert trial_of([PRUNED], "int8", {}, chains, {}) == {"compress": chains[0].examples()[1]}
    assert passes_of({}, chains) == {"prune"}
    assert passes_of(BASE, dims(**{"compress[0].pass": ["latent", "cluster"]})) == {
        "prune_channels",
        "prune",
        "latent",
        "cluster",
    }


def recipe(name: str, cost: float, broken: int = 0) -> Recipe:
    part = Candidate(name, "weights", {"pass": "prune"})
    rows = [{"name": "size", "value": 2, "limit": 1, "ok": False}] * broken
    return Recipe((part,), Expected(0.9, 0, 0, 1, 1, 1, 1), tuple(rows), cost)


def test_the_best_for_all_targets_comes_first_and_then_the_best_of_each() -> None:
    first = [recipe("a", 1), recipe("b", 2), recipe("c", 3)]
    second = [recipe("c", 1), recipe("b", 2), recipe("a", 9, broken=1)]
    of_all = [each.name for each in ordered([first, second], is_one_enough=False)]
    assert of_all == ["b", "c", "a"]
    by_turns = [each.name for each in ordered([first, second], is_one_enough=True)]
    assert list(dict.fromkeys(by_turns)) == ["b", "a", "c"]
    assert ordered([first], is_one_enough=True) == first


@pytest.mark.parametrize(
    ("choices", "value", "nearest"),
    [
        (Range(low=8, high=64, step=8), 21, 24),
        (Range(low=8, high=64), 21.4, 21),
        (Range(low=1e-6, high=1e-5, log=True), 4e-6, 4e-6),
        (Range(low=0.3, high=0.9, step=0.1), 1.0, 0.9),
        ([4, 16, 64], 20, 16),
        (["raw", "coded"], "lut", None),
        ([True, False], True, True),
        (Range(low=1, high=3), "x", None),
    ],
)
def test_nearest(choices: Any, value: Any, nearest: Any) -> None:
    assert dimension("build.width", choices, "").nearest(value) == nearest
