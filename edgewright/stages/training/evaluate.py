r"""Measure what a float model, of Keras or TFLite, is worth on validation or test data: model.h5 -> eval.json.

    python -m edgewright.stages.training.evaluate --model build/models/fashion_cnn/float.h5 --split validation \
        --out eval.json --options '{"data":{"dataset":"fashion-mnist"}}'

`--answers` takes the class that the model gives to each example, as a NumPy file; of other tasks its first output.

For steps of a build use validation data; test data are for final figures.
"""

from __future__ import annotations

from typing import Any

from edgewright import tasks
from edgewright.files import write_array, write_json
from edgewright.options.evaluate import Options
from edgewright.several import each
from edgewright.stage_command import stage
from edgewright.training import warm
from edgewright.training.quiet import say


def evaluate(options: Options) -> None:
    """Evaluate, write the file and print one line."""
    truths = _truths(options)
    outputs = _outputs(options, truths)
    if options.answers:
        write_array(options.answers, _answers(outputs[0], truths))
    found = tasks.figures(outputs, truths)
    write_json(options.out, {**tasks.record(found), "split": options.split})
    say(f"evaluate {options.model}: {found[0].told} of {len(truths):,} {options.split} examples")


def _outputs(options: Options, truths: tasks.Truths) -> list[Any]:
    """What the model gives, in the order of the task's outputs."""
    from edgewright.training import keras
    from edgewright.training.tensorflow import start

    return keras.outputs(start(0), options.model, options.source, truths.inputs, truths.task.names)


def _answers(outputs: Any, truths: tasks.Truths) -> Any:
    """What is told of each example: its class, or else the output itself."""
    kind = truths.task.goals[0].kind
    if kind == "classification":
        return outputs.reshape(len(truths), -1).argmax(axis=1).astype("int32")
    return outputs.astype("float32")


def _truths(options: Options) -> tasks.Truths:
    from edgewright.datasets import load_part

    x, y = load_part(options.split, options.data, options.source, options.prepared, options.task)
    return tasks.Truths(options.task, x, each(y), options.source)


main = stage(Options, evaluate)

if __name__ == "__main__":
    warm.run(main)
