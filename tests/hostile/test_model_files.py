"""Keras files and SavedModels that hold or name code are refused before a framework opens them."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import h5py
import pytest

from edgewright.errors import UserError
from edgewright.passes.keras_model.stored import check
from testbench.imports.__main__ import FILES
from testbench.imports._networks import path_of

ROOT = Path(__file__).parents[2]
OWN = "mine>Gate"


def _layer(name: str, class_name: str, module: str | None = "keras.layers", **config: Any) -> dict[str, Any]:
    layer = {"class_name": class_name, "config": {"name": name, **config}}
    return layer if module is None else layer | {"module": module, "registered_name": None}


def _model(*layers: Any) -> dict[str, Any]:
    return _layer("model", "Functional", "keras.src.engine.functional", layers=list(layers))


def write(folder: Path, kind: str, config: Any) -> Path:
    path = folder / f"m.{kind}"
    if kind == "h5":
        with h5py.File(path, "w") as file:
            file.attrs["model_config"] = json.dumps(config)
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("config.json", json.dumps(config))
    return path


DENSE = _layer("dense", "Dense", activation="relu", kernel_initializer=_layer("init", "Zeros", "keras.initializers"))
LAMBDA = _layer("odd", "Lambda", function=["never decoded", None, None])
BAD = {
    "layer 'odd': is a Lambda": LAMBDA,
    "layer 'inside': is a Lambda": _model(_layer("inside", "Lambda", None)),
    "layer 'wrapped': is a Lambda": _layer("around", "TimeDistributed", layer=_layer("wrapped", "Custom>Lambda")),
    "layer 'fn': is a Lambda": _layer("fn", "Dense", activation={"class_name": "__lambda__", "config": {"value": ""}}),
    "layer 'far': names Thing of module some.where": _layer("far", "Thing", "some.where"),
    "layer 'act': names function of module os.path": _layer(
        "act", "Dense", activation={"class_name": "function", "module": "os.path", "config": "exists"}
    ),
    "layer 'part': names a part of Python itself, got 'print'": _layer(
        "part", "Dense", activation={"class_name": "function", "module": "builtins", "config": "print"}
    ),
    "names a part of Python itself, got 'object'": _layer("raw", "object", "builtins"),
    "layer 'get': names get_file of module keras.utils": _layer("get", "get_file", "keras.utils"),
    "layer 'words': names a file": _layer("words", "StringLookup", vocabulary="words.txt"),
    "layer 'util': calls a function of TensorFlow that does more": _layer(
        "util", "TFOpLambda", function="keras.utils.get_file"
    ),
    "layer 'cls': is a ClassMethod": _layer(
        "cls", "ClassMethod", None, cls_symbol="io.read_file", method_name="__call__"
    ),
    "layer 'saved': is a TFSMLayer": _layer("saved", "TFSMLayer", filepath="folder", call_endpoint="serving_default"),
    "layer 'own': asks for a part of a tensor": _layer("own", "InstanceMethod", attr_name="__reduce__"),
    "layer 'two': is a Lambda": {**_layer("two", "Unknown"), "registered_name": "Lambda"},
    "layer 'dots': names a part of a module, got 'layers.Lambda'": _layer("dots", "layers.Lambda", "keras"),
    "layer 'deep': names a part of a module, got 'os.remove'": _layer(
        "deep", "Dense", activation={"class_name": "function", "module": "keras.models", "config": "os.remove"}
    ),
    "layer 'call': calls a function of TensorFlow that does more": _layer(
        "call", "TFOpLambda", function="io.read_file"
    ),
}
GOOD = [
    _layer("ragged", "InstanceMethod", None, attr_name="to_tensor"),
    DENSE,
    _layer("sum", "TFOpLambda", function="__operators__.add"),
    _layer("mean", "TFOpLambda", function="math.reduce_mean"),
    _layer("act", "Dense", activation={"class_name": "function", "module": "builtins", "config": "relu"}),
    {**_layer("gate", "Gate", "model"), "registered_name": OWN},
    _layer("bn", "BatchNormalization", "keras.src.layers.normalization.batch_normalization"),
]


@pytest.mark.parametrize("kind", ["h5", "keras"])
@pytest.mark.parametrize("said", BAD)
def test_code_in_a_file_is_refused(tmp_path: Path, kind: str, said: str) -> None:
    path = write(tmp_path, kind, _model(DENSE, BAD[said]))
    with pytest.raises(UserError) as caught:
        check(path, lambda name: name == OWN)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("kind", ["h5", "keras"])
def test_layers_of_keras_and_of_the_project_are_taken(tmp_path: Path, kind: str) -> None:
    path = write(tmp_path, kind, _model(*GOOD))
    check(path, lambda name: name == OWN)
    with pytest.raises(UserError, match="layer 'gate': names Gate of module model"):
        check(path, lambda _: False)


def test_a_file_of_both_kinds_is_looked_at_as_both(tmp_path: Path) -> None:
    good = write(tmp_path, "h5", _model(DENSE))
    bad = write(tmp_path, "keras", _model(LAMBDA))
    both = tmp_path / "both.keras"
    both.write_bytes(good.read_bytes() + bad.read_bytes())
    with pytest.raises(UserError, match="is a Lambda"):
        check(both, lambda _: False)


def _outside(kind: str, file: Any, other: Path) -> None:
    """Weights in a file that are those of another one."""
    if kind == "link":
        file["w"] = h5py.ExternalLink("other.h5", "/w")
    elif kind == "bytes":
        file.create_dataset("g/w", (2,), "f4", external=[(str(other), 0, 8)])
    else:
        layout = h5py.VirtualLayout((2,), "f4")
        layout[:] = h5py.VirtualSource(str(other), "w", (2,))
        file.create_virtual_dataset("g/w", layout)


@pytest.mark.parametrize("form", ["h5", "keras"])
@pytest.mark.parametrize("kind", ["link", "bytes", "virtual"])
def test_weights_that_lie_in_other_files_are_refused(tmp_path: Path, form: str, kind: str) -> None:
    path = write(tmp_path, form, _model(DENSE))
    inner = path if form == "h5" else tmp_path / "model.weights.h5"
    with h5py.File(inner, "a") as file:
        file["around"] = file["/"]  # a circle, which has an end for all that
        _outside(kind, file, tmp_path / "other")
    if form == "keras":
        with zipfile.ZipFile(path, "a") as archive:
            archive.write(inner, inner.name)
    with pytest.raises(UserError, match="w: its values lie in another file"):
        check(path, lambda _: False)


@pytest.mark.parametrize("data", [b"", b"\x80\x04.", b"PK\x05\x06" + bytes(18), b"\x89HDF\r\n\x1a\n" + bytes(600)])
def test_what_is_no_model_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "m.h5").write_bytes(data)
    with pytest.raises(UserError, match="cannot be read as a Keras model"):
        check(tmp_path / "m.h5", lambda _: False)


def test_a_configuration_of_endless_depth_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "m.keras", "w") as archive:
        archive.writestr("config.json", "[" * 200_000)
    with pytest.raises(UserError, match="its configuration is no JSON"):
        check(tmp_path / "m.keras", lambda _: False)


PROGRAM = """
import sys
from pathlib import Path
import tensorflow as tf
from edgewright.errors import UserError
from edgewright.passes.keras_model.stored import load
folder = Path(sys.argv[1])
keras = tf.keras

