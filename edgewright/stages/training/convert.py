r"""Convert a model of another framework, in processes of its own: net.onnx -> a float .tflite, which `bring` proves.

    python -m edgewright.stages.training.convert --model net.onnx --out build/models/net/converted.tflite \
        --facts build/models/net/converted.json

Nothing of TensorFlow is in memory meanwhile, and neither data nor options of the import are read: those change, and the
model need not be converted anew. Time and memory are bounded.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from edgewright.errors import UserError
from edgewright.files import write_bytes, write_json
from edgewright.importers import Converted
from edgewright.options.convert import Options
from edgewright.registry import importer_for
from edgewright.stage_command import stage
from edgewright.training import warm
from edgewright.training.bounded import bounded, of_import
from edgewright.training.quiet import say


def convert(options: Options) -> None:
    """Convert and write both files."""
    importer = importer_for(options.model, options.importer)
    if not hasattr(importer, "convert"):
        raise UserError(options.model, "no converter takes it", hint="`bring` opens it as it is")
    if hasattr(importer, "prepare"):
        importer.prepare(say)
    files = importer.look(options.model).files
    bounded(lambda: _convert(options, importer), of_import(map(Path, files)), options.model)


def _convert(options: Options, importer: Any) -> None:
    made: Converted = importer.convert(options.model)
    write_bytes(options.out, made.tflite)
    write_json(options.facts, made.known)
    say(f"{options.model}: converted, {len(made.tflite):,} bytes in float32")


main = stage(Options, convert)

if __name__ == "__main__":
    warm.run(main, lambda _: False)
