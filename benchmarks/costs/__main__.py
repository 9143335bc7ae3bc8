"""What kernels cost on a core, measured in emulation and written to its table, edgewright/arch/costs/<core>.toml.

    python -m benchmarks.costs CORE [CORE ...] [--only KERNEL,KERNEL] [--check] [--tables FOLDER]

Every kernel of a core that does multiply-accumulates, and every one that decodes weights, runs on random layers; its
output has to be right. Its cycles, priced by the [instructions] of the table, are fitted by the counts that its calls
give (`Call.work`), or by multiply-accumulates and outputs where they give none: least squares of the relative errors,
no coefficient below 0. [instructions] and [code] are kept as they are, [sources] says what was measured. With --check
nothing is written; it fails where an estimate by the table is further from what was measured than the table says.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.costs._fit import Row, error, fitted, worst
from benchmarks.costs._samples import CORES, Point, known, measured
from benchmarks.costs._table import FOLDER, read, write
from edgewright.home import home
from edgewright.kernels.weight_formats import STORAGES


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.costs", description=__doc__)
    parser.add_argument("cores", nargs="+", choices=sorted(CORES), metavar="CORE", help=", ".join(CORES))
    parser.add_argument("--only", default="", help="kernels, separated by commas; all when left out")
    parser.add_argument("--check", action="store_true", help="compare with the tables; write nothing")
    parser.add_argument("--tables", type=Path, default=home() / FOLDER, help="folder of the tables")
    arguments = parser.parse_args(argv)
    only = frozenset(filter(None, arguments.only.split(",")))
    for name in sorted(only - known()):
        near = get_close_matches(name, sorted(known()), 3)
        parser.error(f"--only: there is no kernel {name}" + (f"; {', '.join(near)}?" if near else ""))
    return max(one(core, arguments.tables, only, check=arguments.check) for core in arguments.cores)


def one(core: str, tables: Path, only: frozenset[str], *, check: bool) -> int:
    """Measure a core, and write or check its table; 1 where the check fails."""
    points = list(measured(core, only))
    if missing := sorted(only - {point.kernel for point in points}):
        print(f"{core}: no layer that is measured runs {', '.join(missing)} on this core", file=sys.stderr)
        return 1
    kernels = sorted({point.kernel for point in points})
    by_kernel = {kernel: [point for point in points if point.kernel == kernel] for kernel in kernels}
    if check:
        table = read(tables, core)["kernels"]
        return max(compare(core, kernel, table[kernel], found) for kernel, found in by_kernel.items())
    rows = {kernel: fitted(found) for kernel, found in by_kernel.items()}
    for kernel, found in by_kernel.items():
        print(f"{core}: {kernel}: {len(found)} layers, errors {error(rows[kernel], found)}")
    write(tables, core, rows, None if only else variants(points))
    return 0


def compare(core: str, kernel: str, row: Row, points: Sequence[Point]) -> int:
    """1 where the table is further from what was measured than it says."""
    found, allowed = worst(row, points), row["worst"]
    print(f"{core}: {kernel}: {len(points)} layers, at most {found:.0%} off, {allowed:.0%} by the table")
    return int(found > allowed + 0.005)


def variants(points: Sequence[Point]) -> Row:
    """Cycles of a multiply-accumulate by variant."""
    found: dict[str, list[float]] = {}
    for point in points:
        variant = point.kernel.rsplit("_", 1)[-1]
        if point.macs and variant not in STORAGES:
            found.setdefault(variant, []).append(point.cycles / point.macs)
    return {name: float(np.round(median(each), 2)) for name, each in sorted(found.items())}


if __name__ == "__main__":
    sys.exit(main())