@keras.utils.register_keras_serializable("mine")
class Gate(keras.layers.Layer):
    def call(self, x):
        return x

def model(*layers):
    x = keras.Input((4,), batch_size=1)
    y = keras.layers.Dense(3, activation="relu")(x) + 1.0
    for layer in layers:
        y = layer(y)
    return keras.Model(x, y)

def saved_models():  # each way in which a SavedModel may have something run: it is read, and nothing of it runs
    from tensorflow.core.protobuf import saved_model_pb2
    from edgewright.importers.saved_model import check

    def without(meta):
        pass

    def when_loaded(meta):  # without objects TensorFlow 1's loader takes it, which runs what collections name
        meta.ClearField("object_graph_def")
        meta.graph_def.node.add(name="bad", op="WriteFile")
        meta.collection_def["saved_model_main_op"].node_list.value[:] = ["bad"]

    def saver_called(meta):
        meta.ClearField("object_graph_def")
        meta.collection_def["saved_model_main_op"].node_list.value[:] = [meta.saver_def.save_tensor_name]

    def restorer(meta):
        called = next(each for each in meta.graph_def.library.function if "traced_restore" in each.signature.name)
        called.node_def.add(name="bad", op="ReadFile")

    def beside(meta):  # which function a signature is stands in two places
        function = meta.graph_def.library.function.add()
        function.signature.name = "other"
        function.node_def.add(name="bad", op="ReadFile")
        meta.object_graph_def.concrete_functions["other"].SetInParent()

    def named(meta):
        called = next(each for each in meta.graph_def.library.function if "traced_save" in each.signature.name)
        meta.object_graph_def.concrete_functions[called.signature.name].SetInParent()

    def hook(meta):
        meta.object_graph_def.nodes[0].children.add(node_id=1, local_name="_restore_from_tensors")

    for change in (without, when_loaded, saver_called, restorer, beside, named, hook):
        model = saved_model_pb2.SavedModel.FromString((Path(sys.argv[2]) / "saved_model.pb").read_bytes())
        change(model.meta_graphs[0])
        (folder / "saved_model.pb").write_bytes(model.SerializeToString())
        try:
            check(folder)
            print("saved", change.__name__, "taken")
        except UserError as error:
            print("saved", change.__name__, str(error).splitlines()[0].rpartition(": ")[2])

