"""What the compiler's rewrites save of pruned networks: instructions, MACs, arena and constants on emulated Cortex-M4.

    python -m benchmarks.rewrites [--model NAME=FILE.tflite ...] [--target mcu]

Writes benchmarks/results/rewrites.md. The networks have the shape of models/fashion_cnn (32 filters of 3x3 on 28x28, a
FULLY_CONNECTED of ten) and random weights, with zeros where a way of compression leaves them:

    uniform   80 % of all weights are zero and ten filters are; a trained one: `--model`
    unread    latents of pixels at a high price of bits: 14 % of the convolution's outputs are read
    blocks    latents of 2x2 pixels: FULLY_CONNECTED is constant over them, 35 % are read
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.microcontrollers import build
from edgewright.compiler.rewrites import ORDER
from edgewright.files import read_json, write_text
from edgewright.home import home
from edgewright.spec import ProjectTarget, load_project
from testbench.nets import RELU, VALID, Net, to_tflite

RESULT = Path(__file__).parent / "results" / "rewrites.md"
STEPS = {
    "none": ORDER,
    "channels": ("pool_blocks", "skip_unread"),
    "and blocks": ("skip_unread",),
    "all, balanced": (),
    "all, speed": (),
}
"""Rewrites that are left out, by row."""


def network(block: int, read: float, kept: float, dead: int = 0, sparsity: float = 0.0) -> bytes:
    """The network: size of blocks, share of them that is read, share of weights of those that is not zero."""
    random, net = np.random.default_rng(1), Net()
    filters = random.integers(-127, 128, (32, 3, 3, 1)) * (random.random((32, 3, 3, 1)) >= sparsity)
    filters[:dead] = 0
    x = net.input((1, 28, 28, 1), 1 / 255, -128)
    x = net.conv(x, filters, random.integers(-500, 500, 32), 0.03, -128, padding=VALID, act=RELU)
    small = (26 // block, 26 // block, 32)
    rows = random.integers(-127, 128, (10, *small)) * (random.random((10, *small)) < kept)
    rows = rows * (random.random((1, *small)) < read)
    rows = rows.repeat(block, axis=1).repeat(block, axis=2).reshape(10, -1)
    return to_tflite(net.graph(net.dense(net.reshape(x, (1, rows.shape[1])), rows, random.integers(-500, 500, 10), 3)))


def networks() -> dict[str, bytes]:
    """All that are made here."""
    return {
        "uniform": network(1, 0.9, 0.22, dead=10, sparsity=0.7),
        "unread": network(1, 0.14, 0.17),
        "blocks": network(2, 0.35, 0.17),
    }


def row(name: str, step: str, model: bytes, target: ProjectTarget) -> str:
    """A line of the table."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        (out / f"{name}.tflite").write_bytes(model)
        optimize = step.partition(", ")[2] or "balanced"
        build(out, out / f"{name}.tflite", target, without=list(STEPS[step]), optimize=optimize)
        found, latency = read_json(out / "c" / "compile.json"), read_json(out / "latency.json")
    macs = sum(layer["macs"] for layer in found["layers"])
    numbers = (latency["instructions"], macs, found["arena_bytes"], found["weights_bytes"])
    return f"| {name} | {step} | {' | '.join(f'{number:,}' for number in numbers)} |"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rewrites", description=__doc__)
    parser.add_argument("--model", action="append", default=[], metavar="NAME=FILE", help="a trained network more")
    parser.add_argument("--target", default="mcu")
    arguments = parser.parse_args(argv)
    target = load_project(home(), home()).targets[arguments.target]
    found = networks()
    for given in arguments.model:
        name, _, path = given.partition("=")
        found[name] = Path(path).read_bytes()
    head = "| network | rewrites | instructions | MACs | arena bytes | constant bytes |\n|---|---|---|---|---|---|"
    table = "\n".join([head, *(row(name, step, model, target) for name, model in found.items() for step in STEPS)])
    write_text(RESULT, f"Rewrites of pruned networks on target {target.name}, emulated.\n\n{table}\n")
    print(table)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
