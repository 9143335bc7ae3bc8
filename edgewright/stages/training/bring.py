r"""Import a model of another format: net.keras -> float.h5 or a float .tflite, proven equal to its origin.

    python -m edgewright.stages.training.bring --model net.keras --out build/models/net/float.h5 \
        --facts build/models/net/import.json

The importer of its kind (edgewright/importers/) opens it, in a process whose time and memory are bounded. What the
stage `convert` has converted, --converted and --converted-facts name; that is proven without TensorFlow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgewright.errors import UserError
from edgewright.files import read_json, write_bytes, write_json
from edgewright.importers import Brought, Converted
from edgewright.options.bring import Options
from edgewright.registry import importer_for
from edgewright.several import Several
from edgewright.stage_command import stage
from edgewright.training import warm
from edgewright.training.bounded import bounded, of_import
from edgewright.training.quiet import doing, say

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edgewright.tflite.graph import Tensor

REAL_SAMPLES = 16


def bring(options: Options) -> None:
    """Import and write both files."""
    importer = importer_for(options.model, options.importer)
    if hasattr(importer, "prepare"):
        importer.prepare(say)
    files = map(Path, importer.look(options.model).files)
    given = filter(None, [options.converted, options.calibration])
    bounded(lambda: _bring(options, importer), of_import((*files, *given)), options.model)


def opens_with_tensorflow(options: Options) -> bool:
    """Whether the importer does: what was converted before is proven without."""
    return hasattr(importer_for(options.model, options.importer), "bring")


def _bring(options: Options, importer: Any) -> None:
    where = options.model
    tf, brought = _with_tensorflow(options, importer) if hasattr(importer, "bring") else _converted(options, importer)
    facts = _keep(tf, brought, options)
    becomes = {"becomes": "keras" if brought.keras is not None else "tflite"}
    known = {"source": Path(where).name, "origin": brought.origin, **becomes, **brought.facts, **facts}
    write_json(options.facts, known)
    errors = facts["error"]
    real = "" if errors["real"] is None else f", {errors['real']:.1e} on {facts['real_samples']} real ones"
    say(f"{where}: {brought.origin}, imported; differs by {errors['random']:.1e} on random inputs{real}")


def _with_tensorflow(options: Options, importer: Any) -> tuple[Any, Brought]:
    from edgewright.source import load_source
    from edgewright.training.tensorflow import start

    tf = start(0)
    if options.source is not None:
        load_source(options.source)
    with doing(f"{options.model}: TensorFlow opens it"):
        return tf, importer.bring(tf, options.model, "keras" if options.out.suffix == ".h5" else "tflite")


def _converted(options: Options, importer: Any) -> tuple[None, Brought]:
    if options.converted is None or options.converted_facts is None:
        hint = "run `convert` first, and name what it wrote: --converted FILE --converted-facts FILE"
        raise UserError(options.model, "is not converted yet", hint=hint)
    made = Converted(options.converted.read_bytes(), read_json(options.converted_facts))
    return None, importer.opened(options.model, made)


def _keep(tf: Any, brought: Brought, options: Options) -> dict[str, Any]:
    """Write the model in the form that is asked for; gives what is known of it."""
    from edgewright.tflite.reader import parse_model
    from edgewright.training import conversion, ends, equal, keras

    if options.out.suffix == ".h5":
        real = _real(options, brought, brought.keras.input_names)
        facts = equal.errors(brought, equal.of_keras(tf, brought.keras), real, options.model)
        keras.save(brought.keras, options.out)
        return facts
    tflite = brought.tflite or conversion.float32(tf, brought.keras, options.model)
    graph = parse_model(tflite, options.model)
    places = equal.places_of(brought.inputs, [graph.tensors[number].name for number in graph.inputs])
    names = [each.name for each in brought.inputs]
    if len(places) > 1:  # data find them by these
        tflite = ends.with_inputs(tflite, dict(zip(places, names, strict=True)))
    real = _real(options, brought, names)
    ours = brought.run(tflite) if brought.run else equal.of_tflite(tf, tflite, brought.inputs)
    order = equal.in_order(ours, brought.answer, brought.inputs)
    facts = equal.errors(replace(brought, answer=equal.reordered(brought.answer, order)), ours, real, options.model)
    write_bytes(options.out, tflite)
    return {**facts, "outputs": order}


def _real(options: Options, brought: Brought, names: Sequence[str]) -> Sequence[Sequence[NDArray[Any]]]:
    """Examples that somebody gives or that the data have, each all inputs of the model with a batch of one.

    Args:
        options: what tells where they are.
        brought: whose inputs.
        names: of these in the model that is written.
    """
    from edgewright.tflite.graph import Tensor
    from edgewright.training import from_tflite

    inputs = enumerate(zip(names, brought.inputs, strict=True))
    tensors = [Tensor(place, name, each.shape, each.dtype) for place, (name, each) in inputs]
    if options.calibration is not None:
        return from_tflite.from_file(tensors, options.calibration)[:REAL_SAMPLES]
    return _validation(options, brought, tensors)


def _validation(options: Options, brought: Brought, tensors: Sequence[Tensor]) -> Sequence[Sequence[NDArray[Any]]]:
    """Validation examples, where there are data."""
    if options.data is None:
        return ()
    from edgewright.datasets import load_data
    from edgewright.training.from_tflite import fed

    examples = load_data(options.data, options.source, options.prepared)
    x = examples.part("validation")[0][:REAL_SAMPLES]
    if isinstance(x, Several):
        return fed(tensors, x.arrays, options.model)
    shape = brought.inputs[0].shape
    if len(brought.inputs) != 1 or x[0].size != _size(shape):
        problem = "the model's inputs are not those of the data"
        raise UserError(
            options.model, problem, got=[each.shape for each in brought.inputs], allowed=str((1, *x.shape[1:]))
        )
    return [[example.reshape(shape)] for example in x]


def _size(shape: Sequence[int]) -> int:
    total = 1
    for each in shape:
        total *= each
    return total


main = stage(Options, bring)

if __name__ == "__main__":
    warm.run(main, opens_with_tensorflow)
