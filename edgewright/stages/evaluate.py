r"""Measure the accuracy of a Keras model on validation or test data: model.h5 -> eval.json.

    python -m edgewright.stages.evaluate --model build/models/fashion_cnn/float.h5 --split validation \
        --out eval.json --options '{"data":{"dataset":"fashion-mnist"},"metric":{"kind":"top1"}}'

For steps of a build use validation data; test data are for final figures.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from edgewright.errors import UserError
from edgewright.files import write_json
from edgewright.stages import _warm
from edgewright.stages._cli import json_object, section
from edgewright.stages._options import Data, read
from edgewright.stages._quiet import say

NAME = "edgewright.stages.evaluate"
METRICS = ("top1",)


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog=f"python -m {NAME}", description="Measure the accuracy of a Keras model.")
    parser.add_argument("--options", required=True, metavar="JSON", help="sections data and metric")
    parser.add_argument("--split", choices=("validation", "test"), default="validation")
    parser.add_argument("--model", type=Path, required=True, metavar="in.h5")
    parser.add_argument("--out", type=Path, required=True, metavar="eval.json")
    parser.add_argument("--source", type=Path, metavar="model.py", help="for own data or own layers")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Evaluate, write the file and print one line."""
    args = arguments(argv)
    options = json_object(args.options)
    kind = section(options, "metric").get("kind", "top1")
    if kind not in METRICS:
        raise UserError("[metric] kind", "unknown metric", got=kind, allowed=METRICS)
    value, samples = _top1(args, read(options, "data", Data))
    write_json(args.out, {"metric": kind, "split": args.split, "value": value, "samples": samples})
    say(f"evaluate {args.model}: {kind} {value:.2%} of {samples:,} {args.split} examples")
    return 0


def _top1(args: argparse.Namespace, data: Data) -> tuple[float, int]:
    """The share of examples whose class gets the highest output, and how many examples."""
    from edgewright.stages import _keras
    from edgewright.stages._tensorflow import start

    tf = start(0)
    x, y = _examples(args, data)
    outputs = _keras.load(tf, args.model, args.source).predict(x, batch_size=1000, verbose=0)
    right = int((outputs.reshape(len(y), -1).argmax(axis=1) == y).sum())
    return right / len(y), len(y)


def _examples(args: argparse.Namespace, data: Data) -> tuple[Any, Any]:
    from edgewright.datasets import load_data, split

    dataset = load_data(asdict(data), args.source)
    if args.split == "test":
        return dataset.test_x, dataset.test_y
    parts = split(dataset, data.validation)
    return parts.validation_x, parts.validation_y


if __name__ == "__main__":
    _warm.run(NAME, arguments)
