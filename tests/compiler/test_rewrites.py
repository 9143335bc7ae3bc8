"""Every rewrite does what it is for, and no output changes by a bit: with it, without it, and beside TFLM."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edgewright.compiler import CompileOptions, Core, compile_model
from edgewright.compiler.check import check
from edgewright.compiler.rewrites import ORDER, rewrite
from edgewright.errors import UserError
from edgewright.tflite.graph import Graph, Node
from testbench.host_build import HostModel
from testbench.nets import NO_ACTIVATION, RELU, RELU6, SAME, VALID, Net, tflm, to_tflite

RNG = np.random.default_rng
INPUTS = 6


def images(graph: Graph) -> list[np.ndarray]:
    source, shape = RNG(1), graph.tensors[graph.inputs[0]].shape
    random = [source.integers(-128, 128, shape).astype(np.int8) for _ in range(INPUTS - 2)]
    return [*random, np.full(shape, -128, np.int8), np.full(shape, 127, np.int8)]


def outputs(graph: Graph, folder: Path, without: frozenset[str]) -> list[np.ndarray]:
    folder.mkdir()
    compiled = compile_model(graph, "net", Core(), CompileOptions(without=without))
    model = HostModel(compiled.files, "net", folder)
    return model.run(images(graph), graph.tensors[graph.outputs[0]].shape, compiled.program.plan.arena_bytes)


def assert_exact(graph: Graph, folder: Path, name: str) -> None:
    """The same bytes with all rewrites, without this one, and from TFLM."""
    check(rewrite(graph)[0])
    pytest.importorskip("tflite_micro", reason="the oracle needs Python 3.11")
    expected = tflm(to_tflite(graph), images(graph))
    for number, without in enumerate((frozenset(), frozenset({name}))):
        found = outputs(graph, folder / f"{name}{number}", without)
        for got, want in zip(found, expected, strict=True):
            np.testing.assert_array_equal(got, want)
    assert len({want.tobytes() for want in expected}) > 1, "a test whose output never changes shows nothing"


def facts(graph: Graph, name: str) -> dict[str, object]:
    others = [other for other in ORDER if other != name]
    return next({k: v for k, v in done.items() if k != "name"} for done in rewrite(graph, others)[1])


def ops_of(graph: Graph) -> list[str]:
    return [node.op for node in graph.nodes]


def weights(seed: int, *shape: int) -> np.ndarray:
    return RNG(seed).integers(-127, 128, shape)


def bias(seed: int, count: int) -> np.ndarray:
    return RNG(seed).integers(-20000, 20000, count)


def test_unknown_name_is_a_mistake() -> None:
    with pytest.raises(UserError, match=r"no such rewrite, got 'fuse_activation'.*\n  hint: did you mean"):
        rewrite(Net().graph(), ["fuse_activation"])


# --- constants ---------------------------------------------------------------------------------------------------


def constants() -> Graph:
    net = Net()
    x = net.input((1, 4, 4, 3))
    c = net.const(weights(1, 1, 4, 2, 3), 0.2, 4, "int8")
    c = net.pad(c, [[0, 0], [0, 0], [1, 1], [0, 0]])
    c = net.reshape(net.reshape(c, (16, 3)), (1, 4, 4, 3))
    return net.graph(net.add(x, c))


def test_constants_are_folded(tmp_path: Path) -> None:
    assert facts(constants(), "fold_constants") == {"folded_operators": 3}
    assert ops_of(rewrite(constants())[0]) == ["ADD"]
    assert_exact(constants(), tmp_path, "fold_constants")


def flattened_by_shape() -> tuple[Graph, int]:
    """What converters write to flatten an image of any batch size, and the tensor with the wanted shape."""
    net = Net()
    x = net.input((1, 2, 3, 4))
    shape = net.tensor((4,), None, dtype="int32")
    first = net.tensor((), None, dtype="int32")
    target = net.tensor((2,), None, dtype="int32")
    minus = net.const(np.array(-1, np.int32))
    nodes = [("SHAPE", (x,), shape, {}), ("PACK", (first, minus), target, {"axis": 0, "values_count": 2})]
    marks = tuple(net.const([n]) for n in (0, 1, 1))
    nodes.insert(1, ("STRIDED_SLICE", (shape, *marks), first, {"shrink_axis_mask": 1}))
    for op, inputs, out, options in nodes:
        net.op(op, inputs, (1,), 1.0, 0, **options)
        net.nodes[-1] = replace(net.nodes[-1], outputs=(out,))
    flat = net.op("RESHAPE", [x, target], (1, 24))
    return net.graph(net.dense(flat, weights(9, 3, 24))), target


def test_shape_arithmetic_is_folded_and_dropped() -> None:
    graph, target = flattened_by_shape()
    folded = rewrite(graph, set(ORDER) - {"fold_constants"})[0]
    assert ops_of(folded) == ["RESHAPE", "FULLY_CONNECTED"]
    data = folded.tensors[target].data
    assert data is not None
    assert data.tolist() == [1, -1]


def test_folded_shape_arithmetic_gives_the_same_answers(tmp_path: Path) -> None:
    graph = flattened_by_shape()[0]
    folded = outputs(graph, tmp_path / "with", frozenset())
    np.testing.assert_array_equal(folded, outputs(graph, tmp_path / "without", frozenset({"fold_constants"})))


def test_what_is_folded_needs_no_support(tmp_path: Path) -> None:
    net = Net()
    x = net.input((1, 4))
    doubles = net.tensor((1, 4), None, dtype="float64")
    net.nodes.append(Node(0, "ZEROS_LIKE", 1, (net.tensor((1, 4), None, dtype="float64", data=[[1] * 4]),), (doubles,)))
    size = net.tensor((2,), None, dtype="int32")
    net.nodes.append(Node(1, "SHAPE", 1, (doubles,), (size,)))
    graph = net.graph(net.op("RESHAPE", [x, size], (1, 4)))
    outputs(graph, tmp_path / "with", frozenset())
    with pytest.raises(UserError, match="float64"):
        outputs(graph, tmp_path / "without", frozenset({"fold_constants"}))


def test_what_nobody_reads_is_dropped() -> None:
    net = Net()
    x = net.input((1, 4, 4, 2))
    net.pool(x, 2, 2)
    assert facts(net.graph(net.pool(x, 4, 4)), "fold_constants") == {"dropped_operators": 1}


def test_malformed_constants_are_left_to_the_check() -> None:
    net = Net()
    x = net.input((1, 4))
    wrong = net.op("RESHAPE", [net.const(weights(1, 3), 0.1, 0, "int8")], (1, 4))
    huge = net.op("PAD", [net.const(weights(1, 4), 0.1, 0, "int8"), net.const([[1 << 30, 1 << 30]])], (4,))
    graph = net.graph(net.op("CONCATENATION", [x, wrong, huge], (1, 12), axis=1))
    assert facts(graph, "fold_constants") == {}


# --- identities --------------------------------------------------------------------------------------------------


def identities() -> Graph:
    net = Net()
    x = net.input((1, 4, 4, 2), 0.1, -128)
    y = net.reshape(x, (1, 4, 4, 2))
    y = net.pad(y, [[0, 0]] * 4)
    y = net.pool(y, 1, 1)
    y = net.pool(y, 1, 1, average=True, act=RELU)
    y = net.pool(y, 2, 2)
    return net.graph(net.reshape(y, (1, 2, 2, 2)))


def test_identities_go(tmp_path: Path) -> None:
    assert facts(identities(), "remove_identities") == {"removed_operators": 5}
    assert ops_of(rewrite(identities())[0]) == ["MAX_POOL_2D"]
    assert_exact(identities(), tmp_path, "remove_identities")


def test_an_identity_between_the_models_ends_stays() -> None:
    net = Net()
    x = net.input((1, 4))
    assert facts(net.graph(net.reshape(x, (1, 4))), "remove_identities") == {}


def test_a_clamp_that_clamps_stays() -> None:
    net = Net()
    x = net.input((1, 4, 4, 2), 0.1, 0)
    y = net.pool(net.pool(x, 1, 1, act=RELU), 2, 2)
    assert facts(net.graph(y), "remove_identities") == {}


def test_adding_nothing_goes(tmp_path: Path) -> None:
    net = Net()
    x = net.input((1, 4, 4, 2), 0.1, 3)
    y = net.add(net.const(np.full((1, 1, 1, 1), 5), 0.1, 5, "int8"), net.pool(x, 2, 2), 0.1, 3)
    graph = net.graph(net.pool(y, 2, 2))
    assert facts(graph, "remove_identities") == {"removed_operators": 1}
    assert_exact(graph, tmp_path, "remove_identities")


# --- activations -------------------------------------------------------------------------------------------------


def clamped(op: str, zero: int, first: int = NO_ACTIVATION) -> Graph:
    net = Net()
    x = net.input((1, 5, 5, 3), 0.1, 7)
    y = net.conv(x, weights(3, 4, 3, 3, 3), bias(4, 4), 0.08, zero, act=first)
    return net.graph(net.op(op, [y], net.tensors[y].shape))


@pytest.mark.parametrize(("op", "zero", "first"), [("RELU", -20, 0), ("RELU6", -20, 0), ("RELU6", 0, RELU)])
def test_clamps_are_fused(op: str, zero: int, first: int, tmp_path: Path) -> None:
    graph = clamped(op, zero, first)
    assert facts(graph, "fuse_activations") == {"fused_activations": 1}
    fused = rewrite(graph)[0].nodes[0].options["fused_activation_function"]
    assert fused == {"RELU": RELU, "RELU6": RELU6}[op]
    assert_exact(graph, tmp_path, "fuse_activations")


def test_a_clamp_that_changes_the_scale_is_not_fused(tmp_path: Path) -> None:
    net = Net()
    y = net.conv(net.input((1, 5, 5, 3)), weights(3, 4, 3, 3, 3), None, 0.3)
    graph = net.graph(net.op("RELU", [y], net.tensors[y].shape, 0.2, -128))
    assert facts(graph, "fuse_activations") == {}
    assert_exact(graph, tmp_path, "fuse_activations")


def test_a_value_that_is_read_unclamped_too_is_not_fused() -> None:
    net = Net()
    y = net.conv(net.input((1, 5, 5, 3)), weights(3, 4, 3, 3, 3), None, 0.3)
    graph = net.graph(net.add(net.op("RELU", [y], net.tensors[y].shape), y))
    assert facts(graph, "fuse_activations") == {}


# --- layouts -----------------------------------------------------------------------------------------------------


def channels_first(axes: list[int], also_read: bool = False) -> Graph:
    net = Net()
    image = net.conv(net.input((1, 5, 4, 2)), weights(3, 3, 3, 3, 2), None, 0.3, padding=SAME)
    shape = [(1, 5, 4, 3)[axis] for axis in axes]
    turned = net.op("TRANSPOSE", [image, net.const(axes)], shape)
    y = net.dense(net.reshape(turned, (1, 60)), weights(4, 6, 60), bias(5, 6), 2.0)
    return net.graph(y, net.op("RELU", [turned], shape)) if also_read else net.graph(y)


@pytest.mark.parametrize("axes", [[0, 3, 1, 2], [0, 2, 1, 3]])
def test_a_dense_layer_reads_an_image_as_it_lies(axes: list[int], tmp_path: Path) -> None:
    graph = channels_first(axes)
    assert facts(graph, "fold_layouts") == {"folded_transposes": 1}
    assert "TRANSPOSE" not in ops_of(rewrite(graph)[0])
    assert_exact(graph, tmp_path, "fold_layouts")


def test_a_transposed_image_that_is_read_otherwise_too_stays() -> None:
    assert facts(channels_first([0, 3, 1, 2], also_read=True), "fold_layouts") == {}


# --- padding -----------------------------------------------------------------------------------------------------


def padded(amounts: list[list[int]], then: Callable[[Net, int], int], zero: int = -9) -> Graph:
    net = Net()
    return net.graph(then(net, net.pad(net.input((1, 6, 5, 2), 0.1, zero), amounts)))


ASYMMETRIC = [[0, 0], [1, 2], [0, 1], [0, 0]]
WINDOWS: dict[str, Callable[[Net, int], int]] = {
    "conv-valid": lambda net, x: net.conv(x, weights(5, 3, 3, 3, 2), bias(6, 3), 1.0, padding=VALID),
    "conv-same": lambda net, x: net.conv(x, weights(5, 3, 3, 3, 2), bias(6, 3), 1.0, stride=2, padding=SAME),
    "depthwise": lambda net, x: net.conv(x, weights(5, 1, 3, 2, 4), bias(6, 4), 0.5, padding=VALID, depthwise=True),
}


@pytest.mark.parametrize("name", WINDOWS)
def test_padding_is_folded(name: str, tmp_path: Path) -> None:
    graph = padded(ASYMMETRIC, WINDOWS[name])
    assert facts(graph, "fold_padding") == {"folded_pads": 1}
    assert_exact(graph, tmp_path, "fold_padding")


def test_padding_of_max_pool_is_folded_when_nothing_is_less(tmp_path: Path) -> None:
    graph = padded(ASYMMETRIC, lambda net, x: net.pool(x, 3, 2), zero=-128)
    assert facts(graph, "fold_padding") == {"folded_pads": 1}
    assert_exact(graph, tmp_path, "fold_padding")


@pytest.mark.parametrize(
    ("amounts", "zero", "average"),
    [
        (ASYMMETRIC, -9, False),
        (ASYMMETRIC, -128, True),
        ([[0, 0], [3, 0], [0, 0], [0, 0]], -128, False),
        ([[0, 0], [0, 0], [0, 4], [0, 0]], -128, False),
        ([[0, 0], [1, 1], [0, 0], [0, 1]], -128, False),
    ],
)
def test_padding_that_a_pool_would_see_otherwise_stays(
    amounts: list[list[int]], zero: int, average: bool, tmp_path: Path
) -> None:
    graph = padded(amounts, lambda net, x: net.pool(x, 3, 3, average), zero)
    assert facts(graph, "fold_padding") == {}
    assert_exact(graph, tmp_path, "fold_padding")
