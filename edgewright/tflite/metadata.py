"""Metadata of a .tflite file for apps: what input and output mean, and files such as labels that go along.

The format is that of TensorFlow Lite's metadata_schema.fbs (file identifier "M001"): a flatbuffer ModelMetadata in a
buffer of the model that its entry "TFLITE_METADATA" names, and associated files in a ZIP archive behind the model. No
maintained package writes it, so fields are known here by their numbers in that schema.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import flatbuffers
import tflite

from edgewright.tflite._splice import splice
from edgewright.tflite.graph import Graph, Tensor

NAME = b"TFLITE_METADATA"
IDENTIFIER = b"M001"
LABELS = "labels.txt"
_AXIS_LABELS = 2  # AssociatedFileType.TENSOR_AXIS_LABELS
_FEATURE, _IMAGE = 1, 2  # ContentProperties
_RGB, _GREY = 1, 2  # ColorSpaceType
_NORMALIZATION = 1  # ProcessUnitOptions
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that ZIP knows


@dataclass(frozen=True)
class Meaning:
    """What a model's user must know and its graph does not say.

    Attributes:
        name, description: of the model.
        labels: names of the classes, or none.
        image: the first input is a picture (1, height, width, channels) with values of 0 to 1.
    """

    name: str
    description: str = ""
    labels: tuple[str, ...] = ()
    image: bool = False


def with_metadata(model: bytes, graph: Graph, meaning: Meaning) -> bytes:
    """The model with its metadata; metadata that it had before is replaced.

    Raises:
        UserError: the model is not fit for it.
    """
    packed = splice(model, NAME, _metadata(graph, meaning))
    files = {LABELS: "".join(f"{label}\n" for label in meaning.labels)} if meaning.labels else {}
    return packed + _archive(files, len(packed))


def read_metadata(model: bytes) -> bytes | None:
    """The flatbuffer ModelMetadata of a model; None when it has none."""
    root = tflite.Model.GetRootAs(model, 0)
    for index in range(root.MetadataLength()):
        entry = root.Metadata(index)
        if entry.Name() == NAME:
            return bytes(root.Buffers(entry.Buffer()).DataAsNumpy().tobytes())
    return None


def _metadata(graph: Graph, meaning: Meaning) -> bytes:
    builder = flatbuffers.Builder(1024)
    inputs = [_input(builder, graph.tensors[n], meaning.image and i == 0) for i, n in enumerate(graph.inputs)]
    outputs = [_output(builder, graph.tensors[n], meaning.labels) for n in graph.outputs]
    subgraph = _table(builder, 9, {2: _vector(builder, inputs), 3: _vector(builder, outputs)})
    texts = {0: meaning.name, 1: meaning.description or meaning.name, 2: "1", 7: "1.0.0"}
    fields = {slot: builder.CreateString(text) for slot, text in texts.items()}
    root = _table(builder, 8, {**fields, 3: _vector(builder, [subgraph])})
    builder.Finish(root, file_identifier=IDENTIFIER)
    return bytes(builder.Output())


def _input(builder: flatbuffers.Builder, tensor: Tensor, image: bool) -> int:
    if not image:
        return _tensor(builder, tensor, "input", _content(builder, _FEATURE, _table(builder, 0, {})), {})
    _, height, width, channels = tensor.shape
    builder.StartObject(2)
    builder.PrependUint32Slot(0, width, 0)
    builder.PrependUint32Slot(1, height, 0)
    size = builder.EndObject()
    builder.StartObject(2)
    builder.PrependInt8Slot(0, _RGB if channels == 3 else _GREY, 0)
    builder.PrependUOffsetTRelativeSlot(1, size, 0)
    content = _content(builder, _IMAGE, builder.EndObject())
    extra = {4: _vector(builder, [_normalization(builder)]), 5: _stats(builder, 0.0, 1.0)}
    return _tensor(builder, tensor, "image", content, extra)


def _output(builder: flatbuffers.Builder, tensor: Tensor, labels: Sequence[str]) -> int:
    extra = {}
    if tensor.quantization is not None and tensor.dtype in ("int8", "uint8"):
        least = -128 if tensor.dtype == "int8" else 0
        scale, zero = tensor.quantization.scale, tensor.quantization.zero_point
        extra[5] = _stats(builder, scale * (least - zero), scale * (least + 255 - zero))
    if labels and tensor.shape and tensor.shape[-1] == len(labels):
        texts = {0: builder.CreateString(LABELS), 1: builder.CreateString("names of the classes, one a line")}
        extra[6] = _vector(builder, [_table(builder, 5, texts, {2: _AXIS_LABELS})])
    content = _content(builder, _FEATURE, _table(builder, 0, {}))
    return _tensor(builder, tensor, "scores" if labels else "output", content, extra)


def _tensor(builder: flatbuffers.Builder, tensor: Tensor, name: str, content: int, extra: Mapping[int, int]) -> int:
    texts = {0: builder.CreateString(name), 1: builder.CreateString(describe(tensor))}
    return _table(builder, 7, {**texts, 3: content, **extra})


def describe(tensor: Tensor) -> str:
    """What the elements of a tensor stand for, for people: "1 x 28 x 28 x 1 of int8; real = 0.00392157 * (q + 128)"."""
    text = f"{' x '.join(map(str, tensor.shape)) or 'scalar'} of {tensor.dtype}"
    if tensor.quantization is None:
        return text
    zero = tensor.quantization.zero_point
    return f"{text}; real = {tensor.quantization.scale:.9g} * (q {'-' if zero >= 0 else '+'} {abs(zero)})"


def _normalization(builder: flatbuffers.Builder) -> int:
    """Bytes of a picture become 0 to 1: (byte - 0) / 255."""
    mean, deviation = _floats(builder, [0.0]), _floats(builder, [255.0])
    options = _table(builder, 2, {0: mean, 1: deviation})
    return _table(builder, 2, {1: options}, {0: _NORMALIZATION})


def _content(builder: flatbuffers.Builder, kind: int, properties: int) -> int:
    return _table(builder, 3, {1: properties}, {0: kind})


def _stats(builder: flatbuffers.Builder, least: float, most: float) -> int:
    return _table(builder, 2, {0: _floats(builder, [most]), 1: _floats(builder, [least])})


def _table(
    builder: flatbuffers.Builder, slots: int, offsets: Mapping[int, int], numbers: Mapping[int, int] | None = None
) -> int:
    """A table with offsets to what was written before and one-byte numbers, by the number of the field."""
    builder.StartObject(slots)
    for slot, offset in offsets.items():
        builder.PrependUOffsetTRelativeSlot(slot, offset, 0)
    for slot, number in (numbers or {}).items():
        builder.PrependInt8Slot(slot, number, 0)
    return int(builder.EndObject())


def _vector(builder: flatbuffers.Builder, offsets: Sequence[int]) -> int:
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    return int(builder.EndVector())


def _floats(builder: flatbuffers.Builder, values: Sequence[float]) -> int:
    builder.StartVector(4, len(values), 4)
    for value in reversed(values):
        builder.PrependFloat32(value)
    return int(builder.EndVector())


def _archive(files: Mapping[str, str], offset: int) -> bytes:
    """A ZIP archive that stands `offset` bytes into its file; the same bytes for the same files."""
    if not files:
        return b""
    stream = io.BytesIO(bytes(offset))
    stream.seek(0, io.SEEK_END)
    with zipfile.ZipFile(stream, "a") as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), text)
    return stream.getvalue()[offset:]
