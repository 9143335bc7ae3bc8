"""PyTorch programs, of torch.export.save: torch writes them as ONNX, and what takes ONNX does the rest.

torch is in an environment of its own, for its size. It is the origin that the result is held against. The file is read
here first, and torch opens what is left of it (`_pt2`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from edgewright.errors import UserError
from edgewright.importers import Brought, Converted, Look, _pt2, onnx
from edgewright.importers._child import Child
from edgewright.importers._environment import Environment

SUFFIXES = (".pt2",)
PACKAGES = ()
FILES = ("edgewright/importers/torch.txt", "edgewright/importers/_torch_child.py", *onnx.FILES)
OTHERS = (".pt", ".pth")
OTHERS_HINT = (
    "weights alone, pickles and TorchScript are not taken: "
    "torch.export.save(torch.export.export(net.eval(), (example,)), 'net.pt2')"
)
"""Suffixes of other files of PyTorch, and what to do instead."""

STOP = "PyTorch comes through ONNX, of which onnx2tf gives a .tflite"

_HERE = Path(__file__).parent
_LOCK = _HERE / "torch.txt"
ENVIRONMENT = Environment("torch", "3.11", _LOCK, download_mb=240, disk_mb=840, otherwise=("--torch-backend", "cpu"))
"""With the torch that computes on CPUs alone: PyPI's brings 5 GB for others. It lies in PyTorch's own index."""

_CHILD = _HERE / "_torch_child.py"


def look(source: str) -> Look:
    """The file. UserError: it is not there, or holds what is not opened."""
    path = Path(source)
    if not path.is_file():
        raise UserError(source, "no such file", allowed="a file of torch.export.save, .pt2")
    _pt2.look(path, source)
    return Look((source,), stops=(STOP,))


def prepare(say: Callable[[str], None]) -> None:
    """Make both environments, once."""
    ENVIRONMENT.make(say)
    onnx.prepare(say)


def convert(source: str) -> Converted:
    """The program as a float .tflite. UserError: it is none, or cannot be converted."""
    child = _child(source)
    child.do("export")
    child.end()
    return onnx.converted(child.folder / "net.onnx", child.folder, source)


def opened(source: str, made: Converted) -> Brought:
    """What became of it, beside torch."""
    child = _child(source)
    origin = "PyTorch 2.13.0, through ONNX, of onnx2tf 2.6.9"
    return onnx.brought(origin, made, child, onnx.running(child.folder, source))


def _child(source: str) -> Child:
    """A process of torch's own with what is opened of the file."""
    folder = Path(tempfile.mkdtemp(prefix="torch-"))
    (folder / "net.pt2").write_bytes(_pt2.cleaned(Path(source), source))
    return Child(ENVIRONMENT, _CHILD, folder / "net.pt2", folder, source)
