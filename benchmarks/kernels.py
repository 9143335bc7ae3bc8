"""What each fast kernel costs: instructions and estimated cycles a MAC, scratch, code, by shape and core.

    python -m benchmarks.kernels [--cores m4,m55] [--check]

Writes benchmarks/results/kernels.json and .md; rows of other cores stay as they are. With --check it writes nothing
and fails when a kernel runs more instructions than the committed file says. Each kernel runs on an emulated board on
random data, and its output has to be that of plain numpy. Instructions are exact; cycles are the estimate of
`edgewright.devices`; code is the size of the functions that ran. Operators without MACs are counted by the element.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.lists import listed
from edgewright.devices.tools import blocks, cycle_counts, elf_file
from edgewright.files import read_json, write_json, write_text
from edgewright.kernels.record import REF
from testbench.kernels import cases, moves, recurrent
from testbench.kernels.cases import TRAINED, TRAINED_LINEAR, VALID
from testbench.kernels.image import BOARDS, Board, Case, build, source

RESULTS = Path(__file__).parent / "results"
PROFILED, CALLER = "invoke", "run"
"""Functions of testbench/kernels/runner.c: what a case is, and what calls it."""

CASES = 6
"""Cases in one image; it has to fit into the 512 KiB of the M55 board."""

Row = dict[str, Any]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kernels", description=__doc__)
    parser.add_argument("--cores", type=listed(BOARDS), default=",".join(BOARDS))
    parser.add_argument("--check", action="store_true", help="compare with the committed figures; write nothing")
    arguments = parser.parse_args(argv)
    rows = [row for core in arguments.cores for row in measure(core)]
    print(table(rows))
    return check(rows) if arguments.check else write(rows)


def shapes(variant: str) -> Iterator[tuple[str, Case]]:
    """(name, case) of everything that is measured; operators that lack the variant are left out by `measure`."""
    yield from _weighted(variant, "int8")
    scales = ((0.11, -128), (0.07, 4), (0.12, -128))
    pair = ((1, 16, 16, 32), (1, 16, 16, 32))
    yield from _fitting("add 16x16x32", variant, cases.addition, pair, quantizations=scales, activation=cases.RELU)
    yield from _fitting("average 25x5 64", variant, cases.pool, (1, 25, 5, 64), (25, 5), padding=VALID)
    halved = {"op": "MAX_POOL_2D", "stride": (2, 2), "padding": VALID}
    yield from _fitting("max 2x2 28x28 16", variant, cases.pool, (1, 28, 28, 16), (2, 2), **halved)
    yield from _weighted(variant, "int16")
    wide = {"scales": (0.11, 0.07, 0.12), "activation": cases.RELU}
    yield from _fitting("int16 add 16x16x32", variant, cases.sum16, (1, 16, 16, 32), **wide)
    yield from _fitting(
        "int16 leaky relu 8192", variant, cases.rescaled16, "LEAKY_RELU", 8192, scales=(1.0, 0.7), alpha=0.3
    )


def _weighted(variant: str, dtype: str) -> Iterator[tuple[str, Case]]:
    """Layers with weights, of data of a type."""
    prefix = "" if dtype == "int8" else f"{dtype} "
    for name, image, out_c, kernel, options in (
        ("pointwise 25x5 64-64", (1, 25, 5, 64), 64, (1, 1), {}),
        ("pointwise 6x6 128-128", (1, 6, 6, 128), 128, (1, 1), {}),
        ("pointwise 24x24 16-32", (1, 24, 24, 16), 32, (1, 1), {}),
        ("pointwise 8x8 64-64, no ReLU", (1, 8, 8, 64), 64, (1, 1), {"flavour": TRAINED_LINEAR}),
        ("conv 3x3 32x32 16-16", (1, 32, 32, 16), 16, (3, 3), {}),
        ("conv 3x3 8x8 64-64", (1, 8, 8, 64), 64, (3, 3), {}),
        ("conv 3x3 stride 2 32x32 16-32", (1, 32, 32, 16), 32, (3, 3), {"stride": (2, 2)}),
        ("conv 3x3 32x32 3-16", (1, 32, 32, 3), 16, (3, 3), {}),
        ("conv 3x3 28x28 1-8", (1, 28, 28, 1), 8, (3, 3), {}),
        ("conv 3x3 28x28 1-16", (1, 28, 28, 1), 16, (3, 3), {}),
        ("conv 10x4 stride 2 49x10 1-64", (1, 49, 10, 1), 64, (10, 4), {"stride": (2, 2)}),
        ("conv 3x3 15x15 15-13", (1, 15, 15, 15), 13, (3, 3), {}),
        ("depthwise 3x3 25x5 64", (1, 25, 5, 64), 64, (3, 3), {"depthwise": True}),
        ("depthwise 3x3 48x48 8", (1, 48, 48, 8), 8, (3, 3), {"depthwise": True}),
        ("depthwise 3x3 stride 2 24x24 32", (1, 24, 24, 32), 32, (3, 3), {"depthwise": True, "stride": (2, 2)}),
        ("depthwise 3x3 6x6 128", (1, 6, 6, 128), 128, (3, 3), {"depthwise": True}),
        ("depthwise 5x5 12x12 32", (1, 12, 12, 32), 32, (5, 5), {"depthwise": True}),
        ("depthwise 5x5 stride 2 24x24 16", (1, 24, 24, 16), 16, (5, 5), {"depthwise": True, "stride": (2, 2)}),
        ("depthwise 6x6 12x12 32", (1, 12, 12, 32), 32, (6, 6), {"depthwise": True}),
        ("depthwise 3x3 dilated 2 24x24 16", (1, 24, 24, 16), 16, (3, 3), {"depthwise": True, "dilation": (2, 2)}),
        ("depthwise 3x3 24x24 8-16", (1, 24, 24, 8), 16, (3, 3), {"depthwise": True}),
    ):
        settings: dict[str, Any] = {"flavour": TRAINED, "dtype": dtype, **options}
        yield from _fitting(prefix + name, variant, cases.convolution, image, out_c, kernel, **settings)
    for rows, depth, out_c in ((1, 640, 128), (1, 128, 128), (1, 64, 10), (8, 64, 32)):
        name = f"{prefix}fully connected {rows}x{depth}-{out_c}"
        yield from _fitting(name, variant, cases.fully_connected, rows, depth, out_c, flavour=TRAINED, dtype=dtype)


def floats(variant: str) -> Iterator[tuple[str, Case]]:
    """The same of float32, for cores with an FPU."""
    for name, image, out_c, kernel in (
        ("float32 fully connected 1x128-128", (1, 1, 1, 128), 128, (1, 1)),
        ("float32 pointwise 6x6 128-32", (1, 6, 6, 128), 32, (1, 1)),
        ("float32 conv 3x3 8x8 32-32", (1, 8, 8, 32), 32, (3, 3)),
    ):
        yield from _fitting(name, variant, cases.float_convolution, image, out_c, kernel)


def recurrent_layers(variant: str) -> Iterator[tuple[str, Case]]:
    """The same of int8 layers with a state, beside their portable kernels."""
    for steps, inputs, units in ((4, 32, 32), (2, 16, 64)):
        found = recurrent.lstm(steps, inputs, units, variant)
        yield from [(f"LSTM {steps} steps {inputs}-{units}, {variant}", found)] if found else ()
    for inputs, units, rank, memory in ((64, 64, 2, 8), (40, 32, 1, 10)):
        found = recurrent.svdf(inputs, units, rank, memory, variant)
        yield from [(f"SVDF {inputs}-{units} rank {rank} memory {memory}, {variant}", found)] if found else ()


def moving(dtype: str) -> Iterator[tuple[str, Case]]:
    """Operators that move data, which all cores do with portable kernels; their instructions are those an element."""
    prefix, whole = "" if dtype == "int8" else f"{dtype} ", slice(None)
    around, taken = ((0, 0), (1, 1), (1, 1), (0, 0)), (whole, slice(None, None, 2), slice(None, None, 2), whole)
    for name, case in (
        ("pad 16x16x16 to 18x18x16", moves.pad((1, 16, 16, 16), around, dtype)),
        ("strided slice 16x16x16 to 8x8x16", moves.strided_slice((1, 16, 16, 16), taken, dtype)),
        ("strided slice 1024 to 512", moves.strided_slice((1024,), (slice(None, None, 2),), dtype)),
        ("slice 100x16 to 50x16", moves.strided_slice((100, 16), (slice(30, 80), whole), dtype)),
        ("concatenation 16x16 8 and 8", moves.concatenation(((1, 16, 16, 8), (1, 16, 16, 8)), 3, dtype)),
        ("transpose 16x16x8 to 8x16x16", moves.transpose((1, 16, 16, 8), (0, 3, 1, 2), dtype)),
    ):
        yield f"{prefix}{name}, {REF}", case


def _fitting(name: str, kernel: str, make: Any, *arguments: Any, **options: Any) -> Iterator[tuple[str, Case]]:
    yield from ((f"{name}, {kernel}", case) for case in cases.fitting(kernel, make, *arguments, **options))


def measure(core: str) -> list[Row]:
    """Rows of the kernels for the best instruction set of a core."""
    board = BOARDS[core]
    best = board.core.isas[0]
    names = cases.kernel_names(best) if best != REF else []
    found = [named for name in names for named in shapes(name)]
    found += [named for name in ("quads", REF) if "-mfloat-abi=hard" in board.flags for named in floats(name)]
    found += [named for name in ("dsp", REF) if "dsp" in board.core.isas for named in recurrent_layers(name)]
    found += [named for dtype in ("int8", "int16") if "dsp" in board.core.isas for named in moving(dtype)]
    rows = measure_cases(board, found)
    return [{"core": core, **row} for row in rows]


def measure_cases(board: Board, found: Sequence[tuple[str, Case]]) -> list[Row]:
    """Rows of named cases on a board, in their order."""
    rows: list[Row] = []
    for first in range(0, len(found), CASES):
        some = found[first : first + CASES]
        with tempfile.TemporaryDirectory() as folder:
            elf, record = _run([case for _, case in some], board, Path(folder))
            rows += _rows(board, some, elf, record)
    return rows


def _run(found: Sequence[Case], board: Board, folder: Path) -> tuple[Path, str]:
    """(image, record of the plugin); SystemExit when an output is wrong."""
    elf = folder / "cases.elf"
    (folder / "cases.c").write_text(source(found))
    build(folder, elf, board, "gcc", "-O2")
    (folder / "blockcount.so").symlink_to(blocks.ensure_plugin())
    start, stop = (_symbol(elf, name) for name in (PROFILED, CALLER))
    plugin = f"./blockcount.so,out=record,start={start.address:x},stop={stop.address:x}-{stop.end:x},mark=1"
    done = subprocess.run(
        [*board.qemu(elf), "-plugin", plugin], cwd=folder, capture_output=True, text=True, timeout=180, check=True
    )
    for line in (done.stdout + done.stderr).splitlines():
        index, _, differing, _ = map(int, line.split())
        if differing:
            raise SystemExit(f"{found[index].name}: {differing} bytes differ from the reference")
    return elf, _apart(done.stdout + done.stderr, (folder / "record").read_text())


def _apart(said: str, record: str) -> str:
    """The regions of the passes with all memory apart, without those that overlap input and output."""
    regions = record.split("e\n")
    kept = [region for line, region in zip(said.splitlines(), regions, strict=False) if line.split()[1] == "0"]
    return "".join(f"{region}e\n" for region in kept)


def _rows(board: Board, found: Sequence[tuple[str, Case]], elf: Path, record: str) -> Iterator[Row]:
    code = elf_file.disassemble(elf)
    count = cycle_counts.counter(code, board.architecture, board.core.costs.instructions)
    functions = {instruction.address: instruction.function for instruction in code}
    sizes = {symbol.name: symbol.size for symbol in elf_file.symbols(elf)}
    for (name, case), region in zip(found, blocks.read_regions(record), strict=True):
        cost, per = count(region.rest), case.macs or case.view.output().elements
        ran = {functions[block.address] for block in region.rest.entries}
        yield {
            "kernel": name,
            "instructions": cost.instructions,
            "cycles": cost.cycles,
            "instructions_per_mac": round(cost.instructions / per, 3),
            "estimated_cycles_per_mac": round(cost.cycles / per, 3),
            "scratch_bytes": max(call.scratch_bytes for call in case.calls),
            "code_bytes": sum(sizes[f] for f in ran if not f.startswith((PROFILED, "case_"))),
        }


def _symbol(elf: Path, name: str) -> elf_file.Symbol:
    """A function, whatever the compiler put behind its name."""
    return next(symbol for symbol in elf_file.symbols(elf) if symbol.name.split(".")[0] == name)


def table(rows: Sequence[Row]) -> str:
    """The rows as Markdown."""
    titles = ("core", "kernel", "instructions a MAC", "estimated cycles a MAC", "scratch bytes", "code bytes")
    keys = (
        "core",
        "kernel",
        "instructions_per_mac",
        "estimated_cycles_per_mac",
        "scratch_bytes",
        "code_bytes",
    )
    lines = [f"| {' | '.join(str(row[key]) for key in keys)} |" for row in rows]
    return "\n".join([f"| {' | '.join(titles)} |", "|---" * len(titles) + "|", *lines])


def write(rows: Sequence[Row]) -> int:
    """Write the committed files; rows of cores that were not measured stay."""
    measured = {row["core"] for row in rows}
    kept = [row for row in read_json(RESULTS / "kernels.json")["rows"] if row["core"] not in measured]
    found = sorted([*kept, *rows], key=lambda row: list(BOARDS).index(row["core"]))
    write_json(RESULTS / "kernels.json", {"command": "python -m benchmarks.kernels", "rows": found})
    write_text(RESULTS / "kernels.md", table(found) + "\n")
    return 0


def check(rows: Sequence[Mapping[str, Any]]) -> int:
    """Say which kernels run more instructions than the committed ones; 1 when any does."""
    committed = {(r["core"], r["kernel"]): r["instructions"] for r in read_json(RESULTS / "kernels.json")["rows"]}
    worse = [row for row in rows if row["instructions"] > committed.get((row["core"], row["kernel"]), sys.maxsize)]
    for row in worse:
        before = committed[row["core"], row["kernel"]]
        print(f"{row['kernel']} on {row['core']}: {row['instructions']:,} instructions, were {before:,}")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
