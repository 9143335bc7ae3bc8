"""FULLY_CONNECTED layers of few weights: blocks become sums, what nobody reads is not computed, and no bit changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgewright.compiler import CompileOptions, Core, compile_model
from edgewright.compiler.rewrites import ORDER, Prices, rewrite
from edgewright.compiler.select.kernels import prices_of
from edgewright.ops.made import sum_pool
from edgewright.tflite.graph import Graph
from testbench.host_build import HostModel
from testbench.nets import RELU, RELU6, SAME, VALID, Net, tflm, to_tflite
from tests.compiler.test_rewrites import assert_exact, images, ops_of

RNG = np.random.default_rng
BOTH = frozenset({"pool_blocks", "skip_unread"})
FUSED = "CONV_2D_FULLY_CONNECTED"


def prices(optimize: str, core: Core = Core()) -> Prices:  # noqa: B008 - a frozen value
    return prices_of(core, CompileOptions(optimize=optimize))


def only(*names: str) -> frozenset[str]:
    return frozenset(ORDER) - set(names)


def dense_weights(seed: int, shape: tuple[int, ...], kept: float, block: tuple[int, int] = (1, 1)) -> np.ndarray:
    """int8 (units, h, w, c), constant over blocks, a share of them not zero."""
    source, (units, h, w, c) = RNG(seed), shape
    small = (units, -(-h // block[0]), -(-w // block[1]), c)
    values = source.integers(-127, 128, small) * (source.random(small) < kept) * (source.random((1, *small[1:])) < kept)
    return values.repeat(block[0], axis=1).repeat(block[1], axis=2)[:, :h, :w]


def network(
    block: tuple[int, int] = (1, 1),
    kept: float = 0.4,
    between: Callable[[Net, int], int] = lambda _, x: x,
    size: tuple[int, int, int] = (7, 6, 2),
    flat: bool = True,
    act: int = RELU,
    **conv: Any,
) -> Graph:
    """Convolution, perhaps something between, and FULLY_CONNECTED of few weights."""
    net = Net()
    x = net.input((1, *size), 0.05, 3)
    weights, bias = RNG(1).integers(-127, 128, (5, 3, 3, size[2])), RNG(2).integers(-3000, 3000, 5)
    x = between(net, net.conv(x, weights, bias, 0.9, -90, act=act, **conv))
    shape = net.tensors[x].shape
    rows = dense_weights(4, (6, *shape[1:]), kept, block).reshape(6, -1)
    x = net.reshape(x, (1, rows.shape[1])) if flat else x
    return net.graph(net.dense(x, rows, RNG(5).integers(-900, 900, 6), 6.0, -7))


def test_blocks_are_summed(tmp_path: Path) -> None:
    graph = network((2, 3))
    found, done = rewrite(graph, only("pool_blocks"))
    assert ops_of(found) == ["CONV_2D", "SUM_POOL", "FULLY_CONNECTED_SUMS"]
    assert done[-1]["layers"] == [{"operator": 2, "block": [2, 3], "weights_before": 1260, "weights_after": 240}]
    assert_exact(graph, tmp_path, "skip_unread")


@pytest.mark.parametrize("block", [(2, 2), (1, 3), (7, 1), (4, 4)])
def test_blocks_of_many_shapes_stay_exact(block: tuple[int, int], tmp_path: Path) -> None:
    graph = network(block, kept=0.9)
    assert "SUM_POOL" in ops_of(rewrite(graph, only("pool_blocks"))[0])
    check_without(graph, tmp_path, [frozenset({"skip_unread"}), frozenset()])


def test_pixels_are_no_blocks() -> None:
    assert ops_of(rewrite(network(kept=0.9), only("pool_blocks"))[0]) == ["CONV_2D", "RESHAPE", "FULLY_CONNECTED"]


def test_an_image_that_others_read_is_not_summed() -> None:
    net = Net()
    x = net.conv(net.input((1, 4, 4, 2)), RNG(1).integers(-127, 128, (3, 3, 3, 2)), None)
    y = net.dense(x, np.ones((4, 48), int))
    assert "SUM_POOL" not in ops_of(rewrite(net.graph(y, x))[0])


def test_sums_of_the_largest_block_fit_in_16_bits() -> None:
    assert sum_pool.MOST_PIXELS * 128 < 1 << 15


NETS: dict[str, Graph] = {
    "flat": network(),
    "image": network(flat=False),
    "padded": network(padding=SAME),
    "strided": network(stride=2, padding=VALID, size=(9, 8, 3)),
    "clamped": network(act=RELU6),
    "blocks": network((2, 2)),
    "blocks-of-lines": network((1, 6), kept=0.7),
    "largest": network(between=lambda net, x: net.pool(x, 2, 2)),
    "largest-clamped": network(between=lambda net, x: net.pool(x, 3, 3, act=RELU6)),
    "pointwise-blocks-of-largest": network((2, 2), between=lambda net, x: net.pool(x, 2, 2), kept=0.7),
}


@pytest.mark.parametrize("name", NETS)
def test_what_is_not_read_is_not_computed(name: str, tmp_path: Path) -> None:
    graph = NETS[name]
    found, done = rewrite(graph, only("pool_blocks", "skip_unread"), prices=prices("size"))
    assert ops_of(found).count(FUSED) == (name != "pointwise-blocks-of-largest")
    if FUSED in ops_of(found):
        assert done[-1]["macs_after"] < done[-1]["macs_before"]
    check_without(graph, tmp_path, [frozenset()], "size")


def check_without(graph: Graph, folder: Path, choices: list[frozenset[str]], optimize: str = "balanced") -> None:
    """TFLM's bytes with inputs and outputs outside the arena and in it."""
    pytest.importorskip("tflite_micro", reason="the oracle needs Python 3.11")
    expected = tflm(to_tflite(graph), images(graph))
    assert len({want.tobytes() for want in expected}) > 1
    for number, without in enumerate(choices):
        compiled = compile_model(graph, "net", Core(), CompileOptions(without=without, optimize=optimize))
        (folder / str(number)).mkdir()
        model, facts = HostModel(compiled.files, "net", folder / str(number)), compiled.facts()
        shape, arena = graph.tensors[graph.outputs[0]].shape, facts["arena_bytes"]
        ends = facts["inputs"][0]["arena_offset"], facts["outputs"][0]["arena_offset"]
        outside, inside = (
            model.run(images(graph), shape, arena), model.run_in_arena(images(graph), shape, arena, ends)
        )  # fmt: skip
        for want, *found in zip(expected, outside, inside, strict=True):
            for got in found:
                np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("seed", range(6))
