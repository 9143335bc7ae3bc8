"""From Keras to TFLite: as it is, with smaller weights, or full-integer.

int8 comes in two steps: a float32 .tflite that carries the range of each activation (`calibrated`), and int8 from that
(`from_calibrated`), so that ranges can be changed, and operators left out, in between. TensorFlow's
QuantizationDebugger goes the same way.

Weights that were learned as integers are these integers again in every integer model (`grid`).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Union

from edgewright.errors import UserError
from edgewright.passes.tflite_model import quantizable
from edgewright.several import named
from edgewright.tflite.converter_errors import gist, hint_for, unconverted
from edgewright.tflite.describe import float_tensors
from edgewright.tflite.reader import parse_model, subgraph_count
from edgewright.training import ends, grid, leftovers, traced
from edgewright.training.quiet import doing, said

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from edgewright.several import Values


Samples = Union["Values", Sequence[list["NDArray[np.float32]"]]]
"""Examples [N, ...], or for each example a list, an input each with a batch of one."""

QUANTIZATIONS = 16
"""How often a model is quantized before a float that stays is believed: milliseconds each, 0.25^16 = 2e-10."""


def calibration(train_x: Values, samples: int, seed: int) -> Values:
    """The representative data set: `samples` different training examples, chosen by `seed`, or all of fewer."""
    import numpy as np

    chosen = np.random.default_rng(seed).choice(len(train_x), min(samples, len(train_x)), replace=False)
    return train_x[np.sort(chosen)]


def float32(tf: Any, model: Any, where: str) -> bytes:
    """The model as float32 TFLite."""
    return ends.named(_convert(_converter(tf, model, where), where), model)


def int8(tf: Any, model: Any, samples: Values, where: str) -> bytes:
    """The model as full-integer TFLite: int8 input and output, weights per channel; UserError where a float stays."""
    return from_calibrated(tf, calibrated(tf, model, samples, where), where)


def int16x8(tf: Any, model: Any, samples: Samples, where: str) -> bytes:
    """The model as full-integer TFLite with int16 activations and int8 weights; UserError where a float stays."""
    converter = _converter(tf, model, where)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: _one_by_one(samples, model)
    set_16x8 = tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
    converter.target_spec.supported_ops = [set_16x8]
    converter.inference_input_type = tf.int16
    converter.inference_output_type = tf.int16
    tflite = ends.named(_convert(converter, where), model)
    _refuse_floats(tflite, where)
    return grid.regrid(tflite)


def float16(tf: Any, model: Any, where: str) -> bytes:
    """The model as TFLite with float16 weights, which its runtime expands to float32 when it loads them."""
    converter = _converter(tf, model, where)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]
    return ends.named(_convert(converter, where), model)


def dynamic(tf: Any, model: Any, where: str) -> bytes:
    """The model as TFLite with int8 weights and float32 activations, which are quantized while it runs.

    Dense layers have one scale each: per channel they would need version 12 of the operator, and tflite-runtime ends
    at 11.
    """
    converter = _converter(tf, model, where)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter._experimental_disable_per_channel_quantization_for_dense_layers = True
    return ends.named(_convert(converter, where), model)


WITHOUT_EXAMPLES: dict[str, Callable[[Any, Any, str], bytes]] = {
    "float32": float32,
    "float16": float16,
    "dynamic": dynamic,
}
"""Schemes that need no examples: (tensorflow, Keras model, place for messages) -> .tflite."""


def fake_quantized(tf: Any, model: Any, where: str) -> bytes:
    """A model that learned its own ranges, as full-integer TFLite; UserError where a float stays."""
    converter = _converter(tf, model, where)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.int8
    tflite = ends.named(_convert(converter, where), model)
    _refuse_floats(tflite, where)
    return grid.regrid(tflite)


def calibrated(tf: Any, model: Any, samples: Samples, where: str) -> bytes:
    """The model as float32 TFLite; its activations carry the least and the greatest value that `samples` gave them."""
    converter = _converter(tf, model, where)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: _one_by_one(samples, model)
    converter._experimental_calibrate_only = True
    return ends.named(_convert(converter, where), model)


def from_calibrated(tf: Any, ranges: bytes, where: str) -> bytes:
    """Full-integer int8 from what `calibrated` gives; UserError where a float stays.

    TensorFlow's quantizer visits operators in an order that differs from call to call. Where an operator has an output
    that nobody reads (the SPLIT of an unrolled LSTM's first step), one order in four leaves it in float, so that a
    model with floats is quantized anew before it is refused.
    """
    ranges = quantizable.with_ranges(ranges)
    for _ in range(QUANTIZATIONS):
        quantized = _quantize(ranges, where, fully_quantize=True, input_data_type=tf.int8, output_data_type=tf.int8)
        tflite = leftovers.closed(quantized)
        if not any(float_tensors(parse_model(tflite, where))):
            break
    _refuse_floats(tflite, where)
    return grid.regrid(tflite)


def partly_float(tf: Any, ranges: bytes, where: str, floats: Sequence[str]) -> bytes:
    """Int8 but for some operators, named by what they make; float32 input and output."""
    types = {"input_data_type": tf.float32, "output_data_type": tf.float32}
    return _quantize(ranges, where, **types, denylisted_nodes=set(floats))


def _quantize(ranges: bytes, where: str, **options: Any) -> bytes:
    from tensorflow.lite.python.convert import mlir_quantize

    try:
        with doing(f"{where}: TensorFlow quantizes it"):
            return bytes(mlir_quantize(ranges, **options))
    except Exception as error:  # the converter raises what it likes
        raise UserError(where, f"cannot be quantized: {gist(error, said())}") from error


def _converter(tf: Any, model: Any, where: str) -> Any:
    """A converter of the model; UserError where a loop stays, which nothing quantizes."""
    _refuse_loops(tf, model, where)
    return traced.converter(tf, model, where)


@lru_cache(maxsize=4)
def _refuse_loops(tf: Any, model: Any, where: str) -> None:
    """UserError where the converted model has a loop; conversions are cheap beside what TensorFlow does with one."""
    if not traced.has_loop(traced.traced(tf, model, where)):
        return
    if subgraph_count(_convert(traced.converter(tf, model, where), where), where) > 1:
        raise _loop_error(model, where)


def _loop_error(model: Any, where: str) -> UserError:
    named = [f"{layer.name} ({type(layer).__name__})" for layer in traced.layers_of(model) if hasattr(layer, "cell")]
    hint = "take LSTM, GRU or SimpleRNN, which become operators or are unrolled, or write the steps out"
    return UserError(where, f"a loop stays in the graph: {', '.join(named) or 'no layer says so'}", hint=hint)


def _one_by_one(samples: Samples, model: Any) -> Iterator[list[NDArray[np.float32]]]:
    if isinstance(samples, Sequence):
        yield from (list(sample) for sample in samples)
        return
    arrays = named(samples, model.input_names)
    for index in range(len(samples)):
        yield [arrays[name][index][None] for name in model.input_names]


def _convert(converter: Any, where: str) -> bytes:
    try:
        with warnings.catch_warnings(), doing(f"{where}: TensorFlow converts it to TFLite"):
            warnings.simplefilter("ignore")
            return bytes(converter.convert())
    except Exception as error:  # the converter raises what it likes, bare Exception too
        raise unconverted(where, error, said()) from error


def _refuse_floats(tflite: bytes, where: str) -> None:
    floats = list(float_tensors(parse_model(tflite, where)))
    if floats:
        floats = [pair for pair in floats if pair[1] != "DEQUANTIZE"] or floats  # those only feed the culprits
        named = ", ".join(f"{tensor.name} ({tensor.dtype}, made by {maker})" for tensor, maker in floats[:5])
        more = f" and {len(floats) - 5} more" if len(floats) > 5 else ""
        raise UserError(
            where,
            f"not full-integer: the converter leaves float tensors: {named}{more}",
            hint=hint_for(
                [maker for _, maker in floats], "replace the layers that make them by ones that TFLite has in int8"
            ),
        )
