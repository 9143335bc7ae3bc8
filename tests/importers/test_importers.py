"""Models of other formats: opened, proven equal to their origin, quantized; and refused where they hold code."""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorProto

from edgewright.errors import ToolError, UserError
from edgewright.importers import _environment, _onnx_child, keras, onnx, saved_model, torch
from edgewright.importers._pythons import python
from edgewright.passes.keras_model import stored
from edgewright.passes.tflite_model.model import Model
from edgewright.registry import unimported
from edgewright.stages.training.bring import REAL_SAMPLES
from edgewright.tflite.reader import read_model
from testbench.imports.__main__ import FILES, FROZEN
from testbench.imports._networks import path_of
from testbench.stages import import_commands

if TYPE_CHECKING:
    from testbench.stages import Stages

KERAS = [(form, name) for form, names in FROZEN.items() if form.startswith("keras") for name in names]
BATCH_NORM = path_of(FILES, "saved-model", "batch_norm")


def bring(
    stages: Stages, folder: Path, source: object, form: str = ".tflite", calibration: Path | None = None, **how: Any
) -> Any:
    """The facts of an import to `net<form>` in the folder; what was printed, where it has to fail."""
    out, facts = folder / f"net{form}", folder / "import.json"
    *before, last = import_commands(str(source), out, calibration)
    if "code" in how and before:
        [last] = before  # a converter tells by itself
    else:
        for words in before:
            stages.run(*words)
    printed = stages.run(*last, **how)
    assert out.exists() == ("code" not in how)
    return printed if "code" in how else json.loads(facts.read_text())


@pytest.mark.parametrize(("form", "name"), KERAS)
def test_keras_models_of_both_versions_become_models_of_keras_2(
    form: str, name: str, stages: Stages, tmp_path: Path
) -> None:
    facts = bring(stages, tmp_path, path_of(FILES, form, name), ".h5")
    assert facts["becomes"] == "keras"
    assert facts["origin"].startswith(f"Keras {'2' if '2' in form else '3'}.")
    assert facts["error"]["random"] <= 1e-5


