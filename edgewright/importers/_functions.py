"""Functions of TensorFlow as float .tflite files, with a batch of one."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

from edgewright.errors import UserError
from edgewright.importers import Input
from edgewright.tflite.converter_errors import gist


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

    specs = [tf.TensorSpec(each.shape, each.dtype, name=each.name) for each in inputs]
    traced = tf.function(function, input_signature=specs).get_concrete_function()
    # variables of Keras 3 are none that the converter finds: it would leave them in the file, without values
    frozen = convert_variables_to_constants_v2(traced, lower_control_flow=False)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([frozen])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return bytes(converter.convert())
    except Exception as error:  # the converter raises what it likes
        raise UserError(where, f"cannot be converted to TFLite: {gist(error)[:600]}") from error
