"""Rows of docs/runtimes.md: each runtime's word is held to its answer, and what the build does to the build."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from edgewright.answers.agreement import runs_here
from edgewright.compiler import CompileOptions, compile_model, host
from edgewright.devices import Job
from edgewright.devices import host as device
from edgewright.errors import DeviceError, UserError
from edgewright.stages.microcontroller import compile as compile_stage
from edgewright.tflite import differences
from edgewright.tflite.reader import parse_model
from testbench.differential import recurrent
from testbench.differential.builder import ModelBuilder
from testbench.differential.network import Network
from testbench.differential.oracle import Oracle, RefusedError

RELU = 1
Arrays = Sequence[NDArray[Any]]


@dataclass(frozen=True)
class Case:
    """A model, samples of its inputs, and the right answers of its first output.

    Attributes:
        unset: what answers from memory that nobody has set: it is not run, or what it answers is not held.
        off: by how much right may be off: rounding.
    """

    model: bytes
    inputs: Arrays
    right: NDArray[Any]
    unset: tuple[str, ...] = ()
    off: float = 1.0


def _ends(dtype: str, shape: tuple[int, ...], scales: tuple[float, float], zeros: tuple[int, int]) -> Any:
    net = ModelBuilder()
    return net, *(net.tensor(shape, *pair, dtype) for pair in zip(scales, zeros, strict=True))


def _rounded(real: NDArray[Any], scale: float, zero: int, dtype: str = "int8") -> NDArray[Any]:
    limits = np.iinfo(dtype)
    return np.clip(np.round(real / scale) + zero, limits.min, limits.max)


def _every() -> NDArray[np.int8]:
    return np.arange(-128, 128).astype(np.int8).reshape(1, 1, 256)


def _function(op: str, scale: float, zero: int, function: Callable[[NDArray[Any]], NDArray[Any]]) -> Case:
    net, x, y = _ends("int8", (1, 256), (0.03, scale), (3, zero))
    net.op(op, [x], [y], version=1 if op == "NEG" else 2)
    return Case(net.finish([x], [y]), [_every()], _rounded(function(0.03 * (_every() - 3.0)), scale, zero))


def _div() -> Case:
    """A small dividend by a large divisor: 0 on the output's scale."""
    net, x, y = _ends("int8", (1, 4), (0.05, 0.05), (0, 0))
    out = net.tensor((1, 4), 0.5, 0)
    net.op("DIV", [x, y], [out], version=2)
    a, b = np.array([1, -1, 2, 90], np.int8), np.array([127, 127, -128, 60], np.int8)
    return Case(
        net.finish([x, y], [out]), [a.reshape(1, 1, 4), b.reshape(1, 1, 4)], _rounded(a / b, 0.5, 0)[None, None]
    )


def _exp_int16() -> Case:
    net, x, y = _ends("int16", (1, 4), (0.01, 0.125), (0, 0))
    net.op("EXP", [x], [y], version=2)
    data = np.array([-30000, -2000, 9000, 32000], np.int16).reshape(1, 1, 4)
    return Case(net.finish([x], [y]), [data], np.array([[[0, 0, 32767, 32767]]]))


def _matmul() -> Case:
    net, x, y = _ends("int8", (1, 2, 2), (0.1, 0.1), (0, 0))
    kernel = np.array([[10, 20], [30, -40]], np.int8)
    scales = [0.1, 0.5]
    net.op("BATCH_MATMUL", [x, net.constant(kernel, scales, axis=1)], [y], adj_x=False, adj_y=False)
    data = np.array([[[5, 6], [-7, 8]]], np.int8)[None]
    real = np.einsum("nbrd,dc->nbrc", 0.1 * data, kernel * np.array(scales))
    return Case(net.finish([x], [y]), [data], _rounded(real, 0.1, 0))


