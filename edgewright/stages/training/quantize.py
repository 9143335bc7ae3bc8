r"""Convert a model to TFLite: model.h5 -> <model>.tflite, in one of the schemes of `[quantize]`.

    python -m edgewright.stages.training.quantize --model build/models/fashion_cnn/float.h5 --out fashion_cnn.tflite \
        --stats quantize.json --options '{"data":{"dataset":"fashion-mnist"},"quantize":{"calibration_samples":256}}'

The representative data set is drawn from the training data by the seed. Where quantization-aware training may be run
(int8 with qat = "auto", the default, or "always") the section `train` says how.
"""

from __future__ import annotations

from typing import Any

from edgewright.files import write_bytes, write_json
from edgewright.options import sections
from edgewright.options.quantize import Options
from edgewright.sections.quantize import Quantize
from edgewright.stages._command import stage
from edgewright.stages.training import _warm
from edgewright.stages.training._checkpoint import Checkpoint, key_of
from edgewright.stages.training._int8 import Made
from edgewright.stages.training._quiet import say


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
    from edgewright.passes import _macs
    from edgewright.stages.training import _convert, _keras, _traced
    from edgewright.stages.training._tensorflow import start

    chosen, where = options.quantize, str(options.model)
    tf = start(chosen.seed)
    model = _keras.load(tf, options.model, options.source)
    macs = {"macs": _macs.total(model)}
    if chosen.recurrent == "steps":
        _traced.stepwise(model)
    if chosen.scheme in _convert.WITHOUT_EXAMPLES:
        return Made(_convert.WITHOUT_EXAMPLES[chosen.scheme](tf, model, where), macs)
    made = _with_examples(options, (tf, model, where))
    return Made(made.tflite, {**made.facts, **macs})


def _with_examples(options: Options, loaded: tuple[Any, Any, str]) -> Made:
    from edgewright.datasets import load_data, split
    from edgewright.stages.training import _convert, _int8, _qat

    (tf, model, where), chosen = loaded, options.quantize
    examples = split(load_data(options.data, options.source), options.data)
    samples = _convert.calibration(examples.train_x, chosen.calibration_samples, chosen.seed)
    counted = {"calibration_samples": len(samples)}
    if chosen.scheme == "int16x8":
        return Made(_convert.int16x8(tf, model, samples, where), counted)

    def train(model: Any, kind: str, means: _qat.Means) -> _qat.Trained:
        from edgewright.stages.training import _fit

        title = f"quantize {options.out.stem} ({kind})"
        run = _fit.Run(title, examples, options.train, _checkpoint(options))
        return _qat.trained(tf, model, kind, _qat.options(run, chosen.qat_epochs, chosen.qat_learning_rate), means)

    made = _int8.make(_int8.Task(tf, model, where, examples, samples, chosen), train)
    return Made(made.tflite, {**made.facts, **counted})


def _checkpoint(options: Options) -> Checkpoint:
    """Of quantization-aware training: a build that was killed goes on from there."""
    if not options.quantize.trains:
        return Checkpoint(options.out, "")
    from edgewright.datasets import sources_of

    files = [options.model, *sources_of(options.data, options.source)]
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
        text += (
            f", {judged['quantized']:.2%} of {judged['examples']:,} validation examples, float {judged['float']:.2%}"
        )
    return text


main = stage(Options, quantize)

if __name__ == "__main__":
    _warm.run(main)
