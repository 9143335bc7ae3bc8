"""Keras models in files, of Keras 2 and 3: told apart by what stands in them.

Those of Keras 2 are what passes work on. Those of Keras 3 are rebuilt in tf-keras, layer by layer; one that has a layer
which tf-keras lacks becomes a float .tflite. Code in files is refused, that of the project's model.py is registered.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from edgewright.errors import UserError
from edgewright.importers import Brought, Look
from edgewright.importers._keras3.brought import from_keras_2, from_keras_3, keras_3
from edgewright.importers._keras3.known import quantized, stops
from edgewright.passes.keras_model import stored

SUFFIXES = (".keras", ".h5", ".hdf5")
PACKAGES = ("tensorflow", "tf-keras", "keras")
_RATHER = "save it as .keras: Keras 3 writes some .h5 files that it cannot read itself"


def look(source: str) -> Look:
    """By the file's configuration alone. UserError: there is no such file, or it is no Keras model."""
    path = Path(source)
    if not path.is_file():
        raise UserError(source, "no such file", allowed=f"a Keras model, {' or '.join(SUFFIXES)}")
    configurations = stored.configurations(path)
    if not _is_keras_3(path):
        return Look((source,), keras=True)
    _refuse_quantized(configurations, source)
    found = [stop for config in configurations for stop in stops(config)]
    return Look((source,), keras=not found, stops=tuple(dict.fromkeys(found)))


def bring(tf: Any, source: str, form: str) -> Brought:
    """The model. UserError: the file holds or names code that is not the project's, or Keras cannot read it."""
    path = Path(source)
    if not _is_keras_3(path):
        return from_keras_2(tf, stored.load(tf, path), source)
    keras = keras_3()

    def registered(name: str) -> bool:
        return keras.saving.get_registered_object(name) is not None

    stored.check(path, registered)
    stored.check_packages(path, registered)
    try:
        model = keras.saving.load_model(path, compile=False, **_safe(path))
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        problem = f"Keras {keras.__version__} cannot read it: {str(error).splitlines()[0]}"
        raise UserError(source, problem, hint=_unread(path)) from error
    return from_keras_3(tf, keras, model, source, form)


def _refuse_quantized(configurations: Sequence[Any], source: str) -> None:
    found = [each for config in configurations for each in quantized(config)]
    if found:
        problem = "Keras has quantized it: its weights are integers, and what they stand for was rounded away"
        hint = "bring the model as it was before quantize(): it is quantized here, whole"
        raise UserError(source, problem, got=", ".join(found[:5]), hint=hint)


def _unread(path: Path) -> str | None:
    """What to do where Keras 3 cannot read a file, whose suffix tells it which kind that is."""
    is_archive = zipfile.is_zipfile(path)
    if is_archive != (path.suffix == ".keras"):
        kind, suffix = (".keras archive", ".keras") if is_archive else ("HDF5 file", ".h5")
        return f"it is a {kind}: rename it to {path.stem}{suffix}"
    return None if is_archive else _RATHER


def _is_keras_3(path: Path) -> bool:
    return _version(stored.metadata(path)).startswith("3")


def _version(metadata: Mapping[str, Any]) -> str:
    return str(metadata.get("keras_version", "2"))


def _safe(path: Path) -> dict[str, bool]:
    """HDF5 has no safe mode of its own: what it names was looked at before."""
    return {"safe_mode": True} if path.suffix == ".keras" else {}
