"""MobileNetV1-0.25 on 96x96x3 with its input whole and by rows: RAM, instructions and flash on emulated cores.

    python -m benchmarks.by_rows [--targets mcu,mcu-m3] [--ram "20.5 KiB"]

Prints the table of docs/kernels.md. The weights are random; RAM and flash are those of an image with vectors, start-up
and the model, RAM with the deepest stack that was seen; of the input by rows it holds one row.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import networks
from benchmarks.lists import listed
from benchmarks.microcontrollers import CORES, Row, built, flash
from edgewright.home import home
from edgewright.sections.budget import MemoryBudget
from edgewright.spec import load_project

TARGETS = ("mcu-m0", "mcu-m3", "mcu", "mcu-m55")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.by_rows", description=__doc__)
    parser.add_argument("--targets", type=listed(CORES), default=",".join(TARGETS))
    parser.add_argument("--ram", default="20.5 KiB", help="[budget] ram of the second row of each core")
    arguments = parser.parse_args(argv)
    print("| core | input | RAM | instructions | ratio | flash |\n|---|---|---|---|---|---|")
    for target in arguments.targets:
        whole, rows = measured(target, arguments.ram)
        for name, row in (("whole", whole), ("rows", rows)):
            ratio = f"{row['instructions'] / whole['instructions']:.2f}"
            cells = (CORES[target].upper(), name, *(f"{n:,}" for n in (row["ram_bytes"], row["instructions"])), ratio)
            print(f"| {' | '.join(cells)} | {flash(row):,} |", flush=True)
    return 0


def measured(target: str, ram: str) -> Iterator[Row]:
    """The figures with the input whole, and by rows within so much RAM."""
    of, content = load_project(home(), home()).targets[target], networks.mobilenet()
    with tempfile.TemporaryDirectory() as folder:
        yield built(Path(folder) / "whole", "vww", content, of)
        budget = MemoryBudget.model_validate({"ram": ram})
        yield built(Path(folder) / "rows", "vww", content, of, input="rows", budget=budget)


if __name__ == "__main__":
    sys.exit(main())