def test_inputs_for_a_keras_model_go_by_the_names_of_its_layers(stages: Stages, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    found = {"input_layer": random.standard_normal((9, 6, 6, 2)), "input_layer_1": random.standard_normal((9, 5))}
    np.savez(tmp_path / "x.npz", **found)
    facts = bring(stages, tmp_path, path_of(FILES, "keras3-keras", "two_inputs"), ".h5", calibration=tmp_path / "x.npz")
    assert facts["real_samples"] == 9
    assert facts["error"]["real"] <= 1e-5
    files = ("--model", tmp_path / "net.h5", "--calibration", tmp_path / "x.npz", "--out", tmp_path / "q.tflite")
    stages.run("quantize", *files, "--stats", tmp_path / "q.json", data={}, quantize={"qat": "never"})
    stats = json.loads((tmp_path / "q.json").read_text())
    assert stats["calibration_samples"] == 9
    assert [each["dtype"] for each in stats["inputs"]] == ["int8", "int8"]


TWO_PARTS = """
import numpy as np
def load():
    random = np.random.default_rng(0)
    x = {"input_layer_1": random.standard_normal((40, 5)), "input_layer": random.standard_normal((40, 6, 6, 2))}
    return x, np.arange(40) % 2, {name: part[:8] for name, part in x.items()}, np.arange(8) % 2
"""


def test_a_float_model_of_several_inputs_is_proven_and_quantized_by_its_data(stages: Stages, tmp_path: Path) -> None:
    source = tmp_path / "model.py"
    source.write_text(TWO_PARTS)
    data = {"data": {"validation": 20}}
    [words] = import_commands(path_of(FILES, "keras3-keras", "two_inputs"), tmp_path / "net.tflite")
    stages.run(*words, "--source", source, **data)
    facts = json.loads((tmp_path / "import.json").read_text())
    assert facts["real_samples"] == REAL_SAMPLES < 20
    assert 0 < facts["error"]["real"] <= 1e-5
    graph = read_model(tmp_path / "net.tflite")
    assert {graph.tensors[number].name for number in graph.inputs} == {"input_layer", "input_layer_1"}
    files = ("--model", tmp_path / "net.tflite", "--source", source, "--out", tmp_path / "q.tflite")
    stages.run("quantize", *files, "--stats", tmp_path / "q.json", quantize={"qat": "never"}, **data)
    stats = json.loads((tmp_path / "q.json").read_text())
    assert (stats["calibration_samples"], stats["validation"]["examples"]) == (20, 20)


def test_a_saved_model_becomes_int8_by_the_inputs_that_are_given(stages: Stages, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.random.default_rng(0).standard_normal((20, 8, 8, 3)))
    facts = bring(stages, tmp_path, BATCH_NORM, calibration=tmp_path / "x.npy")
    assert facts["real_samples"] == REAL_SAMPLES < 20
    assert 0 < facts["error"]["real"] <= 1e-5
    files = ("--model", tmp_path / "net.tflite", "--calibration", tmp_path / "x.npy", "--out", tmp_path / "q.tflite")
    stages.run("quantize", *files, "--stats", tmp_path / "q.json", data={}, quantize={"qat": "never"})
    graph = read_model(tmp_path / "q.tflite")
    assert {tensor.dtype for tensor in graph.tensors.values()} <= {"int8", "int32"}
    assert json.loads((tmp_path / "q.json").read_text())["calibration_samples"] == 20


def quantized(stages: Stages, folder: Path, model: str, out: str, scheme: str, *calibration: object) -> Any:
    """What the stage says, and the kernels of convolutions of `out`.tflite."""
    files = ("--model", folder / model, "--out", folder / f"{out}.tflite", "--stats", folder / f"{out}.json")
    printed = stages.run("quantize", *files, *calibration, data={}, quantize={"qat": "never", "scheme": scheme})
    constants = [tensor.data for tensor in read_model(folder / f"{out}.tflite").tensors.values()]
    return printed, [np.asarray(data, int) for data in constants if data is not None and data.ndim == 4]


def test_float_models_with_small_constants_become_int8(stages: Stages, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.random.default_rng(0).standard_normal((20, 8, 8, 3)))
    given = ("--calibration", tmp_path / "x.npy")
    bring(stages, tmp_path, path_of(FILES, "keras2-h5", "residual"), ".h5")
    quantized(stages, tmp_path, "net.h5", "float32", "float32")
    _, expected = quantized(stages, tmp_path, "float32.tflite", "plain", "int8", *given)
    for scheme in ("float16", "dynamic"):
        quantized(stages, tmp_path, "net.h5", scheme, scheme)
        _, kernels = quantized(stages, tmp_path, f"{scheme}.tflite", f"of-{scheme}", "int8", *given)
        tensors = read_model(tmp_path / f"of-{scheme}.tflite").tensors.values()
        assert {tensor.dtype for tensor in tensors} == {"int8", "int32"}
        assert len(kernels) == len(expected) > 1
        for one in expected:
            assert min(np.abs(one - other).max() for other in kernels if other.shape == one.shape) <= 1
    printed, _ = quantized(stages, tmp_path, "plain.tflite", "again", "int8", *given)
    assert f"plain.tflite is quantized already (int8) and taken as it is: {tmp_path}/x.npy is not used" in printed


def test_what_tensorflow_only_prints_is_told(stages: Stages, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.random.default_rng(0).standard_normal((4, 4, 4)))
    model = Model(Path("testbench/zoo/files/onnx2tf-float32/bidirectional.tflite").read_bytes())
    node = next(node for node in model.graph.operators if "LSTM" in model.kind(node))
    node.inputs[39] = node.inputs[0]  # an auxiliary input, without weights: it stays an LSTM of both directions
    (tmp_path / "net.tflite").write_bytes(model.bytes())
    files = ("--model", tmp_path / "net.tflite", "--out", tmp_path / "q.tflite")
    given = ("--calibration", tmp_path / "x.npy", "--stats", tmp_path / "q.json")
    printed = stages.run("quantize", *files, *given, code=2, data={}, quantize={"qat": "never"})
    assert "cannot be quantized: loc(" in printed
    assert "'tfl.bidirectional_sequence_lstm' op expected 2 results" in printed


def test_calibration_data_of_another_shape_are_refused(stages: Stages, tmp_path: Path) -> None:
    shutil.copyfile(Path("testbench/zoo/files/tf-float32/residual.tflite"), tmp_path / "net.tflite")
    np.savez(tmp_path / "x.npz", a=np.zeros((4, 5), np.float32))
    files = ("--model", tmp_path / "net.tflite", "--calibration", tmp_path / "x.npz", "--out", tmp_path / "q.tflite")
    printed = stages.run("quantize", *files, "--stats", tmp_path / "q.json", code=2, data={}, quantize={})
    assert "the examples do not fit the input" in printed
    assert "got 'float32[5]', allowed: float32[1, 8, 8, 3]" in printed


def test_a_function_of_the_project_gives_a_model(stages: Stages, tmp_path: Path) -> None:
    text = "import keras\ndef net():\n    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])\n"
    (tmp_path / "nets.py").write_text(text + "def none():\n    return 1\n")
    assert bring(stages, tmp_path, f"{tmp_path}/nets:net")["becomes"] == "keras"
    (tmp_path / "net.tflite").unlink()
    assert "gives no Keras model, got 'builtins.int'" in bring(stages, tmp_path, f"{tmp_path}/nets:none", code=2)


HALVES = """
import keras
def net():
    keras.config.set_dtype_policy("mixed_float16")
    inner = keras.Sequential([keras.Input((4, 4, 2)), keras.layers.Conv2D(3, 3, activation="relu")])
    return keras.Sequential([keras.Input((4, 4, 2)), inner, keras.layers.Flatten(), keras.layers.Dense(2)])
"""


def test_a_model_of_half_precision_computes_in_float32(stages: Stages, tmp_path: Path) -> None:
    (tmp_path / "nets.py").write_text(HALVES)
    facts = bring(stages, tmp_path, f"{tmp_path}/nets:net")
    assert facts["float32_for"] == ["mixed_float16"]
    assert facts["error"]["random"] <= 1e-5
    assert {tensor.dtype for tensor in read_model(tmp_path / "net.tflite").tensors.values()} <= {"float32", "int32"}


AUGMENTS = """
import keras
def net():
    layers = [keras.layers.RandomContrast(0.1), keras.layers.RandomFlip(), keras.layers.Conv2D(3, 3)]
    return keras.Sequential([keras.Input((4, 4, 2)), *layers])
"""


def test_layers_that_augment_do_nothing_to_what_is_inferred(stages: Stages, tmp_path: Path) -> None:
    (tmp_path / "nets.py").write_text(AUGMENTS)
    assert bring(stages, tmp_path, f"{tmp_path}/nets:net")["error"]["random"] <= 1e-5
    assert [node.op for node in read_model(tmp_path / "net.tflite").nodes] == ["CONV_2D"]


def test_a_model_that_keras_quantized_is_refused_by_its_layers(tmp_path: Path) -> None:
    def quantized(config: Any) -> None:
        policy = {"mode": "int8", "source_name": "float32"}
        config["config"]["layers"][-1]["config"]["dtype"] = {"class_name": "QuantizedDTypePolicy", "config": policy}

    source = rewritten(tmp_path, quantized)
    with pytest.raises(UserError, match=r"Keras has quantized it.*got 'dense_?\d* \(Dense\): int8'"):
        keras.look(str(source))


def rewritten(folder: Path, change: Callable[[Any], None]) -> Path:
    """A .keras file whose configuration is changed."""
    source = Path(path_of(FILES, "keras3-keras", "two_inputs"))
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(folder / "net.keras", "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "config.json":
                config = json.loads(data)
                change(config)
                data = json.dumps(config).encode()
            new.writestr(name, data)
    return folder / "net.keras"


CHANGED = {
    "Lambda": ({"class_name": "Lambda", "module": "keras.layers"}, "is a Lambda"),
    "another module": ({"class_name": "Popen", "module": "subprocess", "registered_name": "Popen"}, "not Keras' own"),
}


@pytest.mark.parametrize("case", CHANGED)
def test_code_in_a_keras_file_is_refused(case: str, stages: Stages, tmp_path: Path) -> None:
    change, message = CHANGED[case]
    rewritten(tmp_path, lambda config: config["config"]["layers"][-1].update(change))
    assert message in bring(stages, tmp_path, tmp_path / "net.keras", code=2)


def test_what_a_saved_model_calls_is_read_before_it_runs(stages: Stages, tmp_path: Path) -> None:
    folder = tmp_path / "net"
    shutil.copytree(BATCH_NORM, folder)
    content = (folder / "saved_model.pb").read_bytes()
    assert b"\x0a\x04Relu" in content or b"Relu6" in content
    (folder / "saved_model.pb").write_bytes(content.replace(b"\x12\x05Relu6", b"\x12\x05Print"))
    printed = bring(stages, tmp_path, f"{folder}/", code=2)
    assert "an operator may reach files or code outside of the model, got 'Print'" in printed


def test_a_layer_of_a_package_that_is_not_registered_is_named(tmp_path: Path) -> None:
    change = {"module": None, "registered_name": "mine>Odd"}
    source = rewritten(tmp_path, lambda config: config["config"]["layers"][-1].update(change))
    with pytest.raises(UserError, match=r"is of mine>Odd, which is not Keras' own"):
        stored.check_packages(source, lambda _: False)
    stored.check_packages(source, "mine>Odd".__eq__)


def test_a_saved_model_that_is_cut_short_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(_source: str) -> None:
        raise IndexError("Read less bytes than requested")

    monkeypatch.setattr(saved_model, "check", lambda _: None)
    tf = SimpleNamespace(saved_model=SimpleNamespace(load=load), errors=SimpleNamespace(OpError=RuntimeError))
    with pytest.raises(UserError, match="Read less bytes than requested") as caught:
        saved_model.bring(tf, "net/", ".tflite")
    assert "cut short" in str(caught.value)


@pytest.mark.parametrize(
    ("form", "suffix", "right"), [("keras3-keras", ".h5", ".keras"), ("keras3-h5", ".keras", ".h5")]
)
def test_a_keras_file_of_the_other_suffix_is_told(form: str, suffix: str, right: str, tmp_path: Path) -> None:
    name = {"keras3-keras": "two_inputs", "keras3-h5": "separable"}[form]
    source = shutil.copy(path_of(FILES, form, name), tmp_path / f"net{suffix}")
    told = keras._unread(Path(source))
    assert told is not None
    assert told.endswith(f": rename it to net{right}")


def test_files_of_almost_a_known_suffix_say_what_to_do() -> None:
    assert "write its suffix in small letters: .keras" in str(unimported("m", "NET.KERAS"))
    assert "torch.export.save(" in str(unimported("m", "net.pth"))


def test_half_precision_is_named() -> None:
    ends = [SimpleNamespace(name="x", type="tensor(float16)"), SimpleNamespace(name="n", type="tensor(int64)")]
    session = SimpleNamespace(get_inputs=lambda: ends, get_outputs=list)
    assert _onnx_child._halves(session) == ["x (float16)"]


with_torch = pytest.mark.skipif(
    not (torch.ENVIRONMENT.is_there and onnx.ENVIRONMENT.is_there), reason="the environment of torch is not made"
)
made = pytest.mark.skipif(not onnx.ENVIRONMENT.is_there, reason="the environment of the ONNX converter is not made")


def test_every_message_of_a_kind_is_found_wherever_it_stands() -> None:
    inner = DescriptorProto(field=[FieldDescriptorProto(name="a")])
    outer = DescriptorProto(nested_type=[inner], extension=[FieldDescriptorProto(name="b")])
    file = FileDescriptorProto(message_type=[outer], extension=[FieldDescriptorProto(name="c")])
    assert sorted(each.name for each in _onnx_child._each(file, "FieldDescriptorProto")) == ["a", "b", "c"]


TWO_PLACES = """
import sys, onnx
from onnx import TensorProto, helper
weight = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[4, 3], data_location=TensorProto.EXTERNAL)
for place in sys.argv[2:]:
    weight.external_data.add(key="location", value=place)
x, y = (helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, k]) for n, k in (("x", 4), ("y", 3)))
graph = helper.make_graph([helper.make_node("MatMul", ["x", "w"], ["y"])], "g", [x], [y], [weight])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
open(sys.argv[1], "wb").write(model.SerializeToString())
"""


@made
def test_onnx_data_of_other_files_are_refused_and_the_file_stays_as_it_is(stages: Stages, tmp_path: Path) -> None:
    (tmp_path / "net.onnx.data").write_bytes(bytes(48))
    (tmp_path / "other").write_bytes(bytes(48))
    source = tmp_path / "net.onnx"
    write = [str(onnx.ENVIRONMENT.program), "-c", TWO_PLACES, str(source), "net.onnx.data"]
    subprocess.run(write, check=True)
    before = source.read_bytes()
    bring(stages, tmp_path, source)
    assert source.read_bytes() == before
    (tmp_path / "net.tflite").unlink()
    subprocess.run([*write, "other"], check=True)  # onnx takes the last of two places
    assert "the data of w lie in 'other'" in bring(stages, tmp_path, source, code=2)


def test_the_converter_is_installed_by_no_rules_of_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    where = []

    def run(_command: list[str], *, cwd: Path | None = None, **_how: Any) -> Any:
        where.append(cwd)
        raise InterruptedError

    monkeypatch.setenv("EDGEWRIGHT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(_environment, "python", str)
    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(InterruptedError):
        onnx.prepare(print)
    assert where == [tmp_path / "cache" / "environments"]


UNTRUSTED = """error: Failed to fetch: https://pypi.org/simple/onnx/
  cause: error sending request for url (https://pypi.org/simple/onnx/)
  cause: client error (Connect)
  cause: invalid peer certificate: UnknownIssuer
"""


def test_a_certificate_that_is_not_trusted_is_told_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = []

    def run(_command: list[str], *, env: dict[str, str], **_how: Any) -> Any:
        given.append(env)
        return subprocess.CompletedProcess([], 1, "", UNTRUSTED)

    monkeypatch.setenv("EDGEWRIGHT_CACHE", str(tmp_path))
    monkeypatch.delenv("UV_SYSTEM_CERTS", raising=False)
    monkeypatch.setattr(_environment, "python", str)
    monkeypatch.setattr(_environment, "_STORES", (__file__,))
    monkeypatch.setattr(subprocess, "run", run)
    said = r"(?s)onnx/: invalid peer certificate: UnknownIssuer\n  hint: .*SSL_CERT_FILE="
    with pytest.raises(ToolError, match=said):
        onnx.prepare(print)
    monkeypatch.setenv("UV_SYSTEM_CERTS", "0")
    with pytest.raises(ToolError, match="UnknownIssuer"):
        onnx.prepare(print)
    assert [each["UV_SYSTEM_CERTS"] for each in given] == ["1", "0"]


LENGTHS = """
import sys, onnx
from onnx import TensorProto, helper
x, y = (helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in (("x", [1, 8]), ("y", [2, "k"])))
nodes = [helper.make_node("NonZero", ["x"], ["n"]), helper.make_node("Cast", ["n"], ["y"], to=TensorProto.FLOAT)]
graph = helper.make_graph(nodes, "g", [x], [y])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
open(sys.argv[1], "wb").write(model.SerializeToString())
"""


@made
def test_outputs_whose_length_the_input_decides_are_refused(stages: Stages, tmp_path: Path) -> None:
    subprocess.run([str(onnx.ENVIRONMENT.program), "-c", LENGTHS, str(tmp_path / "net.onnx")], check=True)
    printed = bring(stages, tmp_path, tmp_path / "net.onnx", code=2)
    assert "the length of an output depends on the numbers of an input: NonZero (n)" in printed


@made
def test_onnx_comes_with_channels_last_and_no_transpose(stages: Stages, tmp_path: Path) -> None:
    facts = bring(stages, tmp_path, path_of(FILES, "onnx", "upsampling"))
    assert facts["error"]["random"] <= 1e-5
    graph = read_model(tmp_path / "net.tflite")
    assert graph.tensors[graph.inputs[0]].shape == (1, 8, 8, 2)
    assert "TRANSPOSE" not in [node.op for node in graph.nodes]


def test_a_python_that_is_on_the_path_and_does_not_run_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = "9.9"  # no such Python is elsewhere
    for folder, text in (("shim", "exit 127"), ("good", f"echo {version}")):
        program = tmp_path / folder / f"python{version}"
        program.parent.mkdir()
        program.write_text(f"#!/bin/sh\n{text}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/shim:{tmp_path}/good")
    assert python(version) == f"{tmp_path}/good/python{version}"
    monkeypatch.setenv("PATH", f"{tmp_path}/shim")
    assert python(version) == version


@with_torch
def test_weights_that_torch_pruned_stay_zero_and_are_counted(stages: Stages, tmp_path: Path) -> None:
    facts = bring(stages, tmp_path, path_of(FILES, "torch", "pruned"))
    assert facts["origin"].startswith("PyTorch")
    assert facts["error"]["random"] <= 1e-5
    graph = read_model(tmp_path / "net.tflite")
    assert graph.tensors[graph.inputs[0]].shape == (1, 8, 8, 3)
    assert "TRANSPOSE" not in [node.op for node in graph.nodes]
    np.save(tmp_path / "x.npy", np.random.default_rng(0).standard_normal((20, 8, 8, 3)))
    files = ("--model", tmp_path / "net.tflite", "--calibration", tmp_path / "x.npy", "--out", tmp_path / "q.tflite")
    stages.run("quantize", *files, "--stats", tmp_path / "q.json", data={}, quantize={"qat": "never"})
    assert json.loads((tmp_path / "q.json").read_text())["nonzero_weights"] == LEFT_OF_PRUNED


LEFT_OF_PRUNED = (3 * 6 * 9 + 6 * 8 * 9 + 128 * 4) // 2 + 6 + 8 + 4  # and biases


@with_torch
def test_what_the_converter_of_torch_lacks_is_named(stages: Stages, tmp_path: Path) -> None:
    changed = tmp_path / "net.pt2"
    with zipfile.ZipFile(path_of(FILES, "torch", "pruned")) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"aten.relu.default", b"aten.tanhshrink.default"))
    printed = bring(stages, tmp_path, changed, code=2)
    assert "aten.tanhshrink" in printed
