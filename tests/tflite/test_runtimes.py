"""Every row of docs/runtimes.md is held against the runtimes, and what the build does about it against the build."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from edgewright.answers.agreement import runs_here
from edgewright.answers.random_inputs import random_inputs
from edgewright.compiler import CompileOptions, compile_model, host
from edgewright.devices import Job
from edgewright.devices import host as device
from edgewright.errors import DeviceError, UserError
from edgewright.home import home
from edgewright.stages.device import measure
from edgewright.stages.microcontroller import _disagreement
from edgewright.stages.microcontroller import compile as compile_stage
from edgewright.stages.model import adopt
from edgewright.tflite import differences
from edgewright.tflite.reader import parse_model
from testbench.differential.builder import ModelBuilder
from testbench.differential.oracle import Oracle, RefusedError

WEIGHTED = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV")


@pytest.fixture(scope="module")
def oracles() -> Iterator[dict[str, Oracle]]:
    with Oracle("TFLM") as micro, Oracle("LiteRT") as litert:
        yield {"tflm": micro, "litert": litert}


def _rescaled(op: str, dtype: str, scales: tuple[float, float], zeros: tuple[int, int]) -> bytes:
    builder = ModelBuilder()
    x, y = (builder.tensor((1, 256), scale, zero, dtype) for scale, zero in zip(scales, zeros, strict=True))
    alpha = {"alpha": 0.3} if op == "LEAKY_RELU" else {}
    builder.op(op, [x], [y], version=1 if op == "RELU_N1_TO_1" else 2, **alpha)
    return builder.finish([x], [y])


def _inputs(dtype: str) -> NDArray[Any]:
    limits = np.iinfo(dtype)
    return np.linspace(limits.min, limits.max, 256).astype(dtype).reshape(1, 256)


def _ours(model: bytes, x: NDArray[Any], rounding: str, folder: Path) -> NDArray[Any]:
    compiled = compile_model(parse_model(model, "m.tflite"), "m", options=CompileOptions(rounding=rounding))
    return host.build(compiled, folder).run([x[None]])[0][0]


RESCALED = [
    ("RELU6", "int8", (0.1, 0.05), (-10, -128)), ("RELU6", "int8", (0.05, 6 / 255), (3, -128)),
    ("RELU6", "int8", (0.1, 0.1), (-10, -128)), ("RELU6", "int8", (0.02, 0.3), (127, 90)),
    ("RELU6", "int16", (0.001, 0.0002), (0, 0)), ("RELU6", "int16", (0.0003, 0.00071), (0, 0)),
    ("RELU", "int8", (0.1, 0.037), (-10, -128)), ("RELU", "int16", (0.0007, 0.00013), (0, 0)),
]  # fmt: skip


@pytest.mark.parametrize(("op", "dtype", "scales", "zeros"), RESCALED)
@pytest.mark.parametrize("rounding", ["tflm", "litert"])
def test_a_rescaling_activation_answers_as_the_runtime_that_is_asked(
    oracles: dict[str, Oracle], tmp_path: Path, op: str, dtype: str, scales: Any, zeros: Any, rounding: str
) -> None:
    model, x = _rescaled(op, dtype, scales, zeros), _inputs(dtype)
    answer = _ours(model, x, rounding, tmp_path)
    assert np.array_equal(answer, oracles[rounding].run(model, [[x]])[0][0])
    other = oracles["litert" if rounding == "tflm" else "tflm"].run(model, [[x]])[0][0]
    assert (op == "RELU6") == bool(np.abs(answer.astype(int) - other).max() > 1), "the runtimes differ just there"


@pytest.mark.parametrize(
    ("op", "dtype", "scales"),
    [
        ("LEAKY_RELU", "int16", (0.0007, 0.0035)),
        ("LEAKY_RELU", "int8", (0.05, 6 / 255)),
        ("RELU", "int16", (0.00091, 0.0003)),
        ("RELU", "int16", (0.0007, 0.00013)),
        ("RELU", "int8", (0.05, 6 / 255)),
    ],
)
def test_the_factor_is_divided_as_the_runtime_divides_it(
    oracles: dict[str, Oracle], tmp_path: Path, op: str, dtype: str, scales: tuple[float, float]
) -> None:
    model, x = _rescaled(op, dtype, scales, (0, 0)), _inputs(dtype)
    for rounding, oracle in oracles.items():
        answer = _ours(model, x, rounding, tmp_path / rounding)
        assert np.array_equal(answer, oracle.run(model, [[x]])[0][0])


def test_relu_n1_to_1_is_divided_as_litert_divides_it(oracles: dict[str, Oracle], tmp_path: Path) -> None:
    model, x = _rescaled("RELU_N1_TO_1", "int8", (0.005, 0.6 / 255), (0, 0)), _inputs("int8")
    assert np.array_equal(_ours(model, x, "tflm", tmp_path), oracles["litert"].run(model, [[x]])[0][0])


def _short_bias(op: str, bias: type = np.int32) -> tuple[bytes, NDArray[np.int16]]:
    """A 16x8 operator, and an input."""
    random, builder = np.random.default_rng(1), ModelBuilder()
    shape, depthwise = ((1, 4) if op == "FULLY_CONNECTED" else (1, 3, 3, 4)), op == "DEPTHWISE_CONV_2D"
    x, y = (builder.tensor(shape, 0.001, 0, "int16") for _ in range(2))
    kernel = {"FULLY_CONNECTED": (4, 4), "DEPTHWISE_CONV_2D": (1, 1, 1, 4)}.get(op, (4, 1, 1, 4))
    weights = builder.constant(random.integers(-127, 128, kernel).astype(np.int8), [0.01] * 4, axis=3 * depthwise)
    biases = builder.constant(random.integers(-90_000, 90_000, 4).astype(bias), [0.00001] * 4)
    first = [builder.constant(np.array(shape, np.int32))] if op == "TRANSPOSE_CONV" else []
    inputs = [*first, weights, x, biases] if first else [x, weights, biases]
    options: dict[str, Any] = {} if op == "FULLY_CONNECTED" else {"stride_h": 1, "stride_w": 1}
    options |= {"depth_multiplier": 1} if depthwise else {}
    options |= {"dilation_h_factor": 1, "dilation_w_factor": 1} if op in ("CONV_2D", "DEPTHWISE_CONV_2D") else {}
    builder.op(op, inputs, [y], version=4 if op == "FULLY_CONNECTED" else 3, **options)
    return builder.finish([x], [y]), random.integers(-20_000, 20_000, shape).astype(np.int16)


def _word(run: Callable[[], NDArray[Any]], right: NDArray[Any]) -> str:
    """What a runtime makes of it; rounding may differ by 1 between the kernels for either type of bias."""
    try:
        answer = run().astype(int)
    except (RefusedError, DeviceError):
        return "does not load it"
    return "right" if np.abs(answer - right).max() <= 1 else "nonsense"


@pytest.mark.parametrize("op", WEIGHTED)
def test_16x8_with_int32_biases(oracles: dict[str, Oracle], tmp_path: Path, op: str) -> None:
    (model, x), file = _short_bias(op), tmp_path / "m.tflite"
    right = oracles["litert"].run(_short_bias(op, np.int64)[0], [[x]])[0][0].astype(int)
    [row] = [row for row in differences.differences() if op in row.operators and row.condition == "has_short_bias"]
    file.write_bytes(model)
    assert row.answers["tflite-micro"].startswith(_word(lambda: oracles["tflm"].run(model, [[x]])[0][0], right))
    assert row.answers["litert"].startswith(_word(lambda: oracles["litert"].run(model, [[x]])[0][0], right))
    if runs_here("tflite-runtime"):
        job = Job(file, "tflite-runtime", (x[None],))
        assert row.answers["tflite-runtime"].startswith(_word(lambda: device.infer(job, 60).values[0][0], right))
    if row.build["aot"] == "takes":
        assert np.array_equal(_ours(model, x, "tflm", tmp_path), oracles["tflm"].run(model, [[x]])[0][0])
    else:
        with pytest.raises(UserError, match="bias is int32, supported: int64"):
            compile_model(parse_model(model), "m")


@pytest.mark.parametrize("op", WEIGHTED)
@pytest.mark.parametrize("runtime", ["litert", "tflite-runtime"])
def test_what_a_runtime_answers_nonsense_to_is_refused_for_it(tmp_path: Path, op: str, runtime: str) -> None:
    model, _ = _short_bias(op)
    file = tmp_path / "net.tflite"
    file.write_bytes(model)
    [row] = [row for row in differences.differences() if op in row.operators and row.condition == "has_short_bias"]
    place = rf"net\.tflite: not for {runtime} 2\.\d+\.0, which is not to be relied on for\n    {op} \(operator 0\): "
    words = ["--model", str(file), "--out", str(tmp_path / "out.tflite"), "--stats", str(tmp_path / "s.json")]
    if row.build[runtime] == "takes":
        assert adopt.main([*words, "--runtime", runtime]) == 0
        return
    with pytest.raises(UserError, match=place):
        adopt.main([*words, "--runtime", runtime])
    assert not (tmp_path / "out.tflite").exists()
    options = json.dumps({"runtime": runtime, "measure": {"transport": "host"}})
    with pytest.raises(UserError, match=place):
        measure.main(["--model", str(file), "--out", str(tmp_path / "latency.json"), "--options", options])
    assert adopt.main([*words, "--runtime", "aot"]) == 0


def test_int64_biases_are_taken(tmp_path: Path) -> None:
    for op in WEIGHTED:
        differences.refuse(parse_model(_short_bias(op, np.int64)[0]), "litert")


def test_the_build_says_on_what_runtimes_disagree_and_by_how_much(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], oracles: dict[str, Oracle]
) -> None:
    model = _rescaled("RELU6", "int8", (0.1, 0.05), (-10, -128))
    (tmp_path / "net.tflite").write_bytes(model)
    words = ["--model", str(tmp_path / "net.tflite"), "--name", "net", "--out-dir", str(tmp_path / "c")]
    compile_stage.main(words)
    printed = capsys.readouterr().out
    assert "net: warning: TensorFlow Lite Micro and LiteRT disagree on RELU6 (operator 0): " in printed
    samples = random_inputs(parse_model(model), 16)[0]
    answers = [np.array(o.run(model, [[s] for s in samples]), int) for o in oracles.values()]
    apart = np.abs(answers[0] - answers[1])
    figures = f"For 16 random inputs {np.mean(apart > 0):.1%} of the output values differ, by up to {apart.max()}; "
    assert figures in printed
    assert apart.max() > 100
    compile_stage.main([*words, "--options", '{"compile": {"rounding": "litert"}}'])
    assert "warning" not in capsys.readouterr().out


def test_no_warning_where_they_agree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "net.tflite").write_bytes(_rescaled("RELU6", "int8", (0.1, 0.1), (-10, -10)))
    compile_stage.main(["--model", str(tmp_path / "net.tflite"), "--name", "net", "--out-dir", str(tmp_path / "c")])
    assert "warning" not in capsys.readouterr().out


def test_without_the_packages_it_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(_disagreement._NEEDED, "no_such_module", "no-such-package")
    graph = parse_model(_rescaled("RELU6", "int8", (0.1, 0.05), (-10, -128)))
    assert "By how much is not known without no-such-package" in _disagreement.by_how_much(tmp_path, graph)


def test_what_a_runtime_said_that_does_not_load_it_is_told(tmp_path: Path) -> None:
    """LOGISTIC on a scale that LiteRT's reference kernels refuse."""
    model = _rescaled("LOGISTIC", "int8", (0.03, 1 / 128), (3, -128))
    (tmp_path / "net.tflite").write_bytes(model)
    told = _disagreement.by_how_much(tmp_path / "net.tflite", parse_model(model))
    assert told.startswith("By how much is not known: a runtime ended with RuntimeError: ")
    assert "output->params.scale == 1. / 256 was not true" in told


def test_every_row_is_whole() -> None:
    for row in differences.differences():
        assert row.condition in differences.CONDITIONS
        assert set(row.answers) == {"tflite-micro", "litert", "tflite-runtime"}
        assert {*row.build} == {"aot", "litert", "tflite-runtime"}
        assert {*row.build.values()} <= {"refuses", "warns", "takes"}


def test_page_is_up_to_date() -> None:
    made = "run: python -m edgewright.tflite.differences > docs/runtimes.md"
    assert (home() / "docs" / "runtimes.md").read_text() == differences.page(), made
