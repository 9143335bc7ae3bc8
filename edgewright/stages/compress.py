r"""Run one compression pass: model.h5 -> smaller model.h5.

    python -m edgewright.stages.compress --pass prune --model build/models/fashion_cnn/float.h5 --out pruned.h5 \
        --stats compress.json --options '{"compress":{},"data":{"dataset":"fashion-mnist"},"train":{}}'

`compress` is a target's `[[compress]]` entry without `pass`; see edgewright/passes. The statistics prove that the model
still converts to full-integer TFLite.
"""

from __future__ import annotations

import argparse
import dataclasses
import gzip
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from edgewright.errors import UserError, UserErrors
from edgewright.files import write_json
from edgewright.stages import _warm
from edgewright.stages._cli import json_object, section
from edgewright.stages._options import Data, Training, read

NAME = "edgewright.stages.compress"
PROOF_SAMPLES = 16  # enough to convert; the ranges of the real conversion come from many more


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog=f"python -m {NAME}", description="Run one compression pass.")
    parser.add_argument("--pass", dest="name", required=True, metavar="NAME", help="a module of edgewright/passes")
    parser.add_argument("--options", required=True, metavar="JSON", help="sections compress, data and train")
    parser.add_argument("--model", type=Path, required=True, metavar="in.h5")
    parser.add_argument("--reference", type=Path, metavar="float.h5", help="the model before the first pass")
    parser.add_argument("--out", type=Path, required=True, metavar="out.h5")
    parser.add_argument("--stats", type=Path, required=True, metavar="compress.json", help="sparsity and counts")
    parser.add_argument("--source", type=Path, metavar="model.py", help="for own data or own layers")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Compress and write both files."""
    from edgewright.registry import passes

    args = arguments(argv)
    options = json_object(args.options)
    module = passes.load(args.name)
    chosen = _validated(module, section(options, "compress"))
    _compress(args, module, chosen, read(options, "data", Data), read(options, "train", Training))
    return 0


def _validated(module: ModuleType, entry: dict[str, Any]) -> Any:
    from pydantic import ValidationError

    try:
        return module.OPTIONS.model_validate(entry)
    except ValidationError as error:
        faults = [(".".join(["compress", *map(str, fault["loc"])]), fault) for fault in error.errors()]
        raise UserErrors([UserError(f"--options: {at}", f["msg"], got=f["input"]) for at, f in faults]) from error


def _compress(args: argparse.Namespace, module: ModuleType, chosen: Any, data: Data, training: Training) -> None:
    from edgewright.datasets import load_data, sources_of, split
    from edgewright.passes import Facts
    from edgewright.stages import _convert, _keras
    from edgewright.stages._session import Session
    from edgewright.stages._tensorflow import start

    tf = start(training.seed)
    examples = split(load_data(dataclasses.asdict(data), args.source), data.validation)
    _check(module, chosen, Facts(len(examples.train_x), training.epochs, training.batch_size))
    own = module.inputs(chosen) if hasattr(module, "inputs") else []
    session = Session(tf, args, examples, training, [*own, *sources_of(dataclasses.asdict(data), args.source)])
    model = module.apply(_keras.load(tf, args.model, args.source), examples, chosen, session)
    tflite = _convert.int8(tf, model, _convert.calibration(examples.train_x, PROOF_SAMPLES, 0), str(args.out))
    _keras.save(model, args.out)
    statistics = _statistics(args.name, chosen, model, tflite, session)
    write_json(args.stats, statistics)
    if args.name == "cluster":
        for name, (values, in_a_channel) in statistics["int8_values"].items():
            session.say(f"{name}: {values} different int8 weights, {in_a_channel} in a channel")
    session.close()


def _statistics(name: str, chosen: Any, model: Any, tflite: bytes, session: Any) -> dict[str, Any]:
    from edgewright.passes import _macs
    from edgewright.stages import _keras
    from edgewright.tflite.describe import weight_values
    from edgewright.tflite.reader import parse_model

    rows = _keras.layers(model)
    return {
        "pass": name,
        "options": chosen.model_dump(mode="json"),
        "layers": rows,
        **_keras.totals(rows),
        "macs": _macs.total(model),
        "int8_tflite_bytes": len(tflite),
        "int8_tflite_gzip_bytes": len(gzip.compress(tflite, 9, mtime=0)),
        "int8_values": weight_values(parse_model(tflite, name)),
        "notes": session.notes,
        "trainings": session.histories,
    }


def _check(module: ModuleType, chosen: Any, facts: Any) -> None:
    faults = module.check(chosen, facts, "compress") if hasattr(module, "check") else []
    if faults:
        raise UserErrors(faults)


if __name__ == "__main__":
    _warm.run(NAME, arguments)
