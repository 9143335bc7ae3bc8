"""Keras models in files: looked at before Keras opens them, as a file may hold Python code or name any module's.

The configuration in the file is JSON: it is read as such, and each layer, activation and the like in it has to be
Keras' own, or registered by the project's model.py under its name.
"""

from __future__ import annotations

import builtins
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from edgewright.errors import UserError

CONFIG, METADATA = "config.json", "metadata.json"
"""Where a .keras file, which is a ZIP archive, has its configuration, and what made it."""

_MOST_BYTES = 64 << 20
_MODULES = re.compile(
    r"(tf_)?keras(\.src)?(\.(activations|constraints|dtype_policies|engine|initializers|layers|losses|metrics"
    r"|mixed_precision|models|ops|optimizers|regularizers)(\.\w+)*)?"
)
"""Modules of Keras whose names do no more than to compute."""

_OPERATIONS = re.compile(
    r"(tf\.)?(((__operators__|math|nn|linalg|image|signal|keras\.(activations|backend))\.[\w.]+)|abs|add_n|argmax|argmin|boolean_mask"
    r"|broadcast_to|cast|clip_by_value|concat|convert_to_tensor|cos|cumsum|einsum|exp|expand_dims|eye|fill|floor|gather"
    r"|gather_nd|identity|identity_n|matmul|maximum|minimum|multiply|norm|one_hot|ones|ones_like|pad|pow|range|rank"
    r"|reduce_(all|any|max|mean|min|prod|sum)|repeat|reshape|reverse|roll|round|shape|sigmoid|sign|sin|slice|split|sqrt"
    r"|square|squeeze|stack|strided_slice|subtract|tanh|tensordot|tile|transpose|unstack|where|zeros|zeros_like)"
)
"""Functions of TensorFlow that a layer may call by name: those that read and write nothing."""

_HINT = "put a layer class into model.py, registered with tf.keras.utils.register_keras_serializable()"

Registered = Callable[[str], bool]


def load(tf: Any, path: Path, hint: str | None = None) -> Any:
    """The model in a .h5 or .keras file, without its optimizer; `hint` is for a file that Keras cannot read.

    Raises:
        UserError: there is no such file, it is no Keras model, or it holds or names code that is not the project's.
    """
    if not path.is_file():
        raise UserError(str(path), "no such file", allowed="a Keras model, .h5 or .keras")
    check(path, lambda name: tf.keras.utils.get_registered_object(name) is not None)
    try:
        return tf.keras.models.load_model(path, compile=False, safe_mode=True)
    except (OSError, ValueError, TypeError, KeyError) as error:
        problem = f"cannot be read as a Keras model: {str(error).splitlines()[0]}"
        raise UserError(str(path), problem, hint=hint) from error


def check(path: Path, registered: Registered) -> None:
    """UserError when a model file holds or names code; `registered` says whether a name is known to Keras."""
    for config in configurations(path):
        _walk(str(path), config, "model", registered)


def configurations(path: Path) -> list[Any]:
    """What a model file says of its layers, as JSON values; of a file that could be read as either kind, both."""
    texts = [*_of_archive(path), *_of_hdf5(path)]
    if not texts:
        raise UserError(str(path), "cannot be read as a Keras model: it is neither HDF5 nor a .keras archive")
    try:
        return [json.loads(text) for text in texts]
    except (ValueError, RecursionError) as error:
        raise UserError(str(path), f"cannot be read as a Keras model: its configuration is no JSON: {error}") from None


def metadata(path: Path) -> dict[str, Any]:
    """What a model file says of its making: "keras_version" for one. UserError: it is no Keras model."""
    found = [*_of_archive(path, METADATA), *_of_hdf5(path, "keras_version")]
    try:
        values = [json.loads(text) if isinstance(text, bytes) and text[:1] == b"{" else text for text in found]
    except (ValueError, RecursionError) as error:
        raise UserError(str(path), f"cannot be read as a Keras model: its {METADATA} is no JSON: {error}") from None
    value = values[0] if values else {}
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return value if isinstance(value, dict) else {"keras_version": value}


def _of_archive(path: Path, name: str = CONFIG) -> Iterator[bytes]:
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive, archive.open(name) as file:
            text = file.read(_MOST_BYTES + 1)
    except (OSError, KeyError, ValueError, NotImplementedError, RuntimeError, zipfile.BadZipFile) as error:
        raise UserError(str(path), f"cannot be read as a Keras model: {error}") from None
    if len(text) > _MOST_BYTES:
        raise UserError(str(path), f"its {name} is larger than {_MOST_BYTES:,} bytes")
    yield text


def _of_hdf5(path: Path, name: str = "model_config") -> Iterator[bytes | str]:
    import h5py

    if not h5py.is_hdf5(path):
        return
    try:
        with h5py.File(path, "r") as file:
            if (text := file.attrs.get(name)) is not None:
                yield text
            elif name == "model_config":
                raise UserError(str(path), "cannot be read as a Keras model: it holds no model_config, weights perhaps")
    except (OSError, RuntimeError, TypeError, ValueError) as error:
        raise UserError(str(path), f"cannot be read as a Keras model: {error}") from None


def _walk(path: str, value: Any, layer: str, registered: Registered) -> None:
    """Look at each object that a configuration names; `layer` is the closest name around it, for messages."""
    todo = [(value, layer)]
    while todo:
        value, layer = todo.pop()
        if isinstance(value, list):
            todo += [(item, layer) for item in value]
        elif isinstance(value, dict):
            config = value.get("config")
            inner = str(config["name"]) if isinstance(config, dict) and "name" in config else layer
            if "class_name" in value:
                _check_object(path, value, inner, registered)
            todo += [(item, inner) for item in value.values()]


def _check_object(path: str, value: Mapping[str, Any], layer: str, registered: Registered) -> None:
    name, module, config = str(value["class_name"]), value.get("module"), value.get("config")
    where = f"{path}: layer {layer!r}"
    if isinstance(config, dict) and isinstance(config.get("vocabulary"), str):
        problem = "names a file of this machine, which it would read"
        raise UserError(where, problem, got=config["vocabulary"], hint="save the model with the words themselves")
    if name.rpartition(">")[2] in {"Lambda", "__lambda__"}:
        raise UserError(where, "is a Lambda: it holds Python code, which a model file may not bring", hint=_HINT)
    if name in {"TFOpLambda", "SlicingOpLambda"} and isinstance(config, dict):
        called = str(config.get("function"))
        if not _OPERATIONS.fullmatch(called):
            raise UserError(where, "calls a function of TensorFlow that does more than compute", got=called, hint=_HINT)
    elif module == "builtins":
        if name != "function" or not isinstance(config, str) or hasattr(builtins, config):
            raise UserError(where, "names a part of Python itself", got=config if name == "function" else name)
    elif module is not None and not _MODULES.fullmatch(str(module)):
        own = str(value.get("registered_name") or name)
        if not registered(own):
            problem = f"names {name} of module {module}, which is not Keras' own and which model.py has not registered"
            raise UserError(where, problem, hint=_HINT)
