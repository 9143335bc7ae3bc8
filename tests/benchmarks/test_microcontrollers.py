"""The committed figures of the benchmarks hold: no network costs more than it did."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import microcontrollers
from edgewright.home import home

MODELS = home().parent / "shared/models"


@pytest.mark.parametrize(
    ("network", "targets"), [("ad", "mcu-m0,mcu-m3,mcu,mcu-m55"), ("vww", "mcu"), ("kws", "mcu,mcu-m55"), ("ic", "mcu")]
)
def test_no_figure_is_worse_than_the_committed_one(network: str, targets: str) -> None:
    if network in microcontrollers.FILES and not (MODELS / microcontrollers.FILES[network]).is_file():
        pytest.skip(f"{MODELS / microcontrollers.FILES[network]} is not there")
    rows = microcontrollers.run(MODELS, [network], targets.split(","))
    assert len(rows) == len(targets.split(","))
    assert microcontrollers.check(rows) == 0


def test_a_worse_figure_is_found() -> None:
    committed = microcontrollers.read_json(microcontrollers.RESULTS / "microcontrollers.json")["rows"]
    assert microcontrollers.check(committed) == 0
    assert microcontrollers.check([{**committed[0], "instructions": committed[0]["instructions"] + 1}]) == 1


def test_the_committed_table_is_that_of_the_committed_figures() -> None:
    rows = microcontrollers.read_json(microcontrollers.RESULTS / "microcontrollers.json")["rows"]
    table = Path(microcontrollers.RESULTS / "microcontrollers.md").read_text()
    assert table == microcontrollers.table(rows) + "\n"
