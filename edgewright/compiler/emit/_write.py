"""The files of a program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import Any

from edgewright import __version__
from edgewright.c_constants import constant_bytes
from edgewright.c_text import CTYPES, comment, integer, number, shape, string
from edgewright.compiler.emit._arrays import Arrays
from edgewright.compiler.emit._calls import Calls, Functions, is_single
from edgewright.compiler.emit._pieces import Pieces
from edgewright.compiler.ir import ALIGNMENT, Program, Step
from edgewright.kernels.call import Call
from edgewright.kernels.headers import with_includes
from edgewright.kernels.rows import INPUT, Rows
from edgewright.templates import template
from edgewright.tflite.graph import Tensor

HEADERS = (".h", "_memory.h", "_layers.h")
"""What the names of each model's own files end in; templates are model<part>.j2."""

CODE = (".c", "_weights.h")
"""What the names of the files end in that models which are written together have in common."""

SHARED_HEADERS = ("ew_types", "ew_values")
"""Headers of kernels that every model's own header includes."""

LIMITS = {"int8": (-128, 127), "uint8": (0, 255), "int16": (-32768, 32767)}
"""Of the types that real values are quantized to."""

LAYER_FIELDS = ("operator", "op", "out_row_bytes", "out_rows", "made")
BAND_FIELDS = ("row_bytes", "rows", "span", "step", "above", "fill")
"""What a comment and the structs `ew_rows_layer` and `ew_rows_band` hold of a layer and its bands."""

UNPACK = "ew_weights_unpack"
"""What unpacks arrays that are stored coded."""


BY_ROWS = "ew_rows"
"""What runs layers by rows."""


@dataclass(frozen=True)
class Sources:
    """What was written for a model, alone or together with others.

    Attributes:
        files: content by name, of all models that were written together and the kernels they use.
        host_files: the same for a program that runs this one on this machine.
        weights_bytes: bytes of constant arrays, of all.
        unpacked_bytes: bytes that weights take which are unpacked before the model runs.
    """

    files: Mapping[str, str]
    host_files: Mapping[str, str]
    weights_bytes: int
    unpacked_bytes: int


@dataclass(frozen=True, eq=False)
class _Model:
    """A program, the names of its classes, and what writes its calls."""

    program: Program
    labels: Sequence[str]
    calls: Calls


def emit(
    programs: Sequence[tuple[Program, Sequence[str]]],
    name: str,
    command: str,
    *,
    optimize: str = "speed",
    stem: str | None = None,
) -> list[Sources]:
    """Programs as C: their functions and their constant arrays, each once, in one file.

    Args:
        programs: what to write, with the names of the output's classes.
        name: of the whole; of a program alone its own.
        command: how to make the files again.
        optimize: as `[compile]` has it: whether one function may serve several shapes of a kernel.
        stem: what the names of the .c file and of the constants begin with; None for `name`.
    """
    arrays = Arrays()
    several = len(programs) > 1
    functions = Functions((program for program, _ in programs), lambda call: _may_share(call, optimize))
    models = [_Model(p, labels, Calls(p, arrays, functions, p.name if several else "")) for p, labels in programs]
    layers = [[_layer(step, number, each.calls) for number, step in enumerate(each.program.steps)] for each in models]
    unpacks = any(each.calls.pieces.all for each in models)
    more = ({UNPACK} if unpacks else set()) | ({BY_ROWS} if any(each.program.rows for each in models) else set())
    kernels = sorted({function.kernel for function in functions.all} | more)
    headers = with_includes(f"{kernel}.h" for kernel in (*SHARED_HEADERS, *kernels))
    common = {
        "stem": stem or name,
        "version": __version__,
        "command": comment(command),
        "alignment": ALIGNMENT,
        "floats": "ew_float.h" in {path.name for path in headers},
    }
    data = [{**common, **_data(each, rows)} for each, rows in zip(models, layers, strict=True)]
    whole = {"name": name, "macro": name.upper(), "models": data, "functions": functions.all, "kernels": kernels}
    files = _files({**common, **whole, "core": data[0]["core"], "costs": data[0]["costs"], "arrays": arrays.all})
    files |= {f"kernels/{path.name}": path.read_text() for path in headers}
    return [Sources(files, _host(each), constant_bytes(files), len(each["pieces"].image)) for each in data]


def _files(whole: Mapping[str, Any]) -> dict[str, str]:
    files = {f"{each['name']}{part}": _render(f"model{part}", each) for each in whole["models"] for part in HEADERS}
    files |= {f"{whole['stem']}{part}": _render(f"model{part}", whole) for part in CODE}
    return files if len(whole["models"]) == 1 else files | {f"{whole['name']}.h": _render("models.h", whole)}


def _host(data: Mapping[str, Any]) -> dict[str, str]:
    return {f"{data['name']}_host.c": _render("host_main.c", data)}


def _render(name: str, data: Mapping[str, Any]) -> str:
    return _template(f"{name}.j2").render(data)


