"""Runs in the environment of the ONNX converter, which has none of Edgewright: converts a file, and asks onnxruntime.

    python _onnx_child.py net.onnx FOLDER

Of the verbs that it reads, `convert` writes FOLDER/model.tflite and FOLDER/borders.json; `answer` makes
FOLDER/outputs.npz of FOLDER/inputs.npz by the file, and `run` by FOLDER/ours.tflite.
"""

from __future__ import annotations

import functools
import itertools
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SEED = 0
MOST_LAYOUTS = 64
TOLERANCE = 1e-4
"""As of `edgewright.training.equal`."""
_CUSTOM = re.compile(r"\bONNX_(\w+)")
"""Operators that onnx2tf writes as they are, by their names in its file."""

_OPEN = {"NonZero", "Unique", "Compress"}
"""Operators whose output is as long as the numbers of their input decide."""
_PLACES = re.compile(
    r"^\[ONNXRuntimeError\] : \d+ : \w+ : (Load model from .*? failed:)?"
    r"(\S+\.(cc|h):\d+ [^(]*\((\([^()]*\)|[^()])*\) )?"
)


def _refuse(problem: str) -> NoReturn:
    sys.exit(f"error: {problem}")


def convert(source: Path, folder: Path) -> None:
    """Write the float .tflite, and how its inputs and outputs lie against those of the file."""
    model = _checked(source)
    if not _inputs(model):
        _refuse("has no inputs")
    if lengths := _open_lengths(model.graph):
        problem = f"the length of an output depends on the numbers of an input: {', '.join(lengths)}"
        _refuse(f"{problem}; a device needs every length before it runs: export the network up to there")
    _session(source)  # it says better than the converter what a file lacks
    shapes = [_shape(each) for each in _inputs(model)]
    import onnx2tf

    fixed = [f"{each.name}:{','.join(map(str, shape))}" for each, shape in zip(_inputs(model), shapes, strict=True)]
    work = folder / "work"
    work.mkdir()
    os.chdir(work)  # it writes beside itself
    try:
        onnx2tf.convert(
            input_onnx_file_path=str(_whole(source, work)),
            output_folder_path=str(work),
            overwrite_input_shape=fixed,
            output_signaturedefs=True,
            non_verbose=True,
        )
    except (Exception, SystemExit) as error:  # noqa: BLE001 - it raises what it likes, and ends its process on some operators
        _refuse(f"onnx2tf cannot convert it: {_gist(error)}")
    found = sorted(work.glob("*_float32.tflite"))
    if not found:
        _refuse("onnx2tf wrote no float32 .tflite")
    tflite = found[0].read_bytes()
    borders = _borders(source, tflite)
    (folder / "model.tflite").write_bytes(tflite)
    (folder / "borders.json").write_text(json.dumps(borders))


def _whole(source: Path, folder: Path) -> Path:
    """The file with its data inside, in a folder of our own: onnx2tf writes over it, and reads no shapes elsewhere."""
    import onnx

    onnx.save(onnx.load(str(source)), str(folder / source.name))
    return folder / source.name


def _gist(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0][:1000] if lines else type(error).__name__


def _checked(source: Path) -> Any:
    """The graph without its data; refused where those lie elsewhere than beside the file, under its own name."""
    import onnx

    try:
        model = onnx.load(str(source), load_external_data=False)
    except Exception as error:  # noqa: BLE001 - protobuf's own
        _refuse(f"is no ONNX file: {_gist(error)}")
    if not model.HasField("graph"):
        _refuse("is no ONNX file: it holds no graph")
    for tensor in _each(model, "TensorProto"):
        for place in _places(tensor) or ([""] if tensor.data_location == onnx.TensorProto.EXTERNAL else []):
            if Path(place).name != place or not place.startswith(source.name) or (source.parent / place).is_symlink():
                _refuse(f"the data of {tensor.name} lie in {place!r}; allowed: a file beside it, {source.name}.data")
    foreign = sorted(
        {f"{node.domain}.{node.op_type}" for node in _each(model, "NodeProto") if not _is_standard(node.domain)}
    )
    if foreign:
        _refuse(
            f"has operators that are not ONNX' own: {', '.join(foreign)}; write them with ONNX' own, and export again"
        )
    return model


def _open_lengths(graph: Any) -> list[str]:
    """Operators of `_OPEN` that work on what is computed, "kind (name of its output)" each."""
    known = {tensor.name for tensor in graph.initializer} | {""}
    found = []
    for node in graph.node:
        if node.op_type in {"Shape", "Size"} or known.issuperset(node.input):
            known.update(node.output)
        elif node.op_type in _OPEN:
            found.append(f"{node.op_type} ({node.output[0]})")
    return found


