"""A float .tflite as int8: brought by somebody, or made by the converter of another framework.

TensorFlow's calibrator runs it on examples, and its quantizer makes int8 of that, both as for Keras models.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgewright.errors import UserError
from edgewright.options.quantize import Options
from edgewright.passes.tflite_model.quantizable import quantizable
from edgewright.several import named
from edgewright.tflite.describe import computes_in_float, scheme_of
from edgewright.tflite.ends import SERVING, bare_name
from edgewright.tflite.graph import Graph, Tensor
from edgewright.tflite.reader import parse_model
from edgewright.training import calibrate, conversion, int8
from edgewright.training.float_constants import as_float
from edgewright.training.judge import Judge, validation
from edgewright.training.made import Made
from edgewright.training.quiet import doing, say

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edgewright.datasets import Split

SCHEMES = ("int8", "float32")
"""Those of `[quantize]` that a .tflite can be brought to."""

Feeds = Sequence[list["NDArray[Any]"]]
"""Examples: for each an array an input, with a batch of one."""


def make(tf: Any, options: Options) -> Made:
    """The .tflite in the scheme that is asked for; one that does not compute in float is taken as it is.

    Raises:
        UserError: it cannot be read, or does not become int8, or the calibration data are not its inputs.
    """
    tflite, chosen = options.model.read_bytes(), options.quantize
    graph = parse_model(tflite, options.model.name)
    if chosen.scheme not in SCHEMES:
        problem = "a .tflite is not brought to it"
        raise UserError("[quantize] scheme", problem, got=chosen.scheme, allowed=SCHEMES)
    if chosen.scheme == "float32" or not computes_in_float(graph):
        return _as_it_is(tflite, graph, options)
    tflite = quantizable(as_float(tflite, options.model.name))
    data = None if options.calibration else _data(options)
    feeds = _from_data(graph, data, options) if data else from_file(inputs_of(graph), options.calibration or Path())
    plain = calibrated(tflite, feeds, str(options.model))
    made = by_ranges(tf, plain, feeds, options)
    if data is not None:
        verdict = Judge(tf, validation(data, options.task, options.source), plain).judge(
            made.tflite, chosen.qat_threshold
        )
        made.facts["validation"] = verdict.as_json() if verdict else None
    return made


def _as_it_is(tflite: bytes, graph: Graph, options: Options) -> Made:
    found = scheme_of(graph)
    if options.calibration and options.quantize.scheme != "float32":
        left = f"and taken as it is: {options.calibration} is not used"
        say(f"{options.model.name} is quantized already ({found}) {left}")
    return Made(tflite, {"scheme": found, "brought": True})


def by_ranges(tf: Any, plain: bytes, feeds: Feeds, options: Options) -> Made:
    """Int8 of a float .tflite that carries the ranges which examples gave it."""
    made = Made(conversion.from_calibrated(tf, _ranges(tf, plain, feeds, options), str(options.model)))
    made.facts |= {"calibration": options.quantize.calibration, "calibration_samples": len(feeds)}
    int8.make_coarse(made, options.quantize)
    return made


def calibrated(tflite: bytes, feeds: Feeds, where: str) -> bytes:
    """The float .tflite with the least and the greatest value that the examples gave each activation."""
    from tensorflow.lite.python.optimize.calibrator import Calibrator

    def samples() -> Iterator[list[NDArray[Any]]]:
        return (list(feed) for feed in feeds)

    try:
        with doing(f"{where}: TensorFlow runs it on the calibration data"):
            return bytes(Calibrator(tflite).calibrate(samples))
    except (RuntimeError, ValueError) as error:
        raise UserError(where, f"cannot be calibrated: {str(error).splitlines()[0]}") from error


def _ranges(tf: Any, plain: bytes, feeds: Feeds, options: Options) -> bytes:
    choose = int8.chooser(options.quantize)
    if choose is None:
        return plain
    if len(feeds[0]) != 1:
        problem = "ranges of a model with several inputs are the whole ones"
        raise UserError("[quantize] calibration", problem, got=options.quantize.calibration, allowed="minmax")
    import numpy as np

    return calibrate.with_ranges(tf, plain, np.concatenate([feed[0] for feed in feeds]), choose)


def _data(options: Options) -> Split:
    from edgewright.datasets import load_data

    return load_data(options.data, options.source, options.prepared, options.task).training


def _from_data(graph: Graph, data: Split, options: Options) -> Feeds:
    """Training examples, drawn by the seed."""
    chosen = options.quantize
    samples = conversion.calibration(data.train_x, chosen.calibration_samples, chosen.seed)
    return fed(inputs_of(graph), named(samples, [""]), graph.name)


def inputs_of(graph: Graph) -> list[Tensor]:
    """What a float .tflite takes."""
    return [graph.tensors[number] for number in graph.inputs]


def from_file(tensors: Sequence[Tensor], path: Path) -> Feeds:
    """All examples of a .npy file, or of the arrays of an .npz file, each the name of an input.

    Args:
        tensors: the model's inputs, each with a batch of one.
        path: the file.

    Raises:
        UserError: they do not fit.
    """
    return fed(tensors, _arrays(path), str(path))


def fed(tensors: Sequence[Tensor], arrays: Mapping[str, NDArray[Any]], where: str) -> Feeds:
    """All examples of arrays [N, ...], each of the input of its name; an array alone is of the only input.

    Args:
        tensors: the model's inputs, each with a batch of one.
        arrays: by name; whatever else there is is left.
        where: place for messages.

    Raises:
        UserError: they do not fit.
    """
    if len(tensors) == 1 and len(arrays) == 1:
        arrays = {tensors[0].name: next(iter(arrays.values()))}
    columns = [_column(where, arrays, tensor) for tensor in tensors]
    counts = {len(column) for column in columns}
    if len(counts) != 1 or 0 in counts:
        raise UserError(where, "every input needs as many examples", got=sorted(counts))
    return [[_shaped(x, t, where) for x, t in zip(row, tensors, strict=True)] for row in zip(*columns, strict=True)]


def _arrays(path: Path) -> Mapping[str, NDArray[Any]]:
    import numpy as np

    try:
        found = np.load(path, allow_pickle=False)
        return {name: found[name] for name in found.files} if hasattr(found, "files") else {"": found}
    except (OSError, ValueError, EOFError, KeyError) as error:
        raise UserError(str(path), f"cannot be read as arrays: {error}", allowed="a .npy or .npz file") from error


def _column(where: str, arrays: Mapping[str, NDArray[Any]], tensor: Tensor) -> NDArray[Any]:
    """The examples of one input."""
    bare = bare_name(tensor.name)
    for name in (tensor.name, bare, f"{SERVING}{bare}", f"{SERVING}{bare}:0"):
        if name in arrays and arrays[name].ndim:
            return arrays[name]
    hint = f"give one of this name: {bare}"
    raise UserError(where, "has no array of an input", got=", ".join(arrays) or "none", hint=hint)


def _shaped(example: NDArray[Any], tensor: Tensor, where: str) -> NDArray[Any]:
    import numpy as np

    if example.size != tensor.elements or example.dtype.kind not in "fiub":
        problem = f"the examples do not fit the input {tensor.name}"
        raise UserError(
            where, problem, got=f"{example.dtype}{list(example.shape)}", allowed=f"{tensor.dtype}{list(tensor.shape)}"
        )
    return np.ascontiguousarray(example.reshape(tensor.shape), np.dtype(tensor.dtype))
