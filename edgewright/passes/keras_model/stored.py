"""Keras models in files: looked at before Keras opens them, as a file may hold Python code or name any module's.

The configuration in the file is JSON: it is read as such, and each layer, activation and the like in it has to be
Keras' own, or registered by the project's model.py under its name.
"""

from __future__ import annotations

import builtins
import io
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

_CALLS = {"TFOpLambda", "SlicingOpLambda"}
"""Layers that call a function of TensorFlow, which `config` names under "function"."""

_MEMBERS = re.compile(
    r"indices|dense_shape|((nested_|flat_)?(values|row_splits|row_lengths|value_rowids))|nrows|row_(starts|limits)"
    r"|bounding_shape|with_(flat_)?values|with_row_splits_dtype|merge_dims|to_(tensor|sparse)"
)
"""What a layer may ask of a ragged or sparse tensor by its name."""

_PROGRAMS = {"Lambda", "__lambda__", "ClassMethod", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer"}
"""Layers whose configuration is code, or names code that lies elsewhere."""

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
    for file in _hdf5(path):
        _check_links(str(path), file)


def check_packages(path: Path, registered: Registered) -> None:
    """UserError for a layer, or a part of one, that was registered as "package>name" where it was saved, and not here.

    Keras itself does not say which. How a model was compiled does not matter: it is not read.
    """
    todo = [(config, "model") for config in configurations(path)]
    while todo:
        value, layer = todo.pop()
        if isinstance(value, dict):
            config = value.get("config")
            layer = str(config["name"]) if isinstance(config, dict) and "name" in config else layer
            names = _names(value) if "class_name" in value else set()
            if foreign := sorted(name for name in names if ">" in name and not registered(name)):
                problem = f"is of {foreign[0]}, which is not Keras' own and which model.py has not registered"
                raise UserError(f"{path}: layer {layer!r}", problem, hint=_HINT)
            todo += [(each, layer) for key, each in value.items() if key != "compile_config"]
        elif isinstance(value, list):
            todo += [(each, layer) for each in value]


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
    names = _names(value)
    for each in sorted(names):
        _check_name(where, each, config if isinstance(config, dict) else {}, registered)
    if module == "builtins":
        if name != "function" or not isinstance(config, str) or hasattr(builtins, config):
            raise UserError(where, "names a part of Python itself", got=config if name == "function" else name)
    elif module is not None and not _MODULES.fullmatch(str(module)):
        own = str(value.get("registered_name") or name)
        if not registered(own):
            problem = f"names {name} of module {module}, which is not Keras' own and which model.py has not registered"
            raise UserError(where, problem, hint=_HINT)


def _names(value: Mapping[str, Any]) -> set[str]:
    """All names under which Keras looks for the class or function of an object."""
    given = [value.get(key) for key in ("class_name", "registered_name", "spec_name")]
    if value["class_name"] == "function":
        given.append(value.get("config"))
    return {name for name in given if isinstance(name, str)}


def _check_name(where: str, name: str, config: Mapping[str, Any], registered: Registered) -> None:
    plain = name.rpartition(">")[2]
    if plain in _PROGRAMS:
        kind = "Lambda" if plain == "__lambda__" else plain
        raise UserError(where, f"is a {kind}: it holds or names code, which a model file may not bring", hint=_HINT)
    if "." in plain and not registered(name):
        raise UserError(where, "names a part of a module", got=name, allowed="a class or a function of Keras")
    if plain in _CALLS and not _OPERATIONS.fullmatch(called := str(config.get("function"))):
        raise UserError(where, "calls a function of TensorFlow that does more than compute", got=called, hint=_HINT)
    if plain in {"InstanceProperty", "InstanceMethod"} and not _MEMBERS.fullmatch(
        asked := str(config.get("attr_name"))
    ):
        raise UserError(where, "asks for a part of a tensor that does more than compute", got=asked, hint=_HINT)


def _hdf5(path: Path) -> Iterator[Any]:
    """The HDF5 files that a model file is, or holds: as files, or in memory."""
    import h5py

    if h5py.is_hdf5(path):
        yield path
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.endswith(".h5"):
                    yield io.BytesIO(archive.read(name))


def _check_links(path: str, file: Any) -> None:
    """UserError where values come out of another file of this machine: nothing depends on it, nobody sees it."""
    import h5py

    try:
        with h5py.File(file, "r") as opened:
            for name, link, item in _items(opened):
                outside = isinstance(link, h5py.ExternalLink)
                if outside or (isinstance(item, h5py.Dataset) and (item.external or item.is_virtual)):
                    raise UserError(f"{path}: {name}", "its values lie in another file", hint="save the model anew")
    except (OSError, RuntimeError, ValueError, KeyError, TypeError) as error:
        raise UserError(path, f"cannot be read as a Keras model: {error}") from None


def _items(opened: Any) -> Iterator[tuple[str, Any, Any]]:
    """Name, link and, where it is one of the file's own, the group or data set of all that an HDF5 file holds."""
    import h5py

    todo, seen = [opened], set[int]()
    while todo:
        group = todo.pop()
        for name in group:
            link = group.get(name, getlink=True)
            item = group[name] if isinstance(link, h5py.HardLink) else None
            yield f"{group.name.rstrip('/')}/{name}", link, item
            if isinstance(item, h5py.Group) and (place := h5py.h5o.get_info(item.id).addr) not in seen:
                seen.add(place)
                todo.append(item)
