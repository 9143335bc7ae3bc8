"""Functions of TensorFlow as float .tflite files, with a batch of one."""

from __future__ import annotations

import ctypes
import gc
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from edgewright.errors import UserError
from edgewright.importers import Input
from edgewright.importers._loops.runner import Runner, has_loop
from edgewright.tflite.converter_errors import unconverted


def to_tflite(tf: Any, function: Callable[..., Any], inputs: Sequence[Input], where: str) -> bytes:
    """A function as float32 .tflite.

    Args:
        tf: the module `tensorflow`.
        function: of one tensor for each input, to tensors in any nesting.
        inputs: its inputs.
        where: place for messages.

    Raises:
        UserError: an operator has no form in TFLite.
    """
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    # variables of Keras 3 are none that the converter finds: it would leave them in the file, without values
    ready, holder = convert_variables_to_constants_v2(_traced(tf, function, inputs), lower_control_flow=False), None
    if has_loop(ready.graph):
        runner, looped = Runner(tf, ready.graph, where), ready.graph
        ready = _traced(tf, lambda *values: runner.run(looped, values), inputs, autograph=False)
        holder = tf.Module()  # with one the converter saves the function first, and so it keeps LSTMs
        holder.held = list(ready.graph.variables)
    _give_back()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([ready], holder)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = bytes(converter.convert())
    except Exception as error:  # the converter raises what it likes
        _refuse_halves(tf, ready.graph, where)
        raise unconverted(where, error) from error
    del converter, ready
    _give_back()
    return made


def _refuse_halves(tf: Any, graph: Any, where: str) -> None:
    """UserError for operators that compute in half precision: TFLite has few of these, and the converter names one."""
    halves = (tf.float16, tf.bfloat16)
    found = [op for op in graph.get_operations() if any(output.dtype in halves for output in op.outputs)]
    computing = sorted({op.type for op in found} - {"Cast", "Const", "Identity", "Placeholder", "ReadVariableOp"})
    if computing:
        hint = "make the same model with the policy float32, give it these weights, and export that"
        problem = "computes in half precision, which TFLite does not"
        raise UserError(where, problem, got=", ".join(computing[:8]), hint=hint)


def _traced(tf: Any, function: Callable[..., Any], inputs: Sequence[Input], *, autograph: bool = True) -> Any:
    specs = [tf.TensorSpec(each.shape, each.dtype, name=each.name) for each in inputs]
    return tf.function(function, input_signature=specs, autograph=autograph).get_concrete_function()


def _give_back() -> None:
    """Memory that was freed goes back to the system: what was made on the way is as large as what comes next.

    Graphs hold themselves, so they are looked for first: when Python does so by itself depends on what ran before.
    """
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of glibc alone
    if trim is not None:
        trim(0)