def test_random_networks_stay_exact(seed: int, tmp_path: Path) -> None:
    source = RNG(seed)
    block = (int(source.integers(1, 4)), int(source.integers(1, 4)))
    graph = network(
        block,
        float(source.uniform(0.2, 1)),
        (lambda net, x: net.pool(x, 2, 2)) if source.random() < 0.4 else (lambda _, x: x),
        (int(source.integers(5, 10)), int(source.integers(5, 10)), int(source.integers(1, 5))),
        bool(source.integers(0, 2)),
        stride=int(source.integers(1, 3)),
        padding=int(source.choice([SAME, VALID])),
    )
    check_without(graph, tmp_path, [frozenset(), frozenset({"pool_blocks"})], "size")


def test_a_layer_that_reads_everything_stays() -> None:
    assert FUSED not in ops_of(rewrite(network(kept=1.0), prices=prices("balanced"))[0])


def test_a_fast_core_computes_what_it_need_not_where_memory_is_free() -> None:
    graph = network(kept=0.5, size=(20, 20, 1))
    helium = Core("cortex-m55", "armv8.1-m.main", has_dsp=True, has_mve=True)
    assert FUSED not in ops_of(rewrite(graph, prices=prices("speed", helium))[0])
    assert FUSED in ops_of(rewrite(graph, prices=prices("size", helium))[0])


def test_no_image_lies_between(tmp_path: Path) -> None:
    graph = network(kept=0.2, size=(20, 20, 1))
    arena = [
        compile_model(graph, "net", Core(), CompileOptions(without=without)).facts()["arena_bytes"]
        for without in (BOTH, frozenset())
    ]
    assert arena[0] > 20 * 20 * 5
    assert arena[1] < arena[0] / 3


def test_a_convolution_that_two_read_stays() -> None:
    net = Net()
    x = net.conv(net.input((1, 6, 6, 1)), RNG(1).integers(-127, 128, (4, 3, 3, 1)), None, act=RELU)
    graph = net.graph(*(net.dense(x, dense_weights(s, (3, 6, 6, 4), 0.1).reshape(3, -1)) for s in (1, 2)))
    assert FUSED not in ops_of(rewrite(graph, prices=prices("size"))[0])


def test_rounding_of_litert_is_kept(tmp_path: Path) -> None:
    graph, found = network((2, 2)), []
    for number, without in enumerate((BOTH, frozenset({"skip_unread"}), frozenset())):
        compiled = compile_model(graph, "net", Core(), CompileOptions(without=without, rounding="litert"))
        (tmp_path / str(number)).mkdir()
        model = HostModel(compiled.files, "net", tmp_path / str(number))
        found.append(np.stack(model.run(images(graph), (1, 6), compiled.program.plan.arena_bytes)))
    assert np.array_equal(found[0], found[1])
    assert np.array_equal(found[0], found[2])


@pytest.mark.parametrize("chosen", [{"weights": "lut"}, {"weights": "sparse"}, {"layer_weights": {2: "coded"}}])
def test_weights_that_the_user_wants_stored_otherwise_stay_in_their_layer(chosen: dict[str, Any]) -> None:
    layers = compile_model(network(kept=0.2), "net", Core(), CompileOptions(**chosen)).facts()["layers"]
    assert FUSED not in [layer["op"] for layer in layers]
    dense = next(layer for layer in layers if layer["op"] == "FULLY_CONNECTED")
    assert dense["variant"] in ("coded", "sparse", "lut")
