"""TFLite's schema with objects that can be changed, which TensorFlow has as a file that needs nothing of it."""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from pathlib import Path
from typing import Any

_NAME = "tensorflow.lite.python.schema_py_generated"
_FILE_IDENTIFIER = b"TFL3"


def schema() -> Any:
    """Its module. The package above it, which takes seconds and 400 MB, is not imported for it."""
    return sys.modules.get(_NAME) or _alone()


@cache
def _alone() -> Any:
    found = importlib.util.find_spec("tensorflow")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError("No module named 'tensorflow'", name="tensorflow")
    file = Path(next(iter(found.submodule_search_locations)), *_NAME.split(".")[1:]).with_suffix(".py")
    spec = importlib.util.spec_from_file_location("_tflite_schema", file)
    module = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
    spec.loader.exec_module(module)  # type: ignore[union-attr]
    return module


def read(tflite: bytes) -> Any:
    """A file as objects."""
    found = schema()
    return found.ModelT.InitFromObj(found.Model.GetRootAs(bytearray(tflite), 0))


def written(file: Any) -> bytes:
    """Such objects as a file."""
    import flatbuffers

    builder = flatbuffers.Builder(1024)
    builder.Finish(file.Pack(builder), file_identifier=_FILE_IDENTIFIER)
    return bytes(builder.Output())
