"""The stages that measure and evaluate a .tflite: their inputs, their artifacts, and answers that disagree."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgewright.answers import agreement, model_inputs
from edgewright.answers.random_inputs import random_inputs
from edgewright.datasets import load_data, write_prepared
from edgewright.devices import Outputs
from edgewright.errors import DeviceError, UserError
from edgewright.files import read_json
from edgewright.sections.data import Data
from edgewright.stages.device import evaluate_tflite, measure
from edgewright.tflite.graph import Quantization, Tensor
from edgewright.tflite.reader import read_model
from testbench.nets import Net, to_tflite

# two classes that the sign of one number tells apart; class 0 has more examples
DATA = """
import numpy as np

def load():
    x = np.linspace(-1, 1, 41, dtype=np.float32)[:, None]
    return x, np.zeros(41, np.int64), x, (x[:, 0] > 0).astype(np.int64)
"""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    net = Net()
    weights = np.array([[-50], [50], [0], [0]], np.int8)
    scores = net.dense(net.input((1, 1), scale=1 / 127), weights, scale=0.01)
    (tmp_path / "m.tflite").write_bytes(to_tflite(net.graph(scores)))
    (tmp_path / "model.py").write_text(DATA)
    write_prepared(tmp_path / "data.npz", load_data(Data(), tmp_path / "model.py"))
    return tmp_path / "m.tflite"


def run(stage: Any, model: Path, options: dict[str, Any]) -> Any:
    out = model.with_name("out.json")
    arguments = ["--model", str(model), "--prepared", str(model.with_name("data.npz")), "--out", str(out)]
    assert stage.main([*arguments, "--options", json.dumps(options)]) == 0
    return read_json(out)


def test_this_machine_is_a_device(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = {"transport": "host", "runs": 5, "warmup": 1}
    record = run(measure, model, {"runtime": "litert", "measure": asked, "data": {"dataset": None}})
    assert (record["schema"], record["kind"], record["runs"], record["runtime"]) == (1, "measured", 5, "litert")
    assert record["latency_us"] == record["p50_us"] > 0
    assert "instructions" not in record
    assert "(measured, " in capsys.readouterr().out


def test_accuracy_is_the_share_of_right_answers(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = run(evaluate_tflite, model, {"runtime": "litert", "data": {"dataset": None}})
    assert record == {
        "schema": 1,
        "metric": "top1",
        "title": "accuracy",
        "better": "more",
        "share": True,
        "unit": "",
        "value": 1.0,
        "interval": [0.914332, 1.0],
        "samples": 41,
        "runtime": "litert",
        "runtime_version": record["runtime_version"],
        "where": "host",
    }
    assert capsys.readouterr().out == "m: top1 100.00 % (91.43 to 100.00 %) of 41 test examples\n"


def test_without_the_runtime_the_emulated_device_evaluates(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = Outputs((np.tile(np.array([1, 0], np.int8), (41, 1)),), None, ("tflite-runtime", "2.14.0"))
    monkeypatch.setattr("edgewright.answers.agreement.runs_here", lambda _: False)
    monkeypatch.setattr("edgewright.devices.qemu_user.infer", lambda _job, _timeout: answers)
    options = {"runtime": "tflite-runtime", "data": {"dataset": None}}
    board = {"emulator": {"kind": "qemu-user", "cpu": "cortex-a72", "arch": "arm64"}, "core": {"cores": 4}}
    record = run(evaluate_tflite, model, {**options, "board": board})
    assert (record["where"], record["value"]) == ("emulated device", round(21 / 41, 6))
    with pytest.raises(UserError, match="tflite-runtime: this machine cannot run it, and no emulated device stands in"):
        run(evaluate_tflite, model, options)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"measure": {"transport": "hots"}}, "did you mean 'host'?"),
        ({"measure": {"transport": "host", "runs": 0}}, "measure.runs"),
        ({"measure": {"transport": "host", "rums": 1}}, "measure.rums"),
        ({}, "measure: is missing"),
    ],
)
def test_wrong_options_are_refused(model: Path, options: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError, match=said.replace("?", r"\?")):
        run(measure, model, {"runtime": "litert", **options})


def test_an_unknown_metric_is_refused(model: Path) -> None:
    with pytest.raises(UserError, match=r"task: 'mae' is no metric for kind = \"classification\""):
        run(evaluate_tflite, model, {"runtime": "litert", "task": {"metric": "mae"}, "data": {"dataset": None}})


def tensor(dtype: str, scale: float | None = None, zero: int = 0) -> Tensor:
    quantization = scale and Quantization(np.array([scale], np.float32), np.array([zero]))
    return Tensor(0, "x", (1, 5), dtype, quantization or None)


def test_values_are_quantized_as_tflite_does() -> None:
    values = np.array([[-1000, -0.25, 0.25, 0.75, 1000]], np.float32)
    assert model_inputs.quantize(values, tensor("int8", 0.5, -3)).tolist() == [[-128, -4, -2, -1, 127]]
    assert model_inputs.quantize(values, tensor("uint8", 0.5, 3)).tolist() == [[0, 2, 4, 5, 255]]
    assert model_inputs.quantize(values, tensor("float32")).tolist() == values.tolist()


def test_data_of_another_size_are_refused(model: Path) -> None:
    with pytest.raises(UserError, match=r"the data do not fit, got \(3,\), allowed: \(1, 1\)"):
        model_inputs.as_input(read_model(model), np.zeros((2, 3), np.float32))


def test_random_inputs_are_the_same_each_time(model: Path) -> None:
    first, again = (random_inputs(read_model(model), 4) for _ in range(2))
    assert first[0].shape == (4, 1, 1)
    assert first[0].dtype == np.int8
    np.testing.assert_array_equal(first[0], again[0])


def outputs(values: list[list[int]], reference: list[list[int]] | None = None, dtype: str = "int8") -> Outputs:
    checked = None if reference is None else (np.array(reference, dtype),)
    return Outputs((np.array(values, dtype),), checked, ("litert", "2.3.0"))


def test_agreement_is_reported() -> None:
    device, here = outputs([[1, 9], [5, 4]], [[1, 9]]), outputs([[1, 9], [4, 5]], [[1, 9]])
    assert agreement.compare(device, here, "pi", exact=False) == {
        "with": "litert 2.3.0 on the host",
        "samples": 2,
        "equal": False,
        "argmax": 0.5,
        "max_difference": 1,
        "reference_kernels": {"samples": 1, "equal": True, "argmax": 1.0, "max_difference": 0},
    }


def test_differences_do_not_wrap() -> None:
    found = agreement.compare(outputs([[-128]]), outputs([[127]]), "pi", exact=False)
    assert found["max_difference"] == 255


@pytest.mark.parametrize(
    ("device", "here", "exact", "said"),
    [
        (outputs([[1, 2]], [[1, 2]]), outputs([[1, 2]], [[1, 4]]), False, "reference kernels give other answers"),
        (outputs([[1, 2]]), outputs([[1, 3]]), True, "not those of the same C"),
        (outputs([[1, 2]]), outputs([[1], [2]]), False, "answers of shape"),
        (outputs([[1, 2]]), outputs([[1, 2]], dtype="float32"), False, "answers of shape"),
    ],
)
def test_a_device_that_computes_something_else_is_refused(
    device: Outputs, here: Outputs, exact: bool, said: str
) -> None:
    with pytest.raises(DeviceError, match=f"pi: .*{said}|pi: {said}"):
        agreement.compare(device, here, "pi", exact=exact)
