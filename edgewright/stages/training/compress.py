r"""Run one compression pass: model.h5 -> smaller model.h5.

    python -m edgewright.stages.training.compress --pass prune --model build/models/fashion_cnn/float.h5 \
        --out pruned.h5 --stats compress.json --options '{"compress":{},"data":{"dataset":"fashion-mnist"},"train":{}}'

`compress` is a target's `[[compress]]` entry without `pass`; see edgewright/passes. The statistics prove that the model
still converts to full-integer TFLite.
"""

from __future__ import annotations

import gzip
from types import ModuleType
from typing import Any

from edgewright.errors import UserErrors
from edgewright.files import write_json
from edgewright.options.compress import Options
from edgewright.registry import passes
from edgewright.stage_command import stage
from edgewright.stages._chosen import chosen
from edgewright.training import warm

PROOF_SAMPLES = 16  # enough to convert; the ranges of the real conversion come from many more


def compress(options: Options) -> None:
    """Compress and write both files."""
    from edgewright.datasets import load_data, sources_of
    from edgewright.passes import Facts
    from edgewright.training import conversion, keras
    from edgewright.training.session import Session
    from edgewright.training.tensorflow import start

    module, chosen_options = chosen(passes, options.pass_, options.compress, "compress")
    name, train = options.pass_, options.train
    tf = start(train.seed)
    examples = load_data(options.data, options.source, options.prepared, options.task).training
    examples = examples.first(train.examples)
    _check(module, chosen_options, Facts(len(examples.train_x), train.epochs, train.batch_size))
    own = module.inputs(chosen_options) if hasattr(module, "inputs") else []
    read = sources_of(options.data, options.source, options.prepared)
    session = Session(tf, options, examples, [*own, *read])
    model = module.apply(keras.load(tf, options.model, options.source), examples, chosen_options, session)
    tflite = conversion.int8(tf, model, conversion.calibration(examples.train_x, PROOF_SAMPLES, 0), str(options.out))
    keras.save(model, options.out)
    statistics = _statistics(name, chosen_options, model, tflite, session)
    write_json(options.stats, statistics)
    if name == "cluster":
        for layer, (values, in_a_channel) in statistics["int8_values"].items():
            session.say(f"{layer}: {values} different int8 weights, {in_a_channel} in a channel")
    session.close()


def _statistics(name: str, chosen_options: Any, model: Any, tflite: bytes, session: Any) -> dict[str, Any]:
    from edgewright.passes.keras_model import mac_counts
    from edgewright.tflite.describe import weight_values
    from edgewright.tflite.reader import parse_model
    from edgewright.training import keras

    rows = keras.layers(model)
    return {
        "pass": name,
        "options": chosen_options.model_dump(mode="json"),
        "layers": rows,
        **keras.totals(rows),
        "macs": mac_counts.total(model),
        "int8_tflite_bytes": len(tflite),
        "int8_tflite_gzip_bytes": len(gzip.compress(tflite, 9, mtime=0)),
        "int8_values": weight_values(parse_model(tflite, name)),
        "notes": session.notes,
        "trainings": session.histories,
    }


def _check(module: ModuleType, chosen_options: Any, facts: Any) -> None:
    faults = module.check(chosen_options, facts, "compress") if hasattr(module, "check") else []
    if faults:
        raise UserErrors(faults)


main = stage(Options, compress)

if __name__ == "__main__":
    warm.run(main)
