"""How recipes that were made by hand are held against the trials of a search."""

from __future__ import annotations

from typing import Any

import pytest

from edgewright.home import home
from edgewright.search import planned
from testbench.search_recipes import MODELS, best, recipes, table, volume


def point(trial: int, validation: float, size: int, instructions: int, accuracy: float) -> dict[str, Any]:
    return {
        "trial": trial,
        "what": f"trial {trial}",
        "validation": validation,
        "bytes": size,
        "instructions": instructions,
        "accuracy": accuracy,
    }


def recipe(name: str, size: int, instructions: int, accuracy: float) -> dict[str, Any]:
    figures = {"coded_bytes": size, "instructions": instructions, "accuracy": accuracy}
    return {"recipe": f"net-{name}", "model": "net", **figures}


POINTS = [point(0, 0.91, 1000, 500, 0.89), point(1, 0.90, 400, 900, 0.92), point(2, 0.80, 300, 300, 0.80)]
ROWS = [recipe("dense", 1200, 900, 0.90), recipe("small", 500, 600, 0.85), recipe("tiny", 200, 400, 0.7)]


def test_validation_data_choose_and_test_data_compare() -> None:
    assert best(POINTS, "bytes", 1200) == POINTS[0]
    assert best(POINTS, "bytes", 999) == POINTS[1]
    assert best(POINTS, "bytes", 299) is None
    run = {"sampler": "tpe", "trials": 3, "outcomes": {"full": 3}, "points": POINTS}
    text = "\n".join(table({"model": "net", "trials": 3, "runs": [run, {**run, "sampler": "random"}]}, ROWS))
    assert "At no more bytes than each recipe: as good as 1 of 3, better than 1." in text
    assert "At no more instructions than each recipe: as good as 2 of 3, better than 2." in text
    assert "| `tiny` | 200 | 70.00 | - | - | - | no trial takes so few |" in text
    assert "| `small` | 500 | 85.00 | 1 | 400 | 92.00 | trial 1 |" in text


def test_more_is_beaten_by_more_points() -> None:
    assert 0 < volume(POINTS[:1], ROWS) < volume(POINTS[:2], ROWS) < 1


@pytest.mark.parametrize("model", MODELS)
def test_each_model_has_recipes_and_a_search(model: str) -> None:
    assert len(recipes(model)) > 4
    assert planned(home(), "rpi", model).search.trials == 60