saved_models()
for kind in ("h5", "keras"):
    path = folder / f"good.{kind}"
    model(Gate(name="gate"), keras.layers.BatchNormalization()).save(path)
    print(kind, len(load(tf, path).layers))
    path = folder / f"bad.{kind}"
    model(keras.layers.Lambda(lambda x: x, name="odd")).save(path)
    try:
        load(tf, path)
    except UserError as error:
        print(kind, str(error).splitlines()[0])
"""


_REFUSED = "an operator may reach files or code outside of the model, got"
SAVED = [
    "saved without taken",
    f"saved when_loaded {_REFUSED} 'WriteFile'",
    f"saved saver_called {_REFUSED} 'ShardedFilename'",
    f"saved restorer {_REFUSED} 'ReadFile'",
    f"saved beside {_REFUSED} 'ReadFile'",
    f"saved named {_REFUSED} 'ShardedFilename'",
    "saved hook replaces a part of TensorFlow by one of its own, got '_restore_from_tensors'",
]


def test_files_that_frameworks_write(tmp_path: Path) -> None:

    environment = {**os.environ, "TF_USE_LEGACY_KERAS": "1", "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(ROOT)}
    saved = path_of(FILES, "saved-model", "batch_norm")
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM, str(tmp_path), str(saved)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line for line in lines if line.startswith("saved ")] == SAVED
    lines = [line for line in lines if not line.startswith("saved ")]
    assert [line for line in lines if "odd" not in line] == ["h5 5", "keras 5"]
    refused = [line for line in lines if "odd" in line]
    assert [line.split()[0] for line in refused] == ["h5", "keras"]
    assert all("layer 'odd': is a Lambda" in line for line in refused)


LOADS = {"load_model", "load", "loads", "model_from_json", "model_from_config", "load_weights"}


def _loads(path: Path) -> list[ast.Call]:
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    return [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr in LOADS]


GUARDED = {
    "passes/keras_model/stored.py": "tf.keras.models.load_model(path, compile=False, safe_mode=True)",
    "importers/keras.py": "keras.saving.load_model(path, compile=False, **_safe(path))",
    "importers/saved_model.py": "tf.saved_model.load(source)",
}
"""Where a model is opened, each after a look at what its file names: tests/importers shows what they refuse."""


def test_every_load_is_one_that_runs_no_code() -> None:
    """Arrays without pickles, models through the one guarded place, and no pickle anywhere."""
    for path in (ROOT / "edgewright").rglob("*.py"):
        text = path.read_text()
        assert "import pickle" not in text, path
        for call in _loads(path):
            said = ast.unparse(call)
            if said.startswith("np.load("):
                assert "allow_pickle=False" in said, f"{path}: {said}"
            if ".load_model(" in said or said.startswith("tf.saved_model"):
                assert said == GUARDED.get(path.relative_to(ROOT / "edgewright").as_posix()), f"{path}: {said}"
            assert not said.startswith(("torch.load", "yaml.load")), f"{path}: {said}"
