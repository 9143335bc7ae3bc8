"""Names for the inputs and outputs of a .tflite with several: those of the Keras model's layers, in its order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from edgewright.passes.tflite_model.model import Model

_OUTPUT = b"output_"  # the converter's name of the n-th output in the signature that it writes


_TRAINED = "quant_"  # what tensorflow-model-optimization puts before the name of a layer


def output_names(model: Any) -> list[str]:
    """The layers that give the outputs of a Keras model, by the names that they have in model.py."""
    return [name.removeprefix(_TRAINED) for name in model.output_names]


def named(tflite: bytes, model: Any) -> bytes:
    """The file of `model` with its inputs and outputs named and in order; the same bytes where it has one of each."""
    if len(model.inputs) == 1 == len(model.outputs):
        return tflite
    from tensorflow.lite.tools import flatbuffer_utils

    file = flatbuffer_utils.convert_bytearray_to_object(bytearray(tflite))
    graph, signature = file.subgraphs[0], file.signatureDefs[0]
    inputs = {entry.name.decode(): entry.tensorIndex for entry in signature.inputs}
    outputs = {int(entry.name.removeprefix(_OUTPUT)): entry.tensorIndex for entry in signature.outputs}
    graph.inputs = _set(graph, model.input_names, [inputs[name] for name in model.input_names])
    graph.outputs = _set(graph, output_names(model), [outputs[number] for number in range(len(outputs))])
    return bytes(flatbuffer_utils.convert_object_to_bytearray(file))


def with_inputs(tflite: bytes, names: Mapping[int, str]) -> bytes:
    """The file with its inputs named, by their places; TensorFlow is not needed."""
    model = Model(tflite)
    if not model.is_plain:
        return tflite
    for place, name in names.items():
        model.graph.tensors[model.graph.inputs[place]].name = name.encode()
    return model.bytes()


def _set(graph: Any, names: Sequence[str], tensors: list[int]) -> list[int]:
    for name, number in zip(names, tensors, strict=True):
        graph.tensors[number].name = name.encode()
    return tensors


def outputs_of(model: Any, found: Any, names: Sequence[str]) -> list[Any]:
    """What `predict` gives as a list in the order of `names`; without names the only output."""
    if not names:
        return [found]
    given = dict(zip(output_names(model), found, strict=True))
    return [given[name] for name in names]
