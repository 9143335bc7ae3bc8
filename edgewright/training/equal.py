"""An imported model beside its origin: the same numbers for the same inputs, random ones and real ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from edgewright.errors import ToolError, UserError
from edgewright.importers import Answer, Brought, Input
from edgewright.tflite.ends import bare_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

TOLERANCE = 1e-4
"""Largest difference that is taken for rounding, as a part of the greatest magnitude of the output, or of 1."""

SAMPLES = 4


def errors(brought: Brought, ours: Answer, real: Sequence[Sequence[NDArray[Any]]], where: str) -> dict[str, Any]:
    """The largest differences, as parts of the greatest magnitude of the output: "random", and "real" or None.

    Args:
        brought: what was imported, with the origin's answers.
        ours: those of the imported model.
        real: examples, each all inputs of the model with a batch of one; empty where there are none.
        where: place for messages.

    Raises:
        ToolError: a difference is larger than `TOLERANCE`, or an output has another shape, or is no number.
        UserError: the origin's own is none.
    """
    found = {
        "random": _largest(brought.answer, ours, list(_random(brought.inputs)), where),
        "real": _largest(brought.answer, ours, real, where) if len(real) else None,
    }
    return {"error": found, "tolerance": TOLERANCE, "random_samples": SAMPLES, "real_samples": len(real)}


def _random(inputs: Sequence[Input]) -> Sequence[Sequence[NDArray[Any]]]:
    import numpy as np

    random = np.random.default_rng(0)
    return [[_numbers(random, each) for each in inputs] for _ in range(SAMPLES)]


def _numbers(random: Any, each: Input) -> NDArray[Any]:
    if each.dtype.startswith("float"):
        return random.standard_normal(each.shape).astype(each.dtype)  # type: ignore[no-any-return]
    return random.integers(0, 2, each.shape).astype(each.dtype)  # type: ignore[no-any-return]


def _largest(origin: Answer, ours: Answer, inputs: Sequence[Sequence[NDArray[Any]]], where: str) -> float:
    return max(_difference(origin(each), ours(each), where) for each in inputs)


def _difference(theirs: Sequence[NDArray[Any]], ours: Sequence[NDArray[Any]], where: str) -> float:
    """The largest difference of one inference."""
    if [value.size for value in theirs] != [value.size for value in ours]:
        shapes = f"{[value.shape for value in ours]}, of the origin {[value.shape for value in theirs]}"
        raise ToolError(f"{where}: imported, the model gives outputs of other shapes: {shapes}")
    return max(_of_output(index, *pair, where) for index, pair in enumerate(zip(theirs, ours, strict=True)))


def in_order(ours: Answer, theirs: Answer, inputs: Sequence[Input]) -> list[int]:
    """Which output of the origin each of a .tflite is, by their numbers: converters order them anew."""
    import numpy as np

    example = _random(inputs)[0]
    wanted, left, found = theirs(example), list(range(len(theirs(example)))), []
    for value in ours(example):
        same = [index for index in left if wanted[index].size == value.size]
        if not same:
            return list(range(len(wanted)))
        far = [float(np.max(np.abs(wanted[index].reshape(-1) - value.reshape(-1)), initial=0.0)) for index in same]
        found.append(same[int(np.argmin(far))])
        left.remove(found[-1])
    return found if not left else list(range(len(wanted)))


def reordered(answer: Answer, order: Sequence[int]) -> Answer:
    """The same with its outputs in another order."""

    def called(values: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        outputs = answer(values)
        return [outputs[index] for index in order]

    return called


def _of_output(index: int, theirs: NDArray[Any], ours: NDArray[Any], where: str) -> float:
    import numpy as np

    if not np.isfinite(theirs).all():
        problem = f"the model itself gives NaN or infinity in output {index}"
        raise UserError(where, problem, hint="look at its weights: one that is no number spoils all that come after it")
    size = max(1.0, float(np.max(np.abs(theirs), initial=0.0)))
    error = float(np.max(np.abs(theirs.reshape(-1).astype(np.float64) - ours.reshape(-1)), initial=0.0)) / size
    if not error <= TOLERANCE:
        raise ToolError(
            f"{where}: imported, the model gives other numbers in output {index}, by up to {error:g} of the largest"
        )
    return error


def of_keras(tf: Any, model: Any) -> Answer:
    """The answers of a Keras model."""

    def answer(inputs: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        values = [tf.constant(value) for value in inputs]
        outputs = model(values[0] if len(values) == 1 else values, training=False)
        return [tensor.numpy() for tensor in tf.nest.flatten(outputs)]

    return answer


def of_tflite(tf: Any, tflite: bytes, inputs: Sequence[Input]) -> Answer:
    """Those of a .tflite, whose inputs are found by the names of `inputs`, or by their order."""
    interpreter = tf.lite.Interpreter(model_content=tflite)
    with _told():
        interpreter.allocate_tensors()
    details = interpreter.get_input_details()
    places = [details[place] for place in places_of(inputs, [each["name"] for each in details])]

    def answer(values: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        interpreter.reset_all_variables()
        for place, value in zip(places, values, strict=True):
            interpreter.set_tensor(place["index"], value.reshape(place["shape"]).astype(place["dtype"]))
        with _told():
            interpreter.invoke()
        return [interpreter.get_tensor(place["index"]) for place in interpreter.get_output_details()]

    return answer


@contextmanager
def _told() -> Iterator[None]:
    """ToolError where TensorFlow Lite cannot run what was converted."""
    try:
        yield
    except RuntimeError as error:
        hint = "a device needs every length before it runs: take operators whose outputs have one size"
        problem = f"imported, the model does not run in TensorFlow Lite: {str(error).splitlines()[0]}"
        raise ToolError(f"{problem}\n  hint: {hint}") from error


def places_of(inputs: Sequence[Input], names: Sequence[str]) -> list[int]:
    """Where each input stands among those of a .tflite: by their names, or in order where these tell nothing."""

    def place(each: Input) -> int | None:
        own = {each.name, bare_name(each.name)}
        return next((place for place, name in enumerate(names) if own & {name, bare_name(name)}), None)

    found = [place(each) for each in inputs]
    known = [place for place in found if place is not None]
    return known if len(known) == len(inputs) == len(names) else list(range(len(names)))
