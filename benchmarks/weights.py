"""What each way to store weights costs on Cortex-M4: bytes, instructions a weight, a whole network.

    python -m benchmarks.weights [--check]

Writes benchmarks/results/weights.json and .md. Kernels run on an emulated board and their outputs have to be those of
plain numpy; instructions are exact, cycles estimated, code is the size of the functions that ran. Weights are random:
of a bell curve (trained), with zeros, alone or in blocks, of 8 or 4 values, or small integers as latent weights are.
"decoded" are codes that are decoded into scratch for a raw kernel. The network has the shape of models/fashion_cnn (a
convolution of 32 filters, 288 weights, and FULLY_CONNECTED with 216,320), 95 % of the latter zero, or small integers
that are constant over 2 x 2 pixels, as latent training leaves them; layers of the first are kept apart, those of the
second fused where that pays. Figures are of firmware without a harness. With --check it writes nothing, and fails when
a kernel runs more instructions than the committed file says.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.kernels import Row, measure_cases
from benchmarks.microcontrollers import build
from edgewright import ops
from edgewright.files import read_json, write_json, write_text
from edgewright.home import home
from edgewright.kernels.call import Call
from edgewright.kernels.unpack import decoded, unpacked
from edgewright.sections.budget import MemoryBudget
from edgewright.spec import ProjectTarget, load_project
from testbench.kernels import cases
from testbench.kernels.cases import RELU, TRAINED, Flavour
from testbench.kernels.image import BOARDS, Case
from testbench.nets import VALID, Net, to_tflite

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
RAW_WEIGHTS = {"storage": "raw"}
NETWORK_TITLES = {
    "network": "network",
    "weights": "weights",
    "storages": "storages",
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
    rows = measure_cases(BOARDS[CORE], [(case.name, case) for _, _, case in found])
    return [_row(kind, storage, case, row) for (kind, storage, case), row in zip(found, rows, strict=True)]


def _cases(flavour: Flavour) -> Iterator[tuple[str, Case]]:
    for make, shape in MADE:
        view = make("ref", shape, flavour).view
        op = ops.get(view.node.op)
        for storage in (*RAW, *op.storages):
            if op.unsupported(view, storage, BOARDS[CORE].core) is None:
                yield storage, make(storage, shape, flavour)
        raw = next(variant for variant in RAW if op.unsupported(view, variant, BOARDS[CORE].core) is None)
        yield from _decoded(raw, make(raw, shape, flavour))


def _decoded(variant: str, raw: Case) -> Iterator[tuple[str, Case]]:
    calls = unpacked(raw.calls)
    if calls is not None:
        yield f"{DECODED}, {variant}", replace(raw, calls=decoded(calls))


def _dense(variant: str, shape: Any, flavour: Flavour) -> Case:
    return cases.fully_connected(*shape, variant, flavour)


def _convolution(variant: str, shape: Any, flavour: Flavour) -> Case:
    return cases.convolution(*shape, variant, flavour=flavour)


def _depthwise(variant: str, shape: Any, flavour: Flavour) -> Case:
    return cases.convolution(*shape, variant, flavour=flavour, depthwise=True)


MADE: tuple[tuple[Callable[[str, Any, Flavour], Case], Any], ...] = (
    (_dense, (1, 2048, 10)),
    (_convolution, ((1, 8, 8, 32), 32, (3, 3))),
    (_depthwise, ((1, 25, 5, 64), 64, (3, 3))),
)
RAW, DECODED = ("dsp", "ref"), "decoded"


def _row(kind: str, storage: str, case: Case, row: Row) -> Row:
    weights = case.view.input(1).elements
    arrays = [getattr(a, "data", None) for call in case.calls for a in call.arguments]
    cycles = row["estimated_cycles_per_mac"] * case.macs / weights
    estimate = sum(_estimate(case, call) for call in case.calls)
    return {
        "kernel": f"{case.view.node.op} {'x'.join(map(str, case.view.input(1).shape))}",
        "weights": kind,
        "storage": f"raw, {storage}" if storage in RAW else storage,
        "constant_bytes": sum(array.nbytes for array in arrays if array is not None),
        "instructions": row["instructions"],
        "instructions_per_weight": round(row["instructions"] / weights, 2),
        "estimated_cycles_per_weight": round(cycles, 2),
        "estimate": round(estimate / weights, 2),
        "scratch_bytes": row["scratch_bytes"],
        "code_bytes": row["code_bytes"],
    }


def _estimate(case: Case, call: Call) -> float:
    """The compiler's, of a run."""
    costs = BOARDS[CORE].core.costs
    if call.work is not None and costs.has(call.kernel, call.work):
        return costs.cycles(call.kernel, call.work)
    return costs.of_macs(call.kernel, case.macs, case.expected.size)


