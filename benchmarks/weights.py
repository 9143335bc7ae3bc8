"""What each way to store weights costs on Cortex-M4: bytes, instructions a weight, a whole network.

    python -m benchmarks.weights [--check]

Writes benchmarks/results/weights.json and .md. Kernels run on an emulated board and their outputs have to be those of
plain numpy; instructions are exact, cycles estimated, code is the size of the functions that ran. Weights are random:
of a bell curve (trained), with zeros, alone or in blocks, of 8 or 4 values, or small integers as latent weights are.
The network has the shape of models/fashion_cnn (a convolution of 32 filters, 288 weights, and FULLY_CONNECTED with
216,320), 95 % of the latter zero; its figures are of its firmware without a harness. With --check it writes nothing,
and fails when a kernel runs more instructions than the committed file says.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.kernels import Row, measure_cases
from benchmarks.microcontrollers import build
from edgewright import ops
from edgewright.files import read_json, write_json, write_text
from edgewright.home import home
from edgewright.ops._weights import STORAGES
from edgewright.spec import ProjectTarget, load_project
from tests.kernels import cases
from tests.kernels.cases import RELU, TRAINED, Flavour
from tests.kernels.image import BOARDS, Case
from tests.nets import VALID, Net, to_tflite

RESULTS = Path(__file__).parent / "results"
KINDS = {
    "trained": TRAINED,
    "95 % zeros": Flavour(-128, -128, RELU, bell=True, density=0.05),
    "80 % zeros": Flavour(-128, -128, RELU, bell=True, density=0.2),
    "90 % zeros, blocks of 4": Flavour(-128, -128, RELU, bell=True, density=0.1, block=4),
    "95 % zeros, 8 values": Flavour(-128, -128, RELU, clusters=8, density=0.05),
    "16 values": Flavour(-128, -128, RELU, (-7, 8)),
    "4 values": Flavour(-128, -128, RELU, (-2, 1)),
    "latents": Flavour(-128, -128, RELU, (-3, 3), density=0.3),
}
"""Kinds of weights."""

CORE = "m4"
FLASH_BUDGETS = (65536, 24576)
"""Budgets for which `auto` is shown."""

TITLES = {
    "kernel": "layer",
    "weights": "weights",
    "storage": "storage",
    "constant_bytes": "bytes",
    "instructions_per_weight": "instructions a weight",
    "estimated_cycles_per_weight": "estimated cycles a weight",
    "estimate": "the compiler's estimate",
    "scratch_bytes": "scratch bytes",
    "code_bytes": "code bytes",
}
NETWORK_TITLES = {
    "weights": "weights",
    "storages": "storage of convolution, dense",
    "constant_bytes": "constant bytes",
    "code_bytes": "code bytes",
    "flash_bytes": "flash bytes",
    "ram_bytes": "RAM bytes",
    "instructions": "instructions",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.weights", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare with the committed figures; write nothing")
    arguments = parser.parse_args(argv)
    rows = kernels()
    if arguments.check:
        return check(rows)
    whole = networks()
    text = f"{table(rows, TITLES)}\n\n{table(whole, NETWORK_TITLES)}\n"
    print(text)
    command = "python -m benchmarks.weights"
    write_json(RESULTS / "weights.json", {"command": command, "rows": rows, "networks": whole})
    write_text(RESULTS / "weights.md", text)
    return 0


def kernels() -> list[Row]:
    """Rows of all layers, kinds of weights and storages."""
    found = [(kind, storage, case) for kind in KINDS for storage, case in _cases(KINDS[kind])]
    rows = measure_cases(CORE, [(case.name, case) for _, _, case in found])
    return [_row(kind, storage, case, row) for (kind, storage, case), row in zip(found, rows, strict=True)]


def _cases(flavour: Flavour) -> Iterator[tuple[str, Case]]:
    for make, shape in ((cases.fully_connected, (1, 2048, 10)), (cases.convolution, ((1, 8, 8, 32), 32, (3, 3)))):
        view = make(*shape, "ref", flavour=flavour).view  # type: ignore[operator]
        op = ops.get(view.node.op)
        for storage in ("dsp", "ref", *STORAGES):
            if op.refuses(view, storage, BOARDS[CORE].core) is None:
                yield storage, make(*shape, storage, flavour=flavour)  # type: ignore[operator]


def _row(kind: str, storage: str, case: Case, row: Row) -> Row:
    weights = case.view.input(1).elements
    arrays = [getattr(a, "data", None) for call in case.calls for a in call.arguments]
    cycles = row["estimated_cycles_per_mac"] * case.macs / weights
    estimate = ops.get(case.view.node.op).cycles(case.view, storage)
    return {
        "kernel": f"{case.view.node.op} {'x'.join(map(str, case.view.input(1).shape))}",
        "weights": kind,
        "storage": f"raw, {storage}" if storage in ("dsp", "ref") else storage,
        "constant_bytes": sum(array.nbytes for array in arrays if array is not None),
        "instructions": row["instructions"],
        "instructions_per_weight": round(row["instructions"] / weights, 2),
        "estimated_cycles_per_weight": round(cycles, 2),
        "estimate": round(estimate / weights, 2) if estimate else None,
        "scratch_bytes": row["scratch_bytes"],
        "code_bytes": row["code_bytes"],
    }


def network() -> bytes:
    """The shape of models/fashion_cnn; 95 % of the weights of FULLY_CONNECTED are zero."""
    random, net = np.random.default_rng(1), Net()
    filters = random.integers(-127, 128, (32, 3, 3, 1))
    dense = random.integers(-127, 128, (10, 21632)) * (random.random((10, 21632)) < 0.05)
    x = net.input((1, 28, 28, 1), 1 / 255, -128)
    x = net.conv(x, filters, random.integers(-500, 500, 32), 0.03, -128, padding=VALID, act=cases.RELU)
    x = net.reshape(x, (1, 21632))
    return to_tflite(net.graph(net.dense(x, dense, random.integers(-500, 500, 10), 3)))


def networks() -> list[Row]:
    """Rows of the whole network, one a setting; rewrites that would take its layers away are left out."""
    target = load_project(home(), home()).targets["mcu"]
    settings: list[dict[str, Any]] = [{"weights": weights} for weights in ("raw", "sparse", "coded")]
    settings += [{"weights": "auto", "flash_bytes": flash} for flash in FLASH_BUDGETS]
    return [_network_row(setting, target) for setting in settings]


def _network_row(setting: dict[str, Any], target: ProjectTarget) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        (out / "net.tflite").write_bytes(network())
        build(out, out / "net.tflite", target, without=["skip_unread", "pool_blocks"], **setting)
        names = ("c/compile.json", "firmware.json", "latency.json")
        compiled, firmware, latency = (read_json(out / name) for name in names)
    flash = setting.get("flash_bytes")
    return {
        "weights": setting["weights"] + (f", {flash:,} bytes of flash" if flash else ""),
        "storages": ", ".join(layer["weights"]["storage"] for layer in compiled["layers"] if layer["weights"]),
        "constant_bytes": firmware["flash"]["weights_bytes"],
        "code_bytes": firmware["flash"]["code_bytes"],
        "flash_bytes": firmware["flash"]["total_bytes"],
        "ram_bytes": firmware["ram"]["total_bytes"],
        "instructions": latency["instructions"],
    }


def table(rows: Sequence[Row], titles: dict[str, str]) -> str:
    """The rows as Markdown."""
    lines = ["| " + " | ".join("-" if row[key] is None else str(row[key]) for key in titles) + " |" for row in rows]
    return "\n".join([f"| {' | '.join(titles.values())} |", "|---" * len(titles) + "|", *lines])


def check(rows: Sequence[Row]) -> int:
    """Say which kernels run more instructions than the committed ones; 1 when any does."""
    key = ("kernel", "weights", "storage")
    committed = {tuple(r[k] for k in key): r["instructions"] for r in read_json(RESULTS / "weights.json")["rows"]}
    worse = [row for row in rows if row["instructions"] > committed.get(tuple(row[k] for k in key), sys.maxsize)]
    for row in worse:
        before = committed[tuple(row[k] for k in key)]
        print(f"{row['kernel']}, {row['weights']}, {row['storage']}: {row['instructions']:,}, were {before:,}")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
