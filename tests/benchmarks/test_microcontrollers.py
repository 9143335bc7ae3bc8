"""The committed figures of the benchmark hold: no network costs more than it did."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from edgewright.files import read_json, write_json
from edgewright.home import home

RESULTS = home() / "benchmarks/results"
FIGURES = "microcontrollers.json"


def run(*words: object, code: int = 0) -> str:
    """What the benchmark prints; skips where a network that it reads is not there."""
    command = [sys.executable, "-m", "benchmarks.microcontrollers", *map(str, words)]
    done = subprocess.run(command, cwd=home(), capture_output=True, text=True, check=False)
    if done.stderr.startswith("left out: "):
        pytest.skip(done.stderr.strip())
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("network", "targets"),
    [
        ("ad", "mcu-m0,mcu-m3,mcu,mcu-m55"),
        pytest.param("vww", "mcu", marks=pytest.mark.slow),  # kws has the same kinds of layers
        ("kws", "mcu,mcu-m55"),
        ("ic", "mcu"),
    ],
)
def test_no_figure_is_worse_than_the_committed_one(network: str, targets: str) -> None:
    printed = run("--check", "--networks", network, "--targets", targets)
    assert printed.count(f"| {network} |") == len(targets.split(","))


def test_a_worse_figure_is_found(tmp_path: Path) -> None:
    rows = read_json(RESULTS / FIGURES)["rows"]
    row = next(row for row in rows if (row["network"], row["target"]) == ("ad", "mcu"))
    now, row["instructions"] = row["instructions"], row["instructions"] - 1
    write_json(tmp_path / FIGURES, {"rows": rows})
    printed = run("--check", "--networks", "ad", "--targets", "mcu", "--results", tmp_path, code=1)
    assert f"ad on mcu: instructions {now:,}, was {now - 1:,}" in printed


def test_the_committed_table_is_that_of_the_committed_figures(tmp_path: Path) -> None:
    shutil.copy(RESULTS / FIGURES, tmp_path)
    run("--table-only", "--results", tmp_path)
    assert (tmp_path / "microcontrollers.md").read_text() == (RESULTS / "microcontrollers.md").read_text()
