"""The input by rows: the answers of the plan of the whole input, less RAM, and what cannot be done so."""

from __future__ import annotations

import ctypes
import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from edgewright.compiler import CompiledModel, CompileOptions, Core, compile_model, host
from edgewright.errors import UserError
from edgewright.kernels.rows import held
from edgewright.tflite.graph import Graph
from testbench.nets import RELU, SAME, VALID, Net

M4 = Core("cortex-m4", "armv7e-m", has_dsp=True)
SANITIZED = ("-std=c99", "-O1", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-fsanitize=address,undefined")


def drawn(seed: int, layers: int = 5) -> Graph:
    """Convolutions, depthwise ones and pooling over an image of an odd size, and a dense layer."""
    random = np.random.default_rng(seed)
    net = Net()
    height, width = (int(n) for n in random.integers(9, 24, 2))
    x = net.input((1, height, width, int(random.choice([1, 3, 4]))), 0.05, int(random.integers(-20, 20)))
    for number in range(layers):
        x = _layer(net, random, x, number)
    flat = int(np.prod(net.tensors[x].shape))
    x = net.reshape(x, (1, flat))
    return net.graph(net.dense(x, random.integers(-40, 41, (3, flat)), None, 4.0))


def _layer(net: Net, random: np.random.Generator, x: int, number: int) -> int:
    _, height, width, deep = net.tensors[x].shape
    kind = str(random.choice(["conv", "deep", "pool", "sum"])) if number and deep % 4 == 0 else "conv"
    if kind == "sum":
        side = net.conv(x, random.integers(-60, 61, (deep, 3, 3, deep)), None, 0.4, 3)
        return net.add(x, side, 0.6, int(random.integers(-9, 9)))
    size, stride = int(random.choice([1, 2, 3, 5])), int(random.integers(1, 4))
    small = min(height, width) < 6
    size, stride = (min(size, 2), 1) if small else (size, stride)
    padding = int(random.choice([SAME, VALID])) if size <= min(height, width) else SAME
    if kind == "pool":
        average = bool(random.integers(2))
        return net.pool(x, size, stride, average=average, padding=VALID if average else padding)
    zero, act = (int(random.integers(-30, 30)), 0) if random.integers(2) else (-128, RELU)
    out = deep if kind == "deep" else 4 * int(random.integers(1, 4))
    shape = (1, size, size, deep) if kind == "deep" else (out, size, size, deep)
    weights, bias = random.integers(-60, 61, shape), random.integers(-300, 300, out)
    return net.conv(x, weights, bias, 0.4, zero, stride=stride, padding=padding, act=act, depthwise=kind == "deep")


def compiled(graph: Graph, core: Core | None = None, **chosen: object) -> CompiledModel:
    return compile_model(graph, "net", core or Core(), CompileOptions(**chosen))  # type: ignore[arg-type]


def inputs(graph: Graph, count: int = 3) -> NDArray[np.int8]:
    shape = graph.tensors[graph.inputs[0]].shape
    return np.random.default_rng(9).integers(-128, 128, (count, *shape)).astype(np.int8)


@pytest.mark.parametrize(("seed", "ram"), [(0, 1), (1, None), (3, 4096)])
def test_by_rows_the_answers_are_the_same(seed: int, ram: int | None, tmp_path: Path) -> None:
    graph = drawn(seed)
    x = inputs(graph)
    whole = host.build(compiled(graph), tmp_path / "whole", flags=("-O1",)).run([x])[0]
    found = compiled(graph, input="rows", ram_bytes=ram)
    assert found.program.rows is not None
    program = host.build(found, tmp_path / "rows", flags=SANITIZED)
    assert np.array_equal(program.run([x])[0], whole)
    assert np.array_equal(program.run([x], in_arena=False)[0], whole)
    assert len(np.unique(whole)) > 1


def mobile(size: int = 24) -> Graph:
    """A small net of the kind of MobileNet."""
    random, net = np.random.default_rng(3), Net()
    x = net.input((1, size, size, 3), 0.05, 3)
    x = net.conv(x, random.integers(-60, 61, (8, 3, 3, 3)), None, 0.2, -128, stride=2, act=RELU)
    for out, stride in ((16, 1), (16, 2), (32, 1), (32, 2)):
        deep = net.tensors[x].shape[3]
        x = net.conv(x, random.integers(-60, 61, (1, 3, 3, deep)), [0] * deep, 0.3, -128, stride=stride, act=RELU,
                     depthwise=True)  # fmt: skip
        x = net.conv(x, random.integers(-60, 61, (out, 1, 1, deep)), None, 0.4, -128, act=RELU)
    flat = int(np.prod(net.tensors[x].shape))
    return net.graph(net.dense(net.reshape(x, (1, flat)), random.integers(-40, 41, (4, flat)), None, 8.0))


@pytest.mark.parametrize(
    "core", [Core(), M4, Core("cortex-m0", "armv6-m"), Core("cortex-m55", "armv8.1-m.main", True, True)]
)
def test_rows_take_less_ram(core: Core) -> None:
    whole, rows = compiled(mobile(48), core), compiled(mobile(48), core, input="rows", ram_bytes=1)
    assert rows.program.plan.arena_bytes < 0.6 * whole.program.plan.arena_bytes
    assert rows.program.plan.arena_bytes < 48 * 48 * 3  # the input alone
    facts = rows.facts()
    assert facts["rows"]["rows"] == 48
    assert facts["rows"]["row_bytes"] == 48 * 3
    assert facts["inputs"][0]["arena_offset"] is None
    assert "NET_INPUT_OFFSET" not in rows.files["net_memory.h"]
    assert "operators 0 to" in facts["layers"][0]["why"]
    assert "with the whole of it" in facts["layers"][0]["why"]


def test_what_rows_would_save_is_said_where_the_input_comes_whole() -> None:
    told = compiled(mobile(48), M4).facts()["by_rows_bytes"]
    least = compiled(mobile(48), M4, input="rows", ram_bytes=1).facts()
    assert abs(told - least["arena_bytes"]) < 0.1 * least["arena_bytes"]
    assert least["by_rows_bytes"] is None
    assert compiled(odd_rows(), M4).facts()["by_rows_bytes"] is None


def test_a_budget_asks_for_rows_and_for_no_more_than_it_needs() -> None:
    graph = mobile(48)
    whole = compiled(graph, M4)
    assert compiled(graph, M4, input="auto").facts()["rows"] is None
    assert compiled(graph, M4, input="auto", ram_bytes=64 << 10).facts()["rows"] is None
    least = compiled(graph, M4, input="rows", ram_bytes=1).program
    middle = (least.plan.arena_bytes + whole.program.plan.arena_bytes) // 2
    found = compiled(graph, M4, input="auto", ram_bytes=middle + 512).program
    assert least.plan.arena_bytes <= found.plan.arena_bytes <= middle
    assert found.rows is not None
    assert least.rows is not None
    assert len(found.rows.layers) <= len(least.rows.layers)


def test_pixels_are_computed_once() -> None:
    rows = compiled(mobile(), input="rows", ram_bytes=1).program.rows
    assert rows is not None
    for layer in rows.layers:
        assert layer.runs * layer.made == layer.out_rows
    places = [place for _, place in rows.bands]
    ends = [place + most * band.row_bytes for most, (band, place) in zip(held(rows.layers), rows.bands, strict=True)]
    assert all(end <= place for end, place in zip(ends, [*places[1:], rows.kernels], strict=True))


def test_sums_run_by_rows(tmp_path: Path) -> None:
    """Residual blocks, one of them with the model's input as a branch, one with two convolutions in a branch."""
    random, net = np.random.default_rng(8), Net()
    x = net.input((1, 20, 12, 4), 0.05, 2)
    for deep, stride in ((4, 1), (8, 2), (8, 1)):
        y = net.conv(x, random.integers(-60, 61, (deep, 3, 3, net.tensors[x].shape[3])), None, 0.3, -128, act=RELU,
                     stride=stride)  # fmt: skip
        y = net.conv(y, random.integers(-60, 61, (deep, 3, 3, deep)), None, 0.4, 4)
        short = x if stride == 1 else net.conv(x, random.integers(-60, 61, (deep, 1, 1, 4)), None, 0.2, 1, stride=2)
        x = net.add(short, y, 0.5, -3)
    flat = int(np.prod(net.tensors[x].shape))
    graph = net.graph(net.dense(net.reshape(x, (1, flat)), random.integers(-40, 41, (4, flat)), None, 8.0))
    given = inputs(graph)
    right = host.build(compiled(graph), tmp_path / "whole", flags=("-O1",)).run([given])[0]
    found = compiled(graph, input="rows", ram_bytes=1)
    assert found.program.rows is not None
    assert any(len(layer.bands) == 2 for layer in found.program.rows.layers)
    assert np.array_equal(host.build(found, tmp_path / "rows", flags=SANITIZED).run([given])[0], right)


def test_rows_are_pushed_a_few_at_a_time(tmp_path: Path) -> None:
    graph = mobile()
    x = inputs(graph, 1)
    right = host.build(compiled(graph), tmp_path / "whole").run([x])[0].reshape(-1)
    found = compiled(graph, input="rows", ram_bytes=1)
    folder = tmp_path / "rows"
    host.build(found, folder)
    subprocess.run(
        ["gcc", "-std=c99", "-shared", "-fPIC", "net.c", "-o", "net.so", "-lm"], cwd=folder, check=True, timeout=60
    )
    net = ctypes.CDLL(str(folder / "net.so"))
    arena = np.full(found.program.plan.arena_bytes + 32, 0x5A, np.int8)
    start = -arena.ctypes.data % 16
    at, output = ctypes.c_void_p(arena.ctypes.data + start), np.zeros(4, np.int8)
    out, lines = ctypes.c_void_p(output.ctypes.data), np.ascontiguousarray(x.reshape(24, -1))
    for counts in ((24,), (1,) * 24, (5, 7, 11, 1)):
        assert net.net_begin(at) == 0
        first = 0
        for count in counts:
            assert net.net_finish(out, at) == 5  # EW_ERR_SIZE: rows are missing
            assert net.net_push_rows(ctypes.c_void_p(lines[first:].ctypes.data), count, at) == 0
            first += count
        assert net.net_push_rows(ctypes.c_void_p(lines.ctypes.data), 1, at) == 5
        assert net.net_finish(out, at) == 0
        assert np.array_equal(output, right)
    assert np.all(arena[:start] == 0x5A)
    assert np.all(arena[start + found.program.plan.arena_bytes :] == 0x5A)
    assert net.net_begin(None) == net.net_push_rows(None, 1, at) == net.net_finish(None, at) == 1


def test_what_cannot_come_by_rows_says_why() -> None:
    net = Net()
    dense = net.graph(net.dense(net.input((1, 40)), np.ones((4, 40)), None, 2.0))
    with pytest.raises(UserError, match=r"compile.input: cannot come by rows: the input \[1, 40\] is no image of int8"):
        compiled(dense, input="rows")
    with pytest.raises(UserError, match=r"cannot come by rows: compile.weights is not raw"):
        compiled(mobile(), input="rows", weights="sparse")
    with pytest.raises(UserError, match=r"after operator 0 \(CONV_2D\) there is no image that all else is made of"):
        compiled(odd_rows(), input="rows")


def odd_rows() -> Graph:
    """A convolution whose rows are no whole words."""
    net = Net()
    return net.graph(net.pool(net.conv(net.input((1, 7, 7, 4)), np.ones((3, 3, 3, 4)), None), 2, 2))


@pytest.mark.parametrize("weights", ["sparse", "raw"])
def test_auto_keeps_the_whole_input_where_rows_cannot_be(weights: str) -> None:
    graph = mobile() if weights == "sparse" else odd_rows()
    found = compiled(graph, input="auto", ram_bytes=1, weights=weights)
    assert found.program.rows is None
    assert found.facts()["inputs"][0]["arena_offset"] is not None
