"""The C header that joins front end and model on the device: sound comes step by step, scores go out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from edgewright.answers.model_inputs import quantize
from edgewright.c_text import CTYPES, array_lines
from edgewright.errors import UserError
from edgewright.frontend.features import LEVELS
from edgewright.sections.preprocess import Preprocess
from edgewright.templates import render
from edgewright.text import Safe
from edgewright.tflite.graph import Graph, Tensor


@dataclass(frozen=True)
class Streamed:
    """A model that hears.

    Attributes:
        name: of the model in C.
        frames: frames that it looks at.
        header: <name>_stream.h.
    """

    name: str
    frames: int
    header: str


def stream(section: Preprocess, graph: Graph, name: str) -> Streamed:
    """The header for a model and its front end, which is compiled as <name>_frontend.

    Raises:
        UserError: the model is none of quantized frames, or has more than one input or output, or a state.
    """
    source, output = _ends(graph, section)
    frames = source.elements // section.bands
    values = {
        "name": name,
        "macro": name.upper(),
        "step": section.step,
        "bands": section.bands,
        "frames": frames,
        "scores": output.elements,
        "input_type": CTYPES[source.dtype],
        "output_type": CTYPES[output.dtype],
        "levels": _levels(source),
        "last": LEVELS - 1,
    }
    return Streamed(name, frames, render("stream.h.j2", **values))


def _levels(source: Tensor) -> list[Safe]:
    """What each level is as an input of the model: what evaluation gives to the model on this machine."""
    real = (np.arange(LEVELS) / LEVELS).astype(np.float32)
    return [Safe(line) for line in array_lines(quantize(real, source), CTYPES[source.dtype])]


def _ends(graph: Graph, section: Preprocess) -> tuple[Tensor, Tensor]:
    ends: list[Any] = [[graph.tensors[number] for number in numbers] for numbers in (graph.inputs, graph.outputs)]
    allowed = "one input, one output, no state, all in int8 or int16"
    kinds = {tensor.dtype for tensor in (*ends[0], *ends[1])}
    if [len(each) for each in ends] != [1, 1] or graph.states or not kinds <= {"int8", "int16"}:
        hint = "quantize it to int8 or int16x8"
        raise UserError(
            graph.name, "[preprocess] takes another model", got=", ".join(sorted(kinds)), allowed=allowed, hint=hint
        )
    source, output = ends[0][0], ends[1][0]
    if source.elements % section.bands:
        got = f"an input of {source.elements} numbers"
        raise UserError(graph.name, "the model takes no whole frames", got=got, allowed=f"multiples of {section.bands}")
    return source, output
