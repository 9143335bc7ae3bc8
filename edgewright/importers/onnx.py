"""ONNX files, through onnx2tf, in an environment of its own: it wants another Python and other versions than ours.

What it writes is a float .tflite with channels last; its own quantization is not used. onnxruntime is the origin that
it is held against.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgewright.errors import UserError
from edgewright.importers import Brought, Input, Look
from edgewright.importers._environment import Environment

if TYPE_CHECKING:
    from numpy.typing import NDArray

SUFFIXES = (".onnx",)
PACKAGES = ()
FILES = ("edgewright/importers/onnx.txt", "edgewright/importers/_onnx_child.py")
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
    folder = Path(tempfile.mkdtemp(prefix="onnx-"))
    _child("convert", source, folder)
    borders = json.loads((folder / "borders.json").read_text())
    inputs = tuple(Input(each["tensor"], tuple(each["shape"]), each["dtype"]) for each in borders["inputs"])

    def answer(values: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        return [outputs[0] for outputs in _answers(source, folder, [value[None] for value in values])]

    facts = {"nodes": borders["nodes"], "axes": {each["name"]: each["axes"] for each in borders["inputs"]}}
    origin = "ONNX, of onnx2tf 2.6.9, beside onnxruntime 1.26.0"
    return Brought(origin, inputs, answer, tflite=(folder / "model.tflite").read_bytes(), facts=facts)


def _answers(source: str, folder: Path, columns: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
    import numpy as np

    np.savez(folder / "inputs.npz", **{str(number): column for number, column in enumerate(columns)})
    _child("answer", source, folder)
    with np.load(folder / "outputs.npz", allow_pickle=False) as found:
        return [found[str(number)] for number in range(len(found.files))]


def _child(verb: str, source: str, folder: Path) -> None:
    """Run a step in the environment."""
    command = [str(ENVIRONMENT.program), "-I", str(_CHILD), verb, source, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"its process ended with {done.returncode}"]
        raise UserError(source, lines[-1].removeprefix("error: "))


def _escaped(name: str) -> str:
    """A name for a pattern of `glob`."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)
