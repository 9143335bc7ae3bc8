r"""Train a model: models/<m>/model.py -> float.h5.

    python -m edgewright.stages.train --source models/fashion_cnn/model.py --out build/models/fashion_cnn/float.h5 \
        --stats build/models/fashion_cnn/train.json --options '{"data":{"dataset":"fashion-mnist"},"train":{}}'

The same arguments give the same bytes. A killed training goes on after its last whole epoch.
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
from edgewright.stages._cli import json_object
from edgewright.stages._options import Data, Training, read

NAME = "edgewright.stages.train"


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog=f"python -m {NAME}", description="Train a model.")
    parser.add_argument("--source", type=Path, required=True, metavar="model.py", help="brings build()")
    parser.add_argument("--options", type=str, required=True, metavar="JSON", help="sections data and train")
    parser.add_argument("--out", type=Path, required=True, metavar="float.h5")
    parser.add_argument("--stats", type=Path, required=True, metavar="train.json", help="losses and counts")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Train and write both files."""
    args = arguments(argv)
    options = json_object(args.options)
    data, training = read(options, "data", Data), read(options, "train", Training)
    _train(args, data, training)
    return 0


def _train(args: argparse.Namespace, data: Data, training: Training) -> None:
    from edgewright.datasets import load_data, sources_of, split
    from edgewright.stages import _fitting, _keras
    from edgewright.stages._checkpoint import Checkpoint, key_of
    from edgewright.stages._fit import Run, fit
    from edgewright.stages._quiet import say
    from edgewright.stages._tensorflow import start

    tf = start(training.seed)
    examples = split(load_data(asdict(data), args.source), data.validation)
    model = _build(args.source)
    title = f"train {args.source.parent.name}"
    _fitting.check(tf, model, examples, str(args.source))
    if warning := _fitting.raw_inputs(model, examples.train_x):
        say(f"{title}: {warning}")
    key = key_of([asdict(data), asdict(training)], sources_of(asdict(data), args.source))
    checkpoint = Checkpoint(args.out, key)
    history = fit(tf, model, Run(title, examples, training, checkpoint))
    _keras.save(model, args.out)
    counts = {"examples": len(examples.train_x), "validation_examples": len(examples.validation_x)}
    weights = _keras.totals(_keras.layers(model))["weights"]
    write_json(args.stats, {"model": args.source.parent.name, **counts, "weights": weights, "epochs": history})
    checkpoint.remove()


def _build(source: Path) -> Any:
    """The model that the user's `build()` gives."""
    from edgewright.source import fault_in, load_source

    module = load_source(source)
    if not hasattr(module, "build"):
        raise UserError(str(source), "no function build()", hint="write one that gives a tf.keras model")
    try:
        return module.build()
    except Exception as error:
        raise fault_in(source, error) from error


if __name__ == "__main__":
    _warm.run(NAME, arguments)
