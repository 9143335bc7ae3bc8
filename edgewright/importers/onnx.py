"""ONNX files, through onnx2tf, in an environment of its own: it wants another Python and other versions than ours.

What it writes is a float .tflite with channels last; its own quantization is not used. onnxruntime is the origin that
it is held against.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgewright.errors import UserError
from edgewright.importers import Brought, Look
from edgewright.importers._borders import Borders
from edgewright.importers._child import Child
from edgewright.importers._environment import Environment
from edgewright.importers._tidied.apply import tidied

SUFFIXES = (".onnx",)
PACKAGES = ()
FILES = ("edgewright/importers/onnx.txt", "edgewright/importers/_onnx_child.py", "edgewright/importers/_serve.py")
STOP = "onnx2tf gives a .tflite"

_HERE = Path(__file__).parent
ENVIRONMENT = Environment("onnx", "3.12", _HERE / "onnx.txt", download_mb=150, disk_mb=540)
_CHILD = _HERE / "_onnx_child.py"


def look(source: str) -> Look:
    """The file, and those beside it that may hold its data: "net.onnx.data". UserError: it is not there."""
    path = Path(source)
    if not path.is_file():
        raise UserError(source, "no such file", allowed="an ONNX file")
    data = sorted(str(other) for other in path.parent.glob(f"{_escaped(path.name)}?*") if other.is_file())
    return Look((source, *data), stops=(STOP,))


def prepare(say: Callable[[str], None]) -> None:
    """Make the environment, once."""
    ENVIRONMENT.make(say)


def bring(_tf: Any, source: str, _form: str) -> Brought:
    """The file as a float .tflite. UserError: it is none, or the converter cannot."""
    converted = convert(Path(source), Path(tempfile.mkdtemp(prefix="onnx-")), source)
    answer = converted.borders.answer(converted.child.answers)
    origin = "ONNX, of onnx2tf 2.6.9, beside onnxruntime 1.26.0"
    return Brought(origin, converted.borders.inputs, answer, tflite=converted.tflite, facts=converted.facts)


@dataclass(frozen=True)
class Converted:
    """A model of ONNX as a float .tflite, and the process that opened it."""

    tflite: bytes
    borders: Borders
    facts: dict[str, Any]
    child: Child


def convert(model: Path, folder: Path, source: str) -> Converted:
    """Convert an ONNX file; `folder` takes what that makes, `source` is the place for messages."""
    child = Child(ENVIRONMENT, _CHILD, model, folder, source)
    child.do("convert")
    child.end()
    known = json.loads((folder / "borders.json").read_text())
    tflite, inputs, outputs = tidied((folder / "model.tflite").read_bytes())
    borders = Borders.read(known).turned(inputs, outputs)
    return Converted(tflite, borders, {"nodes": known["nodes"], "axes": borders.axes}, child)


def _escaped(name: str) -> str:
    """A name for a pattern of `glob`."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)