def _data(model: _Model, layers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the templates know of one model."""
    program, pieces = model.program, model.calls.pieces
    return {
        "name": program.name,
        "macro": program.name.upper(),
        "source": comment(program.graph.name),
        "sha256": program.graph.sha256,
        "core": comment(program.core.name),
        "costs": comment(program.core.costs.core),
        "state_bytes": program.states.bytes,
        "states": [_state(program, number, model.calls) for number in program.states.offsets],
        "arena_bytes": program.plan.arena_bytes,
        "single": is_single(program),
        "inputs": _ends(program, "input", program.graph.inputs),
        "outputs": _ends(program, "output", program.graph.outputs),
        "plans": [_plan(program, pieces)],
        "labels": [string(label) for label in model.labels],
        "anomaly": None if program.graph.anomaly is None else number(program.graph.anomaly),
        "layers": layers,
        "may_fail": any(call.may_fail for step in program.steps for call in step.calls),
        "pieces": pieces,
        "rows": _rows(program),
        "installs": program.unpack == "install",
    }


def _layer(step: Step, index: int, calls: Calls) -> dict[str, Any]:
    view, to = step.view, "to" if step.view.node.op == "ROWS" else None
    computed = [t for t in view.inputs if t is not None and not t.is_constant]
    return {
        "index": index,
        "op": view.node.op,
        "name": string(view.output().name or view.node.op),
        "file_index": view.node.index,
        "variant": step.variant,
        "macs": step.macs,
        "inputs": ", ".join(shape(t.shape) for t in computed),
        "outputs": ", ".join(shape(t.shape) for t in view.outputs),
        "calls": [{"text": calls.text(call, index, to), "may_fail": call.may_fail} for call in step.calls],
        "weights": step.weights if step.weights and step.weights.storage != "raw" else None,
    }


def _rows(program: Program) -> dict[str, Any] | None:
    """What the templates know of layers that run by rows."""
    found = program.rows
    if found is None:
        return None
    output = program.place_of(program.steps[0].view.node.outputs[0])
    first = found.bands[found.readers(INPUT)[0]][0]
    layers = [{**_fields(layer, LAYER_FIELDS), **_goes(found, place)} for place, layer in enumerate(found.layers)]
    starts = accumulate((len(each.bands) for each in found.layers), initial=0)
    layers = [{**layer, "first": start} for layer, start in zip(layers, starts, strict=False)]
    return {
        "layers": layers,
        "bands": [{"place": place, **_fields(band, BAND_FIELDS)} for band, place in found.bands],
        "given": _goes(found, INPUT),
        "memory": program.plan.scratch[0],
        "output": output,
        "rows": first.rows,
        "row_bytes": first.row_bytes,
    }


def _fields(of: object, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(of, name) for name in names}


def _goes(rows: Rows, source: int) -> dict[str, Any]:
    """The bands that rows of a layer, or of the input, go to; -1 for none."""
    to, also = [*rows.readers(source), -1, -1][:2]
    return {"to": to, "also": also, "count": len(rows.layers[source].bands)}


def _state(program: Program, number: int, calls: Calls) -> dict[str, Any]:
    state = program.graph.states[number]
    name = None
    if state.data is not None:
        name = calls.array(state.data, f"state_{number}_initial", "what the state begins with")
    return {
        "name": comment(state.name),
        "offset": program.states.offsets[number],
        "bytes": state.bytes,
        "shape": shape(state.shape),
        "dtype": state.dtype,
        "fill": state.fill,
        "array": name,
    }


def _plan(program: Program, pieces: Pieces) -> dict[str, Any]:
    """What model_memory.h.j2 knows of one way to run the model."""
    return {
        "arena_bytes": program.plan.arena_bytes,
        "state_bytes": program.states.bytes,
        "weights_bytes": len(pieces.image),
        "ends": [*_ends(program, "input", program.graph.inputs), *_ends(program, "output", program.graph.outputs)],
    }


def _ends(program: Program, kind: str, tensors: Sequence[int]) -> list[dict[str, Any]]:
    single = is_single(program)
    return [_end(program, program.graph.tensors[t], kind if single else f"{kind}_{i}") for i, t in enumerate(tensors)]


def _end(program: Program, tensor: Tensor, name: str) -> dict[str, Any]:
    quantization = tensor.quantization if tensor.dtype not in ("float32", "bool") else None
    return {
        "field": name,
        "macro": f"{program.name}_{name}".upper(),
        "ctype": CTYPES[tensor.dtype],
        "bytes": tensor.bytes,
        "elements": tensor.elements,
        "rank": len(tensor.shape),
        "dims": ", ".join(map(str, tensor.shape)) or "1",
        "dims_text": shape(tensor.shape),
        "dtype": tensor.dtype,
        "low": LIMITS[tensor.dtype][0] if quantization and tensor.dtype in LIMITS else None,
        "high": LIMITS[tensor.dtype][1] if quantization and tensor.dtype in LIMITS else None,
        "offset": program.place_of(tensor.id),
        "scale": number(quantization.scale) if quantization else None,
        "zero_point": integer(quantization.zero_point) if quantization else None,
        "zero": quantization.zero_point if quantization else None,
        "tensor": comment(tensor.name),
    }


_template = cache(template)


def _may_share(call: Call, optimize: str) -> bool:
    """Whether one function may serve several shapes of a kernel."""
    if call.constant is not None:
        return optimize != "speed"
    return optimize == "size" and _reads_its_shape(call.kernel)


def _reads_its_shape(kernel: str) -> bool:
    """Whether a kernel works with a shape from memory: not where its assembly takes numbers of it as constants."""
    return not any('"i"(' in path.read_text() for path in with_includes([f"{kernel}.h"]))
