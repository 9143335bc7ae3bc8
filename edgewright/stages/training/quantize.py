r"""Convert a model to TFLite: model.h5, or a float .tflite -> <model>.tflite, in one of the schemes of `[quantize]`.

    python -m edgewright.stages.training.quantize --model build/models/fashion_cnn/float.h5 --out fashion_cnn.tflite \
        --stats quantize.json --options '{"data":{"dataset":"fashion-mnist"},"quantize":{"calibration_samples":256}}'

The representative data set is drawn from the training data by the seed. Where quantization-aware training may be run
(int8 with qat = "auto", the default, or "always") the section `train` says how.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from edgewright.files import write_bytes, write_json
from edgewright.metrics import Terms
from edgewright.options import sections
from edgewright.options.quantize import Options
from edgewright.sections.quantize import Quantize
from edgewright.stage_command import stage
from edgewright.training import warm
from edgewright.training.checkpoint import Checkpoint, key_of
from edgewright.training.made import Made
from edgewright.training.quiet import say


def quantize(options: Options) -> None:
    """Convert and write both files."""
    made = _make(options)
    write_bytes(options.out, made.tflite)
    facts = _facts(made, options.quantize)
    write_json(options.stats, facts)
    say(f"quantize {options.out.stem}: {_summary(facts)}")
    _checkpoint(options).remove()


def _make(options: Options) -> Made:
    """The converted model, with the multiply-accumulates of one inference among its facts."""
    from edgewright.passes.keras_model import mac_counts
    from edgewright.training import conversion, from_tflite, keras, traced
    from edgewright.training.tensorflow import start

    chosen, where = options.quantize, str(options.model)
    tf = start(chosen.seed)
    if options.model.suffix == ".tflite":
        return from_tflite.make(tf, options)
    model = keras.load(tf, options.model, options.source)
    macs = {"macs": mac_counts.total(model)}
    if chosen.recurrent == "steps":
        traced.stepwise(model)
    if chosen.scheme in conversion.WITHOUT_EXAMPLES:
        return Made(conversion.WITHOUT_EXAMPLES[chosen.scheme](tf, model, where), macs)
    made = (_with_file if options.calibration else _with_examples)(options, (tf, model, where))
    return Made(made.tflite, {**made.facts, **macs})


def _with_file(options: Options, loaded: tuple[Any, Any, str]) -> Made:
    """By inputs that somebody gives, without data to judge it on."""
    from edgewright.tflite.graph import Tensor
    from edgewright.training import conversion, from_tflite, traced

    tf, model, where = loaded
    specs = zip(model.input_names, traced.specs_of(tf, model, where), strict=True)
    inputs = [Tensor(place, name, tuple(spec.shape), spec.dtype.name) for place, (name, spec) in enumerate(specs)]
    feeds = from_tflite.from_file(inputs, options.calibration or Path())
    if options.quantize.scheme == "int16x8":
        return Made(conversion.int16x8(tf, model, feeds, where), {"calibration_samples": len(feeds)})
    return from_tflite.by_ranges(tf, conversion.calibrated(tf, model, feeds, where), feeds, options)


def _with_examples(options: Options, loaded: tuple[Any, Any, str]) -> Made:
    from edgewright.datasets import load_data
    from edgewright.training import conversion, int8, judge, qat

    (tf, model, where), chosen = loaded, options.quantize
    examples = load_data(options.data, options.source, options.prepared, options.task).training
    samples = conversion.calibration(examples.train_x, chosen.calibration_samples, chosen.seed)
    counted = {"calibration_samples": len(samples)}
    if chosen.scheme == "int16x8":
        return Made(conversion.int16x8(tf, model, samples, where), counted)

    truths = judge.validation(examples, options.task, options.source)

    def train(model: Any, kind: str, means: qat.Means) -> qat.Trained:
        from edgewright.training import fit

        title = f"quantize {options.out.stem} ({kind})"
        lesson = fit.Lesson(options.task.learning, examples, options.source)
        run = fit.run_of(title, lesson, options.train, _checkpoint(options))
        return qat.trained(tf, model, kind, qat.options(run, chosen.qat_epochs, chosen.qat_learning_rate), means)

    made = int8.make(int8.Task(tf, model, where, examples, samples, chosen, truths), train)
    return Made(made.tflite, {**made.facts, **counted})


def _checkpoint(options: Options) -> Checkpoint:
    """Of quantization-aware training: a build that was killed goes on from there."""
    if not options.quantize.trains:
        return Checkpoint(options.out, "")
    from edgewright.datasets import sources_of

    files = [options.model, *sources_of(options.data, options.source, options.prepared)]
    return Checkpoint(options.out, key_of(["quantize", sections(options)], files))


def _facts(made: Made, chosen: Quantize) -> dict[str, Any]:
    from edgewright.tflite.describe import describe
    from edgewright.tflite.reader import parse_model
    from edgewright.tflite.values import ranges, spreads

    graph = parse_model(made.tflite, "model")
    values = {"ranges": ranges(graph), "spreads": spreads(graph)}
    return {"scheme": chosen.scheme, **describe(made.tflite), "calibration_samples": 0, **made.facts, **values}


def _summary(facts: dict[str, Any]) -> str:
    """The result in one line."""
    text = f"{facts['scheme']}, {facts['tflite_bytes']:,} bytes ({facts['tflite_gzip_bytes']:,} gzipped)"
    if judged := facts.get("validation"):
        terms = Terms.read(judged)
        ours, floats = terms.show(judged["quantized"]), terms.show(judged["float"])
        text += f", {terms.title} {ours} of {judged['examples']:,} validation examples, float {floats}"
    return text


main = stage(Options, quantize)

if __name__ == "__main__":
    warm.run(main)