def _between_pixels(graph: Any) -> list[str]:
    """Resizes to the nearest pixel that TFLite has no form of, "Resize (name of its output: how)" each."""
    found = []
    for node in graph.node:
        how = {each.name: each.s.decode() for each in node.attribute if each.s}
        between = how.get("coordinate_transformation_mode", "half_pixel"), how.get("nearest_mode", "round_prefer_floor")
        if node.op_type == "Resize" and how.get("mode", "nearest") == "nearest" and between != ("asymmetric", "floor"):
            found.append(f"Resize ({node.output[0]}: nearest, {', '.join(between)})")
    return found


def _halves(session: Any) -> list[str]:
    """Inputs and outputs of half precision, "name (type)" each."""
    ends = (*session.get_inputs(), *session.get_outputs())
    return [f"{each.name} ({each.type[7:-1]})" for each in ends if each.type in {"tensor(float16)", "tensor(bfloat16)"}]


def _places(tensor: Any) -> list[str]:
    """Where a tensor's data lie: readers differ in which of several entries they take."""
    return [entry.value for entry in tensor.external_data if entry.key == "location"]


def _is_standard(domain: str) -> bool:
    return domain in {"", "ai.onnx"}


def _each(message: Any, kind: str) -> Iterator[Any]:
    """Every message of a kind that a file holds, wherever it stands: in subgraphs, functions, sparse tensors."""
    todo = [message]
    while todo:
        message = todo.pop()
        if message.DESCRIPTOR.name == kind:
            yield message
        for field, value in message.ListFields():
            if field.message_type is not None:
                todo += value if isinstance(value, Iterable) else [value]


def _inputs(model: Any) -> list[Any]:
    constants = {tensor.name for tensor in model.graph.initializer}
    return [each for each in model.graph.input if each.name not in constants]


def _shape(value: Any) -> tuple[int, ...]:
    """With a batch of one; the first length may be open, the others not."""
    dims = value.type.tensor_type.shape.dim
    sizes = [int(d.dim_value) if d.HasField("dim_value") else 0 for d in dims]
    if not sizes or 0 in sizes[1:] or sizes[0] > 1:
        shown = ", ".join(str(size) if size else d.dim_param or "?" for size, d in zip(sizes, dims, strict=True))
        problem = f"the input {value.name} has an open length, or a batch of more: [{shown}]"
        _refuse(f"{problem}; export it with its whole shape, and a batch of 1")
    return (1, *sizes[1:])


def _borders(source: Path, tflite: bytes) -> dict[str, Any]:
    """Inputs and outputs of the .tflite in its order, and the order of axes that makes each from that of the file.

    Layouts are not told by the converter: those are taken that give the same numbers.
    """
    import numpy as np

    session = _session(source)
    interpreter = _interpreter(tflite)
    order = [each.name for each in session.get_inputs()]
    inputs = _paired(session.get_inputs(), interpreter.get_input_details())
    random = np.random.default_rng(SEED)
    values = [_numbers(random, place) for _, place in inputs]
    ours = _run(interpreter, [place for _, place in inputs], values)
    best: tuple[float, Any, Any] | None = None
    choices = [_axes(tuple(place["shape"])) for _, place in inputs]
    for axes in itertools.islice(itertools.product(*choices), MOST_LAYOUTS):
        feed = {name: _back(value, ax) for (name, _), value, ax in zip(inputs, values, axes, strict=True)}
        pairs = _answered(session, feed, ours)
        if pairs is not None and (best is None or pairs[0] < best[0]):
            best = (pairs[0], axes, pairs[1])
    if best is None and (halves := _halves(session)):
        _refuse(f"is of half precision: {', '.join(halves)}; export it in float32 (in PyTorch: net.float())")
    if best is None:
        _refuse("its converted form takes other inputs or gives other outputs")
    size = max(float(np.max(np.abs(value), initial=1.0)) for value in ours)
    if best[0] > TOLERANCE * size and (resizes := _between_pixels(_checked(source).graph)):
        problem = f"TFLite takes other pixels than {', '.join(resizes)}"
        _refuse(f"{problem}; write it as asymmetric with floor, which repeats pixels, and export again")
    return {
        "inputs": [
            {"name": name, "tensor": place["name"], "shape": [int(n) for n in place["shape"]], "axes": list(ax)}
            | {"dtype": np.dtype(place["dtype"]).name, "index": order.index(name)}
            for (name, place), ax in zip(inputs, best[1], strict=True)
        ],
        "outputs": best[2],
        "nodes": sum(1 for _ in _each(_checked(source).graph, "NodeProto")),
    }


def _paired(given: Sequence[Any], places: Sequence[Any]) -> list[tuple[str, Any]]:
    """Inputs of the .tflite in its order, each with the file's name of it."""
    left = [each.name for each in given]
    if len(left) != len(places):
        _refuse(f"has {len(left)} inputs, and converted {len(places)}")
    found = []
    for place in places:
        own = place["name"].removeprefix("serving_default_").partition(":")[0]
        match = next(
            (name for name in left if _plain(name) == _plain(own) or _plain(own).startswith(_plain(name))), left[0]
        )
        left.remove(match)
        found.append((match, place))
    return found


