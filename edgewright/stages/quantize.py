r"""Convert a model to TFLite: model.h5 -> <model>.tflite, full-integer int8 (or float32, the reference of sizes).

    python -m edgewright.stages.quantize --model build/models/fashion_cnn/float.h5 --out fashion_cnn.tflite \
        --stats quantize.json --options '{"data":{"dataset":"fashion-mnist"},"quantize":{"calibration_samples":256}}'

The representative data set is drawn from the training data by the seed.
"""

from __future__ import annotations

import argparse
import gzip
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from edgewright.errors import UserError
from edgewright.files import write_bytes, write_json
from edgewright.stages import _warm
from edgewright.stages._cli import json_object
from edgewright.stages._options import Data, read
from edgewright.stages._quantization import Quantization
from edgewright.stages._quiet import say

NAME = "edgewright.stages.quantize"
SCHEMES = ("int8", "float32")


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog=f"python -m {NAME}", description="Convert a model to TFLite.")
    parser.add_argument("--options", required=True, metavar="JSON", help="sections data and quantize")
    parser.add_argument("--model", type=Path, required=True, metavar="in.h5")
    parser.add_argument("--out", type=Path, required=True, metavar="out.tflite")
    parser.add_argument("--stats", type=Path, required=True, metavar="quantize.json", help="what is in the file")
    parser.add_argument("--source", type=Path, metavar="model.py", help="for own data or own layers")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Convert and write both files."""
    args = arguments(argv)
    options = json_object(args.options)
    data, chosen = read(options, "data", Data), read(options, "quantize", Quantization)
    if chosen.scheme not in SCHEMES:
        raise UserError("[quantize] scheme", "unknown scheme", got=chosen.scheme, allowed=SCHEMES)
    tflite, macs = _to_tflite(args, data, chosen)
    write_bytes(args.out, tflite)
    facts = {**_facts(tflite, chosen), "macs": macs}
    write_json(args.stats, facts)
    say(f"quantize {args.out.stem}: {chosen.scheme}, {len(tflite):,} bytes ({facts['tflite_gzip_bytes']:,} gzipped)")
    return 0


def _to_tflite(args: argparse.Namespace, data: Data, chosen: Quantization) -> tuple[bytes, int]:
    """The converted model, and the multiply-accumulates of one inference."""
    from edgewright.datasets import load_data, split
    from edgewright.passes import _macs
    from edgewright.stages import _convert, _grid, _keras
    from edgewright.stages._tensorflow import start

    tf = start(chosen.seed)
    model = _keras.load(tf, args.model, args.source)
    if chosen.scheme == "float32":
        return _convert.float32(tf, model, str(args.model)), _macs.total(model)
    train_x = split(load_data(asdict(data), args.source), data.validation).train_x
    samples = _convert.calibration(train_x, chosen.calibration_samples, chosen.seed)
    return _grid.regrid(_convert.int8(tf, model, samples, str(args.model))), _macs.total(model)


def _facts(tflite: bytes, chosen: Quantization) -> dict[str, Any]:
    from edgewright.stages import _flatbuffer

    sizes = {"tflite_bytes": len(tflite), "tflite_gzip_bytes": len(gzip.compress(tflite, 9, mtime=0))}
    calibration = {"calibration_samples": chosen.calibration_samples if chosen.scheme == "int8" else 0}
    return {"scheme": chosen.scheme, **_flatbuffer.describe(tflite), **sizes, **calibration}


if __name__ == "__main__":
    _warm.run(NAME, arguments)
