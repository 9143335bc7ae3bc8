"""Runs a .tflite inside the TensorFlow process, many examples at once: to judge it, not to give final figures.

Those come from the runtime of the device (`evaluate_tflite`), which must not share a process with TensorFlow.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from edgewright.answers import model_inputs
from edgewright.tflite import ends
from edgewright.tflite.reader import parse_model
from edgewright.training.quiet import doing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from edgewright.several import Values

BATCH = 50


def outputs(tf: Any, tflite: bytes, x: Values, names: Sequence[str] = ()) -> list[NDArray[np.float32]]:
    """The real values of outputs for examples (n, ...): float32 (n, elements) each.

    Args:
        tf: the module `tensorflow`.
        tflite: the model.
        x: examples, real values.
        names: of the outputs; none: the first alone.
    """
    import numpy as np

    places = ends.outputs_of(parse_model(tflite, "model"), names)
    found: list[list[NDArray[np.float32]]] = [[] for _ in places]
    for interpreter, count in runs(tf, tflite, x):
        details = interpreter.get_output_details()
        for values, place in zip(found, places, strict=True):
            output = details[place]
            values.append(_real(interpreter.get_tensor(output["index"]), output["quantization"]).reshape(count, -1))
    return [np.concatenate(values) for values in found]


def runs(tf: Any, tflite: bytes, x: Values, *, keep_all: bool = False) -> Iterator[tuple[Any, int]]:
    """An interpreter after each batch of examples, and how many were in it.

    Args:
        tf: the module `tensorflow`.
        tflite: the model.
        x: examples (n, ...), real values.
        keep_all: what every operator made can be read, not the outputs alone.
    """
    given = model_inputs.as_input(parse_model(tflite, "model"), x)
    inputs = [values.reshape(len(x), *values.shape[2:]) for values in given]  # without the 1 of the model's own batch
    size = min(BATCH, len(x)) if _takes_batches(tf, tflite, [values[:2] for values in inputs]) else 1
    interpreter, prepared = _interpreter(tf, tflite, keep_all), 0
    for start in range(0, len(x), size):
        parts = [values[start : start + size] for values in inputs]
        if len(parts[0]) != prepared:
            prepared = _prepare(interpreter, parts)
        interpreter.reset_all_variables()  # an LSTM begins anew with each example, as Keras' does
        for place, part in zip(interpreter.get_input_details(), parts, strict=True):
            interpreter.set_tensor(place["index"], part)
        with doing("TensorFlow's interpreter runs the .tflite"):
            interpreter.invoke()
        yield interpreter, len(parts[0])


def _interpreter(tf: Any, tflite: bytes, keep_all: bool) -> Any:
    plain = tf.lite.experimental.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES  # a delegate keeps what it makes
    options = {"experimental_preserve_all_tensors": True, "experimental_op_resolver_type": plain} if keep_all else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it will move to a package of its own, which TensorFlow cannot live beside
        return tf.lite.Interpreter(model_content=tflite, **options)


def _prepare(interpreter: Any, parts: Sequence[NDArray[Any]]) -> int:
    """Make room for a batch, one array for each input; gives its size."""
    for place, part in zip(interpreter.get_input_details(), parts, strict=True):
        interpreter.resize_tensor_input(place["index"], list(part.shape))
    interpreter.allocate_tensors()
    return len(parts[0])


def _takes_batches(tf: Any, tflite: bytes, pairs: Sequence[NDArray[Any]]) -> bool:
    """Whether the model gives an answer each to two examples at once; some are made for one alone."""
    interpreter = _interpreter(tf, tflite, keep_all=False)
    try:
        _prepare(interpreter, pairs)
    except (RuntimeError, ValueError):
        return False
    return all(int(place["shape"][0]) == len(pairs[0]) for place in interpreter.get_output_details())


def _real(values: NDArray[Any], quantization: tuple[float, int]) -> NDArray[np.float32]:
    import numpy as np

    scale, zero = quantization
    numbers = values.astype(np.float32)
    return numbers if scale == 0 else (numbers - np.float32(zero)) * np.float32(scale)