def _plain(name: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in name)


def _axes(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Orders of axes of the file's tensor that a tensor of the .tflite may have: as it is, or channels last."""
    rank = len(shape)
    same = tuple(range(rank))
    return [same] if rank < 3 else [(0, *range(2, rank), 1), same]


def _back(value: NDArray[Any], axes: Sequence[int]) -> NDArray[Any]:
    import numpy as np

    return np.transpose(value, np.argsort(axes))


def _answered(session: Any, feed: dict[str, Any], ours: Sequence[Any]) -> tuple[float, list[dict[str, Any]]] | None:
    """As `_outputs`; None too where the file does not take inputs of such a layout."""
    try:
        return _outputs(ours, session.run(None, feed))
    except Exception:  # noqa: BLE001 - onnxruntime's own
        return None


def _outputs(ours: Sequence[Any], theirs: Sequence[Any]) -> tuple[float, list[dict[str, Any]]] | None:
    """For each output of the .tflite the file's and its axes; the largest difference. None where they do not fit."""
    left, found, worst = list(range(len(theirs))), [], 0.0
    if len(ours) != len(theirs):
        return None
    for value in ours:
        options = [
            (_difference(value, theirs[index].transpose(axes)), index, axes)
            for index in left
            for axes in _axes(theirs[index].shape)
            if theirs[index].size == value.size
        ]
        if not options:
            return None
        error, index, axes = min(options, key=lambda option: option[0])
        left.remove(index)
        worst = max(worst, error)
        found.append({"index": index, "axes": list(axes)})
    return worst, found


def _difference(ours: NDArray[Any], theirs: NDArray[Any]) -> float:
    import numpy as np

    return float(np.max(np.abs(ours.reshape(-1).astype(np.float64) - theirs.reshape(-1)), initial=0.0))


def _numbers(random: np.random.Generator, place: Any) -> NDArray[Any]:
    import numpy as np

    if np.dtype(place["dtype"]).kind == "f":
        return random.standard_normal(tuple(place["shape"])).astype(place["dtype"])
    return random.integers(0, 2, tuple(place["shape"])).astype(place["dtype"])


@functools.lru_cache(maxsize=1)
def _session(source: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(str(source), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # noqa: BLE001 - its own
        _refuse(f"onnxruntime {onnxruntime.__version__} cannot open it: {_plainly(_gist(error))}")


def _plainly(message: str) -> str:
    """What onnxruntime says, without the file, its own place in C++ and the name of its error."""
    return _PLACES.sub("", message)


def _interpreter(tflite: bytes) -> Any:
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=tflite)
    try:
        interpreter.allocate_tensors()
    except RuntimeError as error:
        lacking = _CUSTOM.findall(str(error))
        said = f"TFLite lacks {', '.join(dict.fromkeys(lacking))} as it is used here" if lacking else _gist(error)
        _refuse(f"its converted form does not run: {said}")
    return interpreter


def _run(interpreter: Any, places: Sequence[Any], values: Sequence[Any]) -> list[NDArray[Any]]:
    for place, value in zip(places, values, strict=True):
        interpreter.set_tensor(place["index"], value)
    interpreter.invoke()
    return [interpreter.get_tensor(place["index"]) for place in interpreter.get_output_details()]


@functools.lru_cache(maxsize=1)
def _ours(folder: Path) -> Any:
    return _interpreter((folder / "ours.tflite").read_bytes())


def run(_source: Path, folder: Path) -> None:
    """What the file became answers, one example after the other; inputs and outputs in the order of the .tflite."""
    import numpy as np

    interpreter, given = _ours(folder), np.load(folder / "inputs.npz", allow_pickle=False)
    places, rows = interpreter.get_input_details(), []
    for row in zip(*(given[str(number)] for number in range(len(places))), strict=True):
        interpreter.reset_all_variables()
        rows.append(_run(interpreter, places, row))
    np.savez(folder / "outputs.npz", **{str(n): np.stack(c) for n, c in enumerate(zip(*rows, strict=True))})


def answer(source: Path, folder: Path) -> None:
    """The file's own answers, one example after the other; inputs and outputs by their number in the file."""
    import numpy as np

    session, given = _session(source), np.load(folder / "inputs.npz", allow_pickle=False)
    names = [each.name for each in session.get_inputs()]
    columns = [given[str(number)] for number in range(len(names))]
    rows = [session.run(None, dict(zip(names, row, strict=True))) for row in zip(*columns, strict=True)]
    np.savez(folder / "outputs.npz", **{str(n): np.stack(c) for n, c in enumerate(zip(*rows, strict=True))})


if __name__ == "__main__":
    sys.path.append(str(Path(__file__).parent))
    from _serve import serve

    serve({"convert": convert, "run": run, "answer": answer})