def thin(random: np.random.Generator) -> NDArray[np.int64]:
    """95 % zeros."""
    return np.asarray(random.integers(-127, 128, (10, 21632)) * (random.random((10, 21632)) < 0.05))


def latents(random: np.random.Generator) -> NDArray[np.int64]:
    """Small integers, constant over 2 x 2 pixels, most of them zero."""
    small = random.integers(-3, 4, (10, 13, 13, 32)) * (random.random((10, 13, 13, 32)) < 0.3)
    return np.asarray(small.repeat(2, axis=1).repeat(2, axis=2).reshape(10, -1) * 16)


def network(weights: Callable[[np.random.Generator], NDArray[np.int64]]) -> bytes:
    """The shape of models/fashion_cnn with these weights of FULLY_CONNECTED."""
    random, net = np.random.default_rng(1), Net()
    filters, dense = random.integers(-127, 128, (32, 3, 3, 1)), weights(random)
    x = net.input((1, 28, 28, 1), 1 / 255, -128)
    x = net.conv(x, filters, random.integers(-500, 500, 32), 0.03, -128, padding=VALID, act=cases.RELU)
    x = net.reshape(x, (1, 21632))
    return to_tflite(net.graph(net.dense(x, dense, random.integers(-500, 500, 10), 3)))


def networks() -> list[Row]:
    """Rows of the whole networks, one a setting."""
    target = load_project(home(), home()).targets["mcu"]
    settings: list[dict[str, Any]] = [{"weights": weights} for weights in ("raw", "sparse", "coded")]
    settings += [{"weights": "auto", "flash_bytes": flash} for flash in FLASH_BUDGETS]
    apart = {"without": ["skip_unread", "pool_blocks"]}
    rows = [_network_row("95 % zeros", thin, {**setting, **apart}, target) for setting in settings]
    settings = [{"weights": "raw"}, {"weights": "coded", **apart}, {"weights": "coded"}]
    settings.append({"weights": "auto", "flash_bytes": FLASH_BUDGETS[1]})
    return rows + [_network_row("latents", latents, setting, target) for setting in settings]


def _network_row(
    name: str,
    weights: Callable[[np.random.Generator], NDArray[np.int64]],
    setting: dict[str, Any],
    target: ProjectTarget,
) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        (out / "net.tflite").write_bytes(network(weights))
        keys, flash = dict(setting), setting.get("flash_bytes")
        keys.pop("flash_bytes", None)
        budget = MemoryBudget(flash=f"{flash} B") if flash else MemoryBudget()  # type: ignore[arg-type]
        build(out, out / "net.tflite", target, budget, **keys)
        names = ("c/compile.json", "firmware.json", "latency.json")
        compiled, firmware, latency = (read_json(out / name) for name in names)
    layers = [layer for layer in compiled["layers"] if layer["macs"]]
    return {
        "network": f"{name}, layers apart" if "without" in setting else name,
        "weights": setting["weights"] + (f", {flash:,} bytes of flash" if flash else ""),
        "storages": ", ".join(f"{layer['op']} {(layer['weights'] or RAW_WEIGHTS)['storage']}" for layer in layers),
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
