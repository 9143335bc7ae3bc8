r"""Convert a model to TFLite: model.h5 -> <model>.tflite, in one of the schemes of `[quantize]`.

    python -m edgewright.stages.quantize --model build/models/fashion_cnn/float.h5 --out fashion_cnn.tflite \
        --stats quantize.json --options '{"data":{"dataset":"fashion-mnist"},"quantize":{"calibration_samples":256}}'

The representative data set is drawn from the training data by the seed. Where quantization-aware training may be run
(int8 with qat = "auto" or "always") the options have a section `train` as well.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from edgewright.files import write_bytes, write_json
from edgewright.stages import _warm
from edgewright.stages._checkpoint import Checkpoint, key_of
from edgewright.stages._cli import json_object
from edgewright.stages._int8 import Made
from edgewright.stages._options import Data, Training, read
from edgewright.stages._quantization import CALIBRATED, Quantization
from edgewright.stages._quiet import say

NAME = "edgewright.stages.quantize"


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog=f"python -m {NAME}", description="Convert a model to TFLite.")
    parser.add_argument("--options", required=True, metavar="JSON", help="sections data, quantize and perhaps train")
    parser.add_argument("--model", type=Path, required=True, metavar="in.h5")
    parser.add_argument("--out", type=Path, required=True, metavar="out.tflite")
    parser.add_argument("--stats", type=Path, required=True, metavar="quantize.json", help="what is in the file")
    parser.add_argument("--source", type=Path, metavar="model.py", help="for own data or own layers")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Convert and write both files."""
    args = arguments(argv)
    options = json_object(args.options)
    chosen = read(options, "quantize", Quantization)
    chosen.check()
    made = _make(args, options, chosen)
    write_bytes(args.out, made.tflite)
    facts = _facts(made, chosen)
    write_json(args.stats, facts)
    say(f"quantize {args.out.stem}: {_summary(facts)}")
    _checkpoint(args, chosen).remove()
    return 0


def _make(args: argparse.Namespace, options: dict[str, Any], chosen: Quantization) -> Made:
    """The converted model, with the multiply-accumulates of one inference among its facts."""
    from edgewright.passes import _macs
    from edgewright.stages import _convert, _keras, _traced
    from edgewright.stages._tensorflow import start

    tf, where = start(chosen.seed), str(args.model)
    model = _keras.load(tf, args.model, args.source)
    macs = {"macs": _macs.total(model)}
    if chosen.recurrent == "steps":
        _traced.stepwise(model)
    if chosen.scheme in _convert.WITHOUT_EXAMPLES:
        return Made(_convert.WITHOUT_EXAMPLES[chosen.scheme](tf, model, where), macs)
    made = _with_examples(args, options, chosen, (tf, model, where))
    return Made(made.tflite, {**made.facts, **macs})


def _with_examples(
    args: argparse.Namespace, options: dict[str, Any], chosen: Quantization, loaded: tuple[Any, Any, str]
) -> Made:
    from edgewright.datasets import load_data, split
    from edgewright.stages import _convert, _int8, _qat

    tf, model, where = loaded
    data = read(options, "data", Data)
    examples = split(load_data(asdict(data), args.source), data.validation)
    samples = _convert.calibration(examples.train_x, chosen.calibration_samples, chosen.seed)
    if chosen.scheme == "int16x8":
        return Made(_convert.int16x8(tf, model, samples, where))
    training = read(options, "train", Training) if chosen.qat != "never" else Training()

    def train(model: Any, kind: str, means: _qat.Means) -> _qat.Trained:
        from edgewright.stages import _fit

        title = f"quantize {args.out.stem} ({kind})"
        run = _fit.Run(title, examples, training, _checkpoint(args, chosen))
        return _qat.trained(tf, model, kind, _qat.options(run, chosen.qat_epochs, chosen.qat_learning_rate), means)

    return _int8.make(_int8.Task(tf, model, where, examples, samples, chosen), train)


def _checkpoint(args: argparse.Namespace, chosen: Quantization) -> Checkpoint:
    """Of quantization-aware training: a build that was killed goes on from there."""
    files = [path for path in (args.model, args.source) if path and path.is_file()]
    return Checkpoint(args.out, key_of(["quantize", args.options], files) if chosen.qat != "never" else "")


def _facts(made: Made, chosen: Quantization) -> dict[str, Any]:
    from edgewright.tflite.describe import describe

    calibration = {"calibration_samples": chosen.calibration_samples if chosen.scheme in CALIBRATED else 0}
    return {"scheme": chosen.scheme, **describe(made.tflite), **calibration, **made.facts}


def _summary(facts: dict[str, Any]) -> str:
    """The result in one line."""
    text = f"{facts['scheme']}, {facts['tflite_bytes']:,} bytes ({facts['tflite_gzip_bytes']:,} gzipped)"
    if judged := facts.get("validation"):
        text += (
            f", {judged['quantized']:.2%} of {judged['examples']:,} validation examples, float {judged['float']:.2%}"
        )
    return text


if __name__ == "__main__":
    _warm.run(NAME, arguments)
