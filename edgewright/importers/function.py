"""A function of the project's own Python that gives a Keras model: "module:function".

The module is a file of the model's folder, or of the current one. It runs, as model.py does: who names it trusts it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from edgewright.errors import UserError
from edgewright.importers import Brought, Look
from edgewright.importers._keras3.brought import from_keras_2, from_keras_3, keras_3
from edgewright.source import fault_in, load_source

SUFFIXES = ()
CALLED = ("module:function",)
PATTERN = r"(?:[\w./-]*/)?[A-Za-z_]\w*:[A-Za-z_]\w*"
PACKAGES = ("tensorflow", "tf-keras", "keras")


def look(source: str) -> Look:
    """The module's file. What its function gives is seen when it runs: a Keras model, which passes work on."""
    path, _ = _parts(source)
    if not path.is_file():
        raise UserError(source, "no such Python file", got=str(path))
    return Look((str(path),), keras=True)


def bring(tf: Any, source: str, form: str) -> Brought:
    """The model that the function gives. UserError: there is none, it fails, or what it gives is no Keras model."""
    path, name = _parts(source)
    module = load_source(path)
    if not callable(getattr(module, name, None)):
        raise UserError(str(path), f"no function {name}()")
    try:
        model = getattr(module, name)()
    except Exception as error:
        raise fault_in(path, error) from error
    if isinstance(model, tf.keras.Model):
        return from_keras_2(tf, model, source)
    keras = keras_3()
    if isinstance(model, keras.Model):
        return from_keras_3(tf, keras, model, source, form)
    got = f"{type(model).__module__}.{type(model).__name__}"
    raise UserError(source, "gives no Keras model", got=got, allowed="a keras.Model, of Keras 2 or 3")


def _parts(source: str) -> tuple[Path, str]:
    module, _, name = source.rpartition(":")
    return Path(f"{module}.py"), name
