"""ONNX files, through onnx2tf, in an environment of its own: it wants another Python and other versions than ours.

What it writes is a float .tflite with channels last; its own quantization is not used. onnxruntime is the origin that
it is held against.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from edgewright.errors import UserError
from edgewright.importers import Answer, Brought, Converted, Look
from edgewright.importers._borders import Borders
from edgewright.importers._child import Child
from edgewright.importers._environment import Environment

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


def convert(source: str) -> Converted:
    """The file as a float .tflite. UserError: it is none, or the converter cannot."""
    return converted(Path(source), Path(tempfile.mkdtemp(prefix="onnx-")), source)


def converted(model: Path, folder: Path, source: str) -> Converted:
    """The same of any ONNX file; `folder` takes what that makes, `source` is the place for messages."""
    child = Child(ENVIRONMENT, _CHILD, model, folder, source)
    child.do("convert")
    child.end()
    known = json.loads((folder / "borders.json").read_text())
    from edgewright.importers._tidied.apply import tidied  # numpy, which a build that has nothing to do does without

    tflite, inputs, outputs = tidied((folder / "model.tflite").read_bytes())
    return Converted(tflite, {"nodes": known["nodes"], **Borders.read(known).turned(inputs, outputs).as_json})


def opened(source: str, made: Converted) -> Brought:
    """What became of it, beside onnxruntime."""
    folder = Path(tempfile.mkdtemp(prefix="onnx-"))
    child = Child(ENVIRONMENT, _CHILD, Path(source), folder, source)
    return brought("ONNX, of onnx2tf 2.6.9, beside onnxruntime 1.26.0", made, child, child)


def brought(origin: str, made: Converted, asked: Child, runs: Child) -> Brought:
    """What became of a model: `asked` gives the origin's answers, `runs` is a process of `running`."""
    borders = Borders.read(made.known)
    facts = {"nodes": made.known["nodes"], "axes": borders.axes}
    answer = borders.answer(asked.answers)
    inputs = tuple(replace(each, name=name) for each, name in zip(borders.inputs, borders.names, strict=True))
    return Brought(origin, inputs, answer, tflite=made.tflite, facts=facts, run=_runner(runs))


def running(folder: Path, source: str) -> Child:
    """A process that runs what was converted; it opens no file of its origin."""
    return Child(ENVIRONMENT, _CHILD, folder, folder, source)


def _runner(child: Child) -> Callable[[bytes], Answer]:
    def runner(tflite: bytes) -> Answer:
        (child.folder / "ours.tflite").write_bytes(tflite)
        return lambda values: [column[0] for column in child.answers([value[None] for value in values], "run")]

    return runner


def _escaped(name: str) -> str:
    """A name for a pattern of `glob`."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)
