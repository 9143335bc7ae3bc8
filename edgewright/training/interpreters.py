"""Runs a .tflite inside the TensorFlow process, many examples at once: to judge it, not to give final figures.

Those come from the runtime of the device (`evaluate_tflite`), which must not share a process with TensorFlow.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from edgewright.answers import model_inputs
from edgewright.tflite.reader import parse_model
from edgewright.training.quiet import doing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BATCH = 50


def outputs(tf: Any, tflite: bytes, x: NDArray[np.float32]) -> NDArray[np.float32]:
    """The real values of the model's first output for examples (n, ...): float32 (n, elements)."""
    import numpy as np

    found = []
    for interpreter, count in runs(tf, tflite, x):
        place = interpreter.get_output_details()[0]
        found.append(_real(interpreter.get_tensor(place["index"]), place["quantization"]).reshape(count, -1))
    return np.concatenate(found)


def runs(tf: Any, tflite: bytes, x: NDArray[np.float32], *, keep_all: bool = False) -> Iterator[tuple[Any, int]]:
    """An interpreter after each batch of examples, and how many were in it.

    Args:
        tf: the module `tensorflow`.
        tflite: a model with one input.
        x: examples (n, ...), real values.
        keep_all: what every operator made can be read, not the outputs alone.
    """
    values = model_inputs.as_input(parse_model(tflite, "model"), x)[0]
    values = values.reshape(len(x), *values.shape[2:])  # without the 1 of the model's own batch
    size = min(BATCH, len(x)) if _takes_batches(tf, tflite, values[:2]) else 1
    interpreter, prepared = _interpreter(tf, tflite, keep_all), 0
    for start in range(0, len(x), size):
        part = values[start : start + size]
        if len(part) != prepared:
            prepared = _prepare(interpreter, part)
        interpreter.reset_all_variables()  # an LSTM begins anew with each example, as Keras' does
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], part)
        with doing("TensorFlow's interpreter runs the .tflite"):
            interpreter.invoke()
        yield interpreter, len(part)


def _interpreter(tf: Any, tflite: bytes, keep_all: bool) -> Any:
    plain = tf.lite.experimental.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES  # a delegate keeps what it makes
    options = {"experimental_preserve_all_tensors": True, "experimental_op_resolver_type": plain} if keep_all else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it will move to a package of its own, which TensorFlow cannot live beside
        return tf.lite.Interpreter(model_content=tflite, **options)


def _prepare(interpreter: Any, part: NDArray[Any]) -> int:
    """Make room for a batch; gives its size."""
    interpreter.resize_tensor_input(interpreter.get_input_details()[0]["index"], list(part.shape))
    interpreter.allocate_tensors()
    return len(part)


def _takes_batches(tf: Any, tflite: bytes, pair: NDArray[Any]) -> bool:
    """Whether the model gives an answer each to two examples at once; some are made for one alone."""
    interpreter = _interpreter(tf, tflite, keep_all=False)
    try:
        _prepare(interpreter, pair)
    except (RuntimeError, ValueError):
        return False
    return int(interpreter.get_output_details()[0]["shape"][0]) == len(pair)


def _real(values: NDArray[Any], quantization: tuple[float, int]) -> NDArray[np.float32]:
    import numpy as np

    scale, zero = quantization
    numbers = values.astype(np.float32)
    return numbers if scale == 0 else (numbers - np.float32(zero)) * np.float32(scale)
