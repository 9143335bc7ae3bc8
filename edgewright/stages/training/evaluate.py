r"""Measure the accuracy of a float model, of Keras or TFLite, on validation or test data: model.h5 -> eval.json.

    python -m edgewright.stages.training.evaluate --model build/models/fashion_cnn/float.h5 --split validation \
        --out eval.json --options '{"data":{"dataset":"fashion-mnist"}}'

`--answers` takes the class that the model gives to each example, as a NumPy file.

For steps of a build use validation data; test data are for final figures.
"""

from __future__ import annotations

from typing import Any

from edgewright.files import write_array, write_json
from edgewright.options.evaluate import Options
from edgewright.stage_command import stage
from edgewright.training import warm
from edgewright.training.quiet import say


def evaluate(options: Options) -> None:
    """Evaluate, write the file and print one line."""
    value, samples = _top1(options)
    kind, split = options.task.judged_by, options.split
    write_json(options.out, {"metric": kind, "split": split, "value": value, "samples": samples})
    say(f"evaluate {options.model}: {kind} {value:.2%} of {samples:,} {split} examples")


def _top1(options: Options) -> tuple[float, int]:
    """The share of examples whose class gets the highest output, and how many examples."""
    from edgewright.training import keras
    from edgewright.training.tensorflow import start

    tf = start(0)
    x, y = _examples(options)
    outputs = keras.outputs(tf, options.model, options.source, x)
    answers = outputs.reshape(len(y), -1).argmax(axis=1)
    if options.answers:
        write_array(options.answers, answers.astype("int32"))
    right = int((answers == y).sum())
    return right / len(y), len(y)


def _examples(options: Options) -> tuple[Any, Any]:
    from edgewright.datasets import load_data

    return load_data(options.data, options.source, options.prepared).part(options.split)


main = stage(Options, evaluate)

if __name__ == "__main__":
    warm.run(main)
