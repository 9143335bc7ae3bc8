"""Quantization-aware training from ranges of -6 to 6, and from calibrated ones: three networks, three seeds.

    python -m benchmarks.qat_start [--networks fashion_cnn,relu6] [--seeds 1,2,3] [--float-epochs 5] [--epochs 1]

Each network is trained in float, then trained on for `--epochs` with a tenth of its learning rate while it is rounded
as int8 rounds it: once with the ranges of tensorflow-model-optimization, once as the build does it. The accuracies are
of the .tflite files on the 10,000 test examples. Writes benchmarks/results/qat_start.md and .json. What is done is
kept in build/benchmarks/qat_start/ and not done again, and networks that are not named stay in the table. A training
that was stopped goes on after its last epoch.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.lists import listed
from edgewright.files import read_json, write_json, write_text
from edgewright.home import home
from edgewright.sections.data import Data
from edgewright.sections.train import Train
from edgewright.tflite.reader import parse_model

RESULT = Path(__file__).parents[1] / "results" / "qat_start"
FOLDER = home() / "build" / "benchmarks" / "qat_start"
SOURCES = {
    "fashion_cnn": home() / "models" / "fashion_cnn" / "model.py",
    "fashion_resnet": home() / "models" / "fashion_resnet" / "model.py",
    "relu6": Path(__file__).parent / "relu6.py",
}
RATES = {"fashion_cnn": 0.002, "fashion_resnet": 0.004, "relu6": 0.004}
SAMPLES = 256
VALIDATION = 5000
STARTS = ("library", "calibrated")
COLUMNS = ("float", "int8", *STARTS)


@dataclass(frozen=True)
class Case:
    """A network trained with a seed, and how long."""

    network: str
    seed: int
    float_epochs: int
    epochs: int

    @property
    def folder(self) -> Path:
        """Of its files."""
        return FOLDER / f"{self.network}-{self.seed}"

    @property
    def options(self) -> dict[str, Any]:
        """`[train]` of the float model."""
        rate = {"learning_rate": RATES[self.network], "decay": "cosine"}
        return {"epochs": self.float_epochs, "batch_size": 128, "seed": self.seed, **rate}


def train(case: Case) -> None:
    """The float model, if it is not there."""
    if (case.folder / "train.json").is_file():
        return
    options = {"data": {"dataset": "fashion-mnist", "validation": VALIDATION}, "train": case.options}
    command = [sys.executable, "-m", "edgewright.stages.training.train", "--source", SOURCES[case.network]]
    command += ["--out", case.folder / "float.h5", "--stats", case.folder / "train.json"]
    subprocess.run([*map(str, command), "--options", json.dumps(options)], check=True)


def measure(case: Case) -> dict[str, float]:
    """Accuracies of one case, 0..1, and the share of int8 codes that the activations use, 0..1."""
    place = case.folder / f"result-{case.float_epochs}-{case.epochs}.json"
    if place.is_file():
        found: dict[str, float] = read_json(place)
        return found
    train(case)
    rows = _trained(case)
    write_json(place, rows)
    return rows


def _trained(case: Case) -> dict[str, float]:
    from edgewright.datasets import load_data, split
    from edgewright.training import conversion, keras, qat
    from edgewright.training.tensorflow import start

    tf = start(0)
    whole = load_data(Data(dataset="fashion-mnist"))
    data, test = split(whole, Data(validation=VALIDATION)), (whole.test_x, whole.test_y)
    samples = conversion.calibration(data.train_x, SAMPLES, 0)
    where = str(case.folder / "float.h5")
    model = keras.load(tf, Path(where), None)
    means = qat.Means(where, samples, None, lambda made: conversion.int8(tf, made, samples, where))
    files = {"float": conversion.float32(tf, model, where), "int8": means.convert(model)}
    for name in STARTS:
        files[name] = _qat_from(name, case, (tf, model, data), means)
    rows = {name: _accuracy(tf, content, *test) for name, content in files.items()}
    return rows | {f"{name}_codes": codes(tf, files[name], data.validation_x[:SAMPLES]) for name in STARTS}


def _qat_from(start: str, case: Case, loaded: tuple[Any, Any, Any], means: Any) -> bytes:
    """The int8 model after a training whose ranges begin so."""
    from edgewright.training import qat, qat_ranges
    from edgewright.training.checkpoint import Checkpoint, key_of
    from edgewright.training.epochs import Run

    tf, model, data = loaded
    training = Train(**case.options)
    checkpoint = Checkpoint(case.folder / f"{start}.h5", key_of([start, case.epochs], [Path(means.where)]))
    run = Run(f"{case.network} {case.seed} {start}", data, training, checkpoint)
    prepared = qat.prepared_for(tf, model, "qat", means.where)
    if start == "calibrated":
        qat_ranges.start(prepared.learner, means.samples)
    made = qat.learned(tf, prepared, "qat", qat.options(run, case.epochs, None), means)
    checkpoint.remove()
    return made.tflite


def _accuracy(tf: Any, tflite: bytes, x: Any, y: Any) -> float:
    from edgewright.training import interpreters, judge

    return judge.right(interpreters.outputs(tf, tflite, x), y) / len(y)


def codes(tf: Any, tflite: bytes, x: Any) -> float:
    """The share of the 256 codes between the least and the greatest that appear, the mean over inner activations."""
    from edgewright.training import interpreters

    graph = parse_model(tflite)
    inner = [view.outputs[0] for view in graph.views() if view.outputs[0].id not in graph.outputs]
    low, high = np.full(len(inner), 127), np.full(len(inner), -128)
    for interpreter, _ in interpreters.runs(tf, tflite, x, keep_all=True):
        values = [interpreter.get_tensor(tensor.id) for tensor in inner]
        low = np.minimum(low, [value.min() for value in values])
        high = np.maximum(high, [value.max() for value in values])
    return float(np.mean((high - low + 1) / 256))


def table(rows: dict[str, list[dict[str, float]]]) -> str:
    """Means over the seeds, and the least and the greatest gain of one seed."""
    lines = [
        "| network | seeds | float | int8 | from -6 to 6 | from calibrated | gain, points | codes used | then |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, found in rows.items():
        means = [f"{np.mean([row[column] for row in found]):.2%}" for column in COLUMNS]
        gains = [100 * (row["calibrated"] - row["library"]) for row in found]
        gain = f"{np.mean(gains):+.2f} ({min(gains):+.2f} to {max(gains):+.2f})"
        used = [f"{np.mean([row[f'{start}_codes'] for row in found]):.0%}" for start in STARTS]
        lines.append(f"| {' | '.join([f'`{name}`', str(len(found)), *means, gain, *used])} |")
    return "\n".join(lines)


def _kept(length: dict[str, int]) -> dict[str, list[dict[str, float]]]:
    """The rows of networks that an earlier run measured with trainings of this length."""
    place = RESULT.with_suffix(".json")
    found = read_json(place) if place.is_file() else {}
    same = all(found.get(key) == value for key, value in length.items())
    return dict(found["rows"]) if found and same else {}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.qat_start", description=__doc__)
    parser.add_argument("--networks", type=listed(SOURCES), default=",".join(SOURCES), metavar="NAMES")
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--float-epochs", type=int, default=5, help="of the float training")
    parser.add_argument("--epochs", type=int, default=1, help="of quantization-aware training, 430 steps each")
    chosen = parser.parse_args(argv)
    length = {"float_epochs": chosen.float_epochs, "epochs": chosen.epochs}
    measured = {}
    for network in chosen.networks:
        cases = [Case(network, int(seed), **length) for seed in chosen.seeds.split(",")]
        measured[network] = [measure(case) for case in cases]
    rows = {**_kept(length), **measured}
    epochs = f"{chosen.float_epochs} epochs in float, then {chosen.epochs} with fake quantization"
    head = f"Fashion-MNIST, {epochs}, test accuracy of the .tflite files: `python -m benchmarks.qat_start`."
    write_text(RESULT.with_suffix(".md"), f"{head}\n\n{table(rows)}\n")
    write_json(
        RESULT.with_suffix(".json"), {"float_epochs": chosen.float_epochs, "epochs": chosen.epochs, "rows": rows}
    )
    print(table(rows))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
