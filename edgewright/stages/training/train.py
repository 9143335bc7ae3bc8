r"""Train a model: models/<m>/model.py -> float.h5.

    python -m edgewright.stages.training.train --source models/fashion_cnn/model.py \
        --out build/models/fashion_cnn/float.h5 --stats build/models/fashion_cnn/train.json \
        --options '{"data":{"dataset":"fashion-mnist"},"train":{}}'

The same arguments give the same bytes. A killed training goes on after its last whole epoch.
"""

from __future__ import annotations

from typing import Any

from edgewright.files import write_json
from edgewright.options import sections
from edgewright.options.train import Options
from edgewright.stage_command import stage
from edgewright.training import warm


def train(options: Options) -> None:
    """Train and write both files."""
    from edgewright.datasets import sources_of
    from edgewright.training import fitting, keras
    from edgewright.training.built import built
    from edgewright.training.checkpoint import Checkpoint, key_of
    from edgewright.training.fit import Lesson, fit, run_of
    from edgewright.training.quiet import say
    from edgewright.training.tensorflow import start

    tf, source = start(options.train.seed), options.source
    examples = _examples(options)
    model = built(source, options.build)
    title = f"train {source.parent.name}"
    fitting.check(tf, model, examples, options.task, str(source))
    if warning := fitting.no_scores(model, options.task):
        say(f"{title}: {warning}")
    if warning := fitting.raw_inputs(model, examples.train_x):
        say(f"{title}: {warning}")
    key = key_of(sections(options), sources_of(options.data, source, options.prepared))
    checkpoint = Checkpoint(options.out, key)
    run = run_of(title, Lesson(options.task, examples, source), options.train, checkpoint)
    history = fit(tf, model, run)
    keras.save(model, options.out)
    counts = {"examples": len(examples.train_x), "validation_examples": len(examples.validation_x)}
    weights = keras.totals(keras.layers(model))["weights"]
    write_json(options.stats, {"model": source.parent.name, **counts, "weights": weights, "epochs": history})
    checkpoint.remove()


def _examples(options: Options) -> Any:
    """Training and validation data, as the task needs them."""
    from edgewright.datasets import load_data
    from edgewright.sections.task import Task

    task = Task.model_validate(options.task.model_dump(exclude_defaults=True))
    return load_data(options.data, options.source, options.prepared, task).training.first(options.train.examples)


main = stage(Options, train)

if __name__ == "__main__":
    warm.run(main)
