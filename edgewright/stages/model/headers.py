"""Writes a .tflite model as C: an aligned array and its constants.

python -m edgewright.stages.model.headers --model m.tflite --header m_tflite.h --source m_tflite.c [--templates DIR]
    [--options '{"name": "m", "labels": ["cat", "dog"], "command": "scons target=rpi headers"}']

The text comes from templates/model_array.h.j2 and model_array.c.j2; files of the same names in the folders of
--templates are taken before them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2

from edgewright import __version__
from edgewright import c_text as c
from edgewright.command_line import run
from edgewright.errors import UserError
from edgewright.files import write_text
from edgewright.options.headers import Options
from edgewright.stage_command import stage
from edgewright.templates import template
from edgewright.tflite.graph import Graph, Tensor
from edgewright.tflite.reader import parse_model

HEADER_TEMPLATE, SOURCE_TEMPLATE = "model_array.h.j2", "model_array.c.j2"


def write(options: Options) -> None:
    """Write the header and the source."""
    data = _read(options.model)
    facts = describe(
        parse_model(data, options.model.name),
        data,
        options.model.stem if options.name is None else options.name,
        options.labels,
        options.command or f"python -m {main.module} --model {options.model.name}",
    )
    facts["header"] = options.header.name
    write_text(options.header, _render(HEADER_TEMPLATE, options.templates, facts))
    write_text(options.source, _render(SOURCE_TEMPLATE, options.templates, facts))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(str(path), f"cannot read the model: {error.strerror}") from None


def describe(graph: Graph, data: bytes, name: str, labels: Sequence[str], command: str) -> dict[str, Any]:
    """What the templates may use. UserError when there are labels that do not fit the model's output.

    Args:
        graph: the model.
        data: the bytes of its file.
        name: what symbols and macros are named after.
        labels: names of the classes, or none.
        command: what made the file, for the banner.
    """
    _check_labels(graph, labels)
    symbol = f"{c.identifier(name)}_tflite"
    macro = symbol.upper()
    return {
        "title": c.comment(name),
        "symbol": symbol,
        "macro": macro,
        "bytes": len(data),
        "rows": c.byte_rows(data),
        "sha256": graph.sha256,
        "tool_version": __version__,
        "command": c.comment(command),
        "labels": [c.string(label) for label in labels],
        "anomaly": None if graph.anomaly is None else c.number(graph.anomaly),
        "inputs": _tensors(graph, graph.inputs, f"{macro}_INPUT"),
        "outputs": _tensors(graph, graph.outputs, f"{macro}_OUTPUT"),
    }


def _check_labels(graph: Graph, labels: Sequence[str]) -> None:
    if not labels:
        return
    sizes = {tensor.shape[-1] for number in graph.outputs if (tensor := graph.tensors[number]).shape}
    if len(labels) not in sizes:
        allowed = " or ".join(map(str, sorted(sizes)))
        raise UserError("labels", f"not as many as outputs of {graph.name}", got=len(labels), allowed=allowed)


def _tensors(graph: Graph, numbers: Sequence[int], prefix: str) -> list[Mapping[str, Any]]:
    several = len(numbers) > 1
    return [
        _tensor(graph.tensors[number], f"{prefix}_{index}" if several else prefix)
        for index, number in enumerate(numbers)
    ]


def _tensor(tensor: Tensor, macro: str) -> dict[str, Any]:
    quantization = tensor.quantization
    return {
        "macro": macro,
        "comment": c.comment(
            f"{tensor.name or 'tensor'}: {' x '.join(map(str, tensor.shape)) or 'scalar'} of {tensor.dtype}"
        ),
        "dtype": tensor.dtype,
        "shape": tensor.shape,
        "elements": tensor.elements,
        "bytes": tensor.bytes,
        "scale": c.number(quantization.scale) if quantization else None,
        "zero_point": _enclosed(quantization.zero_point) if quantization else None,
    }


def _enclosed(value: int) -> str:
    """An integer that can stand in any expression."""
    return f"({c.integer(value)})" if value < 0 else c.integer(value)


def _render(name: str, folders: Sequence[Path], facts: Mapping[str, Any]) -> str:
    try:
        return template(name, folders).render(facts)
    except jinja2.TemplateSyntaxError as error:
        raise UserError(f"{error.filename or name}:{error.lineno}", f"not a valid template: {error.message}") from None
    except jinja2.TemplateError as error:
        hint = "the names that a template may use are those of templates/model_array.h.j2"
        raise UserError(name, f"the template cannot be filled in: {error.message}", hint=hint) from None


main = stage(Options, write)

if __name__ == "__main__":
    run(main)
