"""The C header that stands between what a device reads and the model: of a stream, or of an input as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from edgewright.c_text import CTYPES, array_lines, number
from edgewright.errors import UserError
from edgewright.frontend.mapping import Affine, Table, mapping
from edgewright.preprocessing import LEVELS, Plan
from edgewright.templates import render
from edgewright.text import Safe
from edgewright.tflite.graph import Graph, Tensor

_QUANTIZED = ("int8", "int16")


@dataclass(frozen=True)
class Header:
    """The header of a model.

    Attributes:
        name: of the file.
        text: its content.
        frames: of a stream how many the model looks at, else 0.
        is_free: whether raw numbers are the model's input as they are, or less 128.
    """

    name: str
    text: str
    frames: int
    is_free: bool


def header(kind: str, plan: Plan, graph: Graph, name: str) -> Header:
    """<name>_stream.h or <name>_input.h for a model; its operators are compiled as <name>_frontend.

    Args:
        kind: of the preprocessing.
        plan: what is done.
        graph: the model.
        name: of it in C.

    Raises:
        UserError: the model takes other inputs than the plan gives, has several, or a state.
    """
    source, output = _ends(graph, plan)
    values = {"name": name, "macro": name.upper(), "kind": kind, **_shared(plan, source)}
    if plan.stream is None:
        return Header(f"{name}_input.h", render("input.h.j2", **values), 0, bool(values["free"]))
    frames = source.elements // plan.given
    values |= _stream_values(plan) | {
        "frames": frames, "scores": output.elements, "output_type": CTYPES[output.dtype], "every": plan.stream.every
    }  # fmt: skip
    return Header(f"{name}_stream.h", render("stream.h.j2", **values), frames, False)


def _shared(plan: Plan, source: Tensor) -> dict[str, Any]:
    """What both templates use."""
    found = mapping(plan.scaling, source)
    affine, table = found if isinstance(found, Affine) else None, found if isinstance(found, Table) else None
    ctype = CTYPES[source.dtype]
    return {
        "graph": plan.graph is not None,
        "raw_type": CTYPES[plan.raw.dtype],
        "input_type": ctype,
        "level_type": "float" if plan.scaling.bounds is None else "int32_t",
        "taken": plan.taken,
        "flips": plan.flips,
        "channels": max(len(plan.scaling.offsets), 1),
        "quantized": source.quantization is not None,
        "affine": affine,
        "offsets": [_whole(value, affine.wide) for value in affine.offsets] if affine else [],
        "table": table,
        "tables": [_lines(row, ctype) for row in table.numbers] if table else [],
        "real_offsets": [number(value) for value in plan.scaling.offsets],
        "real_factors": [number(value) for value in plan.scaling.factors],
        "free": _free(plan, affine),
    }


def _free(plan: Plan, affine: Affine | None) -> Safe | None:
    """Where nothing is to be done: the normalisation is the scale of the model's input."""
    if plan.graph is not None or plan.mix is not None or affine is None or affine.added is None:
        return None
    kept = affine.added == 0 and plan.raw.dtype != "uint8"
    what = "the model's input as they are" if kept else "the model's input, less 128" if affine.added == -128 else None
    return Safe(f"The scale of the input holds the normalisation: raw numbers are {what}.") if what else None


def _stream_values(plan: Plan) -> dict[str, Any]:
    """What the header of a stream uses besides."""
    levels = plan.graph.tensors[plan.graph.outputs[0]] if plan.graph else None
    half = 1 << (plan.mix.shift - 1) if plan.mix else 0
    lift = plan.scaling.bounds[1] if plan.mix and plan.scaling.bounds else 0
    weights = np.array(plan.mix.weights, np.int16) if plan.mix else ()
    return {
        "rate": plan.raw.rate,
        "row": plan.given,
        "levels": levels.elements if levels else 0,
        "level_ctype": CTYPES[levels.dtype] if levels else "",
        "lowest": plan.raw.lowest,
        "cut": Safe(_cut(plan)),
        "mix": plan.mix is not None,
        "mix_rows": [_lines(row, "int16_t") for row in weights],
        "half": half,
        "lift": lift,
        "bias": lift * 2 * half,
        "last": LEVELS - 1,
    }


def _cut(plan: Plan) -> str:
    low, high = plan.scaling.bounds or (0, 0)
    return f"levels[i] < {low} ? {low} : levels[i] > {high} ? {high} : levels[i]"


def _whole(value: int, wide: bool) -> Safe:
    return Safe(f"INT64_C({value})" if wide else str(value))


def _lines(values: Any, ctype: str) -> list[Safe]:
    return [Safe(line) for line in array_lines(values, ctype)]


def _ends(graph: Graph, plan: Plan) -> tuple[Tensor, Tensor]:
    ends: list[Any] = [[graph.tensors[number_] for number_ in numbers] for numbers in (graph.inputs, graph.outputs)]
    kinds = {tensor.dtype for tensor in (*ends[0], *ends[1])}
    usable = kinds <= set(_QUANTIZED) if plan.stream else ends[0][0].dtype in (*_QUANTIZED, "float32")
    if [len(each) for each in ends] != [1, 1] or graph.states or not usable:
        allowed, got = "one input, one output, no state, all in int8 or int16", ", ".join(sorted(kinds))
        hint = "quantize it to int8 or int16x8"
        raise UserError(graph.name, "[preprocess] takes another model", got=got, allowed=allowed, hint=hint)
    source, output = ends[0][0], ends[1][0]
    wrong = source.elements % plan.given if plan.stream else source.elements != plan.given
    if wrong:
        what, allowed = ("frames", f"multiples of {plan.given}") if plan.stream else ("examples", str(plan.given))
        got = f"an input of {source.elements} numbers"
        raise UserError(graph.name, f"the model takes no whole {what}", got=got, allowed=allowed)
    return source, output