def _logistic(x: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(1 / (1 + np.exp(-x)))


def _space_to_batch() -> Case:
    net, x, _ = _ends("int8", (1, 1, 2, 1), (0.1, 0.1), (5, 5))
    y = net.tensor((2, 1, 2, 1), 0.1, 5)
    block, paddings = (net.constant(np.array(v, np.int32)) for v in ([2, 1], [[1, 0], [0, 0]]))
    net.op("SPACE_TO_BATCH_ND", [x, block, paddings], [y])
    data = np.array([[40, -70]], np.int8).reshape(1, 1, 1, 2, 1)
    right = np.array([5, 5, 40, -70]).reshape(1, 2, 1, 2, 1)
    return Case(net.finish([x], [y]), [data], right, unset=("tflite-micro",))


def _open_batch() -> Case:
    net, x, y = _ends("int8", (1, 4, 1), (0.1, 0.1), (5, 5))
    block, none = (net.constant(np.array(v, np.int32)) for v in ([2], [[0, 0]]))
    parts, positive = (net.tensor((1, 2, 1), 0.1, 5) for _ in range(2))
    net.op("SPACE_TO_BATCH_ND", [x, block, none], [parts])
    net.op("RELU", [parts], [positive])
    net.op("BATCH_TO_SPACE_ND", [positive, block, none], [y])
    data = np.array([40, -70, 6, 30], np.int8).reshape(1, 1, 4, 1)
    return Case(net.finish([x], [y]), [data], np.maximum(data, 5), unset=("tflite-micro",), off=0)


def _cumsum() -> Case:
    net, x, y = _ends("int8", (1, 4), (0.1, 0.2), (30, -5))
    net.op("CUMSUM", [x, net.constant(np.array(1, np.int32))], [y], exclusive=False, reverse=False)
    data = np.array([31, 30, 29, 40], np.int8).reshape(1, 1, 4)
    return Case(net.finish([x], [y]), [data], _rounded(np.cumsum(0.1 * (data - 30.0), axis=2), 0.2, -5))


def _add_int32() -> Case:
    net = ModelBuilder()
    x, y = (net.tensor((1, 4), dtype="int32") for _ in range(2))
    net.op("ADD", [x, net.constant(np.zeros((1, 4), np.int32))], [y], fused_activation_function=RELU)
    data = np.array([-9, -2, 0, 7], np.int32).reshape(1, 1, 4)
    return Case(net.finish([x], [y]), [data], np.maximum(data, 0))


def _zeros_like() -> Case:
    net, x, y = _ends("int8", (1, 4), (0.1, 0.1), (7, 7))
    net.op("ZEROS_LIKE", [x], [y])
    return Case(net.finish([x], [y]), [np.ones((1, 1, 4), np.int8)], np.full((1, 1, 4), 7))


def _sum(dtype: str) -> Case:
    net, x, _ = _ends(dtype, (1, 64), (0.1, 0.1), (0, 0))
    y = net.tensor((1,), 0.1, 0, dtype)
    net.op("SUM", [x, net.constant(np.array([1], np.int32))], [y], version=2, keep_dims=False)
    limits = np.iinfo(dtype)
    data = np.stack([np.full((1, 64), value, dtype) for value in (limits.min, limits.min // 5, 1, limits.max)])
    right = np.clip(data.astype(int).sum(axis=2), limits.min, limits.max)
    return Case(net.finish([x], [y]), [data], right)


def _rsqrt_int16() -> Case:
    net, x, y = _ends("int16", (1, 4), (0.01, 0.001), (0, 0))
    net.op("RSQRT", [x], [y], version=2)
    data = np.array([1, 2000, 9000, 32767], np.int16).reshape(1, 1, 4)
    return Case(net.finish([x], [y]), [data], _rounded(1 / np.sqrt(0.01 * data), 0.001, 0, "int16"))


def _smooth_int16(op: str, function: Callable[[NDArray[Any]], NDArray[Any]]) -> Case:
    net, x, y = _ends("int16", (1, 256), (1 / 4096, 1 / 32768), (0, 0))
    net.op(op, [x], [y], version=3)
    data = np.linspace(-32768, 32767, 256).astype(np.int16).reshape(1, 1, 256)
    right = _rounded(function(data / 4096), 1 / 32768, 0, "int16")
    return Case(net.finish([x], [y]), [data], right, off=2)


def _detections() -> Case:
    random, net, boxes = np.random.default_rng(1), ModelBuilder(), 4
    ends = [net.tensor((1, boxes, width), dtype="float32") for width in (4, 2)]
    anchors = net.constant(random.uniform(0.1, 0.9, (boxes, 4)).astype(np.float32))
    outputs = [net.tensor(shape, dtype="float32") for shape in ((1, 4, 4), (1, 4), (1, 4), (1,))]
    options = {"max_detections": 2, "max_classes_per_detection": 2, "num_classes": 2, "use_regular_nms": False}
    options |= {"nms_score_threshold": 0.0, "nms_iou_threshold": 0.9}
    options |= {"y_scale": 10.0, "x_scale": 10.0, "h_scale": 5.0, "w_scale": 5.0}
    net.op("DETECTION_POSTPROCESS", [*ends, anchors], outputs, **options)
    inputs = [random.uniform(0, 1, (1, 1, boxes, width)).astype(np.float32) for width in (4, 2)]
    return Case(net.finish(ends, [outputs[3]]), inputs, np.array([[2.0]]), off=0)  # two boxes


def _recurrent(make: Callable[[Network, Any], Any]) -> Case:
    net = Network(np.random.default_rng(6))
    y = make(net, net.input((1, 5, 2, 3)))
    model, samples = net.builder.finish(net.inputs, [y]), np.stack([sample[0] for sample in net.samples(4)])
    with Oracle("TFLM") as micro:
        right = np.stack([answer[0] for answer in micro.run(model, [[sample] for sample in samples])])
    return Case(model, [samples], right)


def _variable() -> Case:
    net, x, y = _ends("int8", (1, 4), (0.1, 0.1), (5, 5))
    handle = net.handle("sum")
    old = net.op("READ_VARIABLE", [handle], [net.tensor((1, 4), 0.1, 5)])
    net.op("ADD", [old, x], [y], version=2)
    net.op("ASSIGN_VARIABLE", [handle, y], [])
    data = np.full((3, 1, 4), 7, np.int8)
    return Case(net.finish([x], [y]), [data], 5 + np.cumsum(data - 5, axis=0), unset=("litert",))


CASES: dict[str, Callable[[], Case]] = {
    "output scale of TANH": lambda: _function("TANH", 1 / 64, 0, np.tanh),
    "output scale of LOGISTIC": lambda: _function("LOGISTIC", 1 / 128, -128, _logistic),
    "output zero point of TANH": lambda: _function("TANH", 0.01, -20, np.tanh),
    "output zero point of LOGISTIC": lambda: _function("LOGISTIC", 1 / 200, -100, _logistic),
    "NEG int8": lambda: _function("NEG", 0.03, 3, np.negative),
    "small quotients of DIV": _div,
    "EXP int16": _exp_int16,
    "scales of BATCH_MATMUL": _matmul,
    "padding of SPACE_TO_BATCH_ND": _space_to_batch,
    "open batch of SPACE_TO_BATCH_ND": _open_batch,
    "beginning of CUMSUM": _cumsum,
    "activation of ADD int32": _add_int32,
    "zero of ZEROS_LIKE": _zeros_like,
    "SUM int8": lambda: _sum("int8"),
    "SUM int16": lambda: _sum("int16"),
    "RSQRT int16": _rsqrt_int16,
    "optimized TANH and LOGISTIC int16": lambda: _smooth_int16("TANH", np.tanh),
    "classes of DETECTION_POSTPROCESS": _detections,
    "intermediates of UNIDIRECTIONAL_SEQUENCE_LSTM": lambda: _recurrent(recurrent.lstm),
    "activation of SVDF": lambda: _recurrent(recurrent.svdf),
    "first content of a variable": _variable,
}


@cache
def _case(name: str) -> Case:
    return CASES[name]()


CASES_OF_1 = {
    "factor of FULLY_CONNECTED int16": "FULLY_CONNECTED",
    "rounding of MUL and SOFTMAX int16": "MUL SOFTMAX",
}
ROWS = {row.name: row for row in differences.differences()}


def _of_runtime(case: Case, runtime: str, folder: Path) -> NDArray[Any]:
    if runtime == "tflite-micro":
        with Oracle("TFLM") as micro:
            return np.stack([answer[0] for answer in micro.run(case.model, list(zip(*case.inputs, strict=True)))])
    (folder / "m.tflite").write_bytes(case.model)
    return device.infer(Job(folder / "m.tflite", runtime, tuple(case.inputs)), 60).values[0]


def _word(case: Case, runtime: str, folder: Path) -> str:
    try:
        answer = _of_runtime(case, runtime, folder).astype(float)
    except (RefusedError, DeviceError):
        return "does not"
    return "right" if np.abs(answer - case.right).max() <= case.off else "nonsense"


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("runtime", ["tflite-micro", "litert", "tflite-runtime"])
def test_a_runtime_answers_as_its_row_says(name: str, runtime: str, tmp_path: Path) -> None:
    if runtime == "tflite-runtime" and not runs_here(runtime):
        pytest.skip("tflite-runtime is not for this Python")
    case, row = _case(name), ROWS[name]
    if runtime in case.unset:
        pytest.skip("it answers from memory that is not set")
    said = row.answers[runtime].replace("up to 10 of 32,768 off", "nonsense")
    assert said.startswith(_word(case, runtime, tmp_path))


@pytest.mark.parametrize("name", CASES)
def test_the_build_does_as_its_row_says(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case, row = _case(name), ROWS[name]
    graph = parse_model(case.model, "m")
    for runtime in ("litert", "tflite-runtime"):
        if row.build[runtime] == "refuses":
            with pytest.raises(UserError, match=f"not for {runtime} .*\n    {row.operators[0]} "):
                differences.refuse(graph, runtime)
        else:
            differences.refuse(graph, runtime)
    (tmp_path / "net.tflite").write_bytes(case.model)
    words = ["--model", str(tmp_path / "net.tflite"), "--name", "net", "--out-dir", str(tmp_path / "c")]
    if row.build["aot"] == "refuses":
        with pytest.raises(UserError, match=row.operators[0]):
            compile_stage.main(words)
        return
    compile_stage.main(words)
    warned = f"disagree on {row.operators[0]}" in capsys.readouterr().out
    assert warned == (row.build["aot"] == "warns")


@pytest.mark.parametrize("name", CASES)
def test_our_c_is_right_where_it_does_not_warn(name: str, tmp_path: Path) -> None:
    case, row = _case(name), ROWS[name]
    if row.build["aot"] == "refuses":
        pytest.skip("it is refused")
    compiled = compile_model(parse_model(case.model, "m"), "m", options=CompileOptions())
    answer = host.build(compiled, tmp_path).run([np.asarray(x) for x in case.inputs])[0]
    is_right = bool(np.abs(answer.astype(float) - case.right).max() <= case.off)
    assert is_right == (row.build["aot"] == "takes")
    assert row.as_litert <= row.answers["litert"].startswith("right")


def _default_litert(model: bytes, folder: Path) -> NDArray[Any]:
    (folder / "m.tflite").write_bytes(model)
    return device.infer(Job(folder / "m.tflite", "litert", (_every()[None, 0],)), 60).values[0][0]


@pytest.mark.parametrize("op", ["TANH", "LOGISTIC"])
@pytest.mark.parametrize(("scale", "zero"), [(1 / 64, 0), (1 / 127, 0), (0.013, -20), (1 / 120, 7), (1 / 90, -128)])
def test_an_output_on_another_scale_is_litert_s_where_that_is_asked(
    op: str, scale: float, zero: int, tmp_path: Path
) -> None:
    net, x, y = _ends("int8", (1, 256), (0.03, scale), (3, zero))
    net.op(op, [x], [y], version=2)
    model = net.finish([x], [y])
    right = _default_litert(model, tmp_path)
    for rounding in ("litert", "tflm"):
        compiled = compile_model(parse_model(model, "m"), "m", options=CompileOptions(rounding=rounding))
        answer = host.build(compiled, tmp_path / rounding).run([_every()])[0][0]
        specified = zero == {"TANH": 0, "LOGISTIC": -128}[op]
        assert np.array_equal(answer, right) == (rounding == "litert" or not specified)


@pytest.mark.parametrize("dtype", ["int8", "int16"])
def test_sums_have_an_oracle_in_litert(dtype: str) -> None:
    """Its reference kernels have them wrong; other models get these."""
    case = _sum(dtype)
    with Oracle("LiteRT") as litert:
        answers = np.stack([answer[0] for answer in litert.run(case.model, list(zip(*case.inputs, strict=True)))])
    assert np.abs(answers - case.right).max() <= 1


def _by_one(op: str, seed: int) -> tuple[bytes, Arrays]:
    random, net = np.random.default_rng(seed), ModelBuilder()
    first, second = (float(np.float32(random.uniform(1e-4, 1e-3))) for _ in range(2))
    x = net.tensor((1, 512), first, 0, "int16")
    inputs = [x]
    if op == "FULLY_CONNECTED":
        y = net.tensor((1, 64), float(np.float32(first * second * 128)), 0, "int16")
        net.op(op, [x, net.constant(random.integers(-9, 10, (64, 512)).astype(np.int8), [second])], [y], version=4)
    elif op == "MUL":
        inputs, y = [x, net.tensor((1, 512), second, 0, "int16")], net.tensor((1, 512), 3e-4, 0, "int16")
        net.op(op, inputs, [y], version=2)
    else:
        x, y = net.tensor((1, 64), first, 0, "int16"), net.tensor((1, 64), 1 / 32768, 0, "int16")
        inputs = [x]
        net.op(op, [x], [y], beta=1.0)
    shape = (64, *inputs[0].shape)
    return net.finish(inputs, [y]), [random.integers(-32768, 32768, shape).astype(np.int16) for _ in inputs]


@pytest.mark.parametrize("op", ["FULLY_CONNECTED", "MUL", "SOFTMAX"])
def test_runtimes_are_1_apart(op: str) -> None:
    [row] = [ROWS[name] for name, ops in CASES_OF_1.items() if op in ops]
    assert op in row.operators
    most = 0
    with Oracle("TFLM") as micro, Oracle("LiteRT") as litert:
        for seed in range(12):
            model, inputs = _by_one(op, seed)
            assert any(row.concerns(view) for view in parse_model(model).views())
            answers = [np.array(o.run(model, list(zip(*inputs, strict=True))), int) for o in (micro, litert)]
            most = max(most, int(np.abs(answers[0] - answers[1]).max()))
    assert most == 1


def _less_zeros(op: str, zeros: float) -> bytes:
    """16x8: zeros, on this scale, less the input."""
    net, x, y = _ends("int16", (1, 4), (0.001, 0.002), (0, 0))
    net.op(op, [net.constant(np.zeros((1, 4), np.int16), [zeros]), x], [y], version=2)
    return net.finish([x], [y])


@pytest.mark.parametrize(("op", "sign"), [("ADD", 1), ("SUB", -1)])
def test_zeros_of_no_scale_are_zeros(op: str, sign: int, tmp_path: Path) -> None:
    graph = parse_model(_less_zeros(op, 0.0), "m")
    for runtime in ("litert", "tflite-runtime"):
        with pytest.raises(UserError, match=f"not for {runtime} .*\n    {op} "):
            differences.refuse(graph, runtime)
    data = np.array([[-32768, -700, 3, 32767]], np.int16)[None]
    answer = host.build(compile_model(graph, "m"), tmp_path).run([data])[0]
    np.testing.assert_allclose(answer, _rounded(sign * 0.001 * data, 0.002, 0, "int16"), atol=1)


def test_a_scale_of_0_is_refused_where_there_is_more_than_zeros() -> None:
    model = bytearray(_less_zeros("SUB", 0.0))
    zeros = parse_model(model).tensors[2].data
    assert zeros is not None
    zeros[0, 0] = 1  # the array is a view of the file
    with pytest.raises(UserError, match="a scale is not a number above 0"):
        parse_model(model)


def test_every_row_has_a_test() -> None:
    elsewhere = {row.name for row in ROWS.values() if row.condition == "has_short_bias"}
    elsewhere |= {
        "zeros of no scale",
        "batches of BIDIRECTIONAL_SEQUENCE_LSTM",
        "rescaled RELU6",
        "rounding of FULLY_CONNECTED",
        "factor of RELU",
        "factors of LEAKY_RELU",
    }
    assert set(ROWS) == elsewhere | set(CASES) | set(CASES_OF_1)
