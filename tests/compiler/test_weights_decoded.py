"""Weights that are decoded into scratch in each inference: any operator, fused layers, broken codes, and RAM."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from edgewright.compiler import CompiledModel, CompileOptions, Core, compile_model
from edgewright.compiler.host import build
from edgewright.compiler.options import compile_options
from edgewright.errors import UserError
from edgewright.pipeline import memory_budget
from edgewright.sections.budget import Budget, MemoryBudget
from edgewright.sections.compile import Compile
from edgewright.tflite.graph import Graph
from testbench.nets import RELU, Net
from tests.compiler.test_rewrites_unread import network as sparse_network

M4 = Core("cortex-m4", "armv7e-m", has_dsp=True)
M0 = Core("cortex-m0", "armv6-m")
M3 = Core("cortex-m3", "armv7-m")
M55 = Core("cortex-m55", "armv8.1-m.main", has_dsp=True, has_mve=True)
SANITIZED = ("-std=gnu11", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-Wall", "-Werror")
DENSE_LAYERS = ("CONV_2D_FULLY_CONNECTED", "FULLY_CONNECTED_SUMS")


def small(shape: tuple[int, ...], seed: int) -> NDArray[np.int8]:
    """Small integers, half of them zero, as latent weights are."""
    random = np.random.default_rng(seed)
    return (random.integers(-3, 4, shape) * (random.random(shape) < 0.5)).astype(np.int8)


def network(channels: int = 16) -> Graph:
    """Depthwise (operator 0) and pointwise convolutions, one of 3 x 3, and a Dense layer."""
    net = Net()
    x = net.input((1, 12, 12, channels), 0.1, 5)
    x = net.conv(x, small((1, 3, 3, channels), 1), small((channels,), 2), 0.05, -128, depthwise=True, act=RELU)
    x = net.conv(x, small((channels, 1, 1, channels), 3), None, 0.01, -128, act=RELU)
    x = net.conv(x, small((8, 3, 3, channels), 4), None, 0.002, -128, act=RELU, stride=2)
    return net.graph(net.dense(net.reshape(x, (1, 288)), small((10, 288), 5), None, 0.0002))


def heavy() -> Graph:
    """Two convolutions with more weights than image."""
    net = Net()
    x = net.input((1, 8, 8, 32), 0.1, 5)
    for layer in range(2):
        x = net.conv(x, small((32, 3, 3, 32), layer), None, 0.5, -128, act=RELU)
    return net.graph(x)


def compiled(graph: Graph, core: Core = M4, **options: Any) -> CompiledModel:
    return compile_model(graph, "net", core, CompileOptions(**options))


def stored(model: CompiledModel) -> list[tuple[str, str]]:
    """(operator, storage) of the layers whose weights are not raw."""
    found = [(layer["op"], layer["weights"]) for layer in model.facts()["layers"] if layer["weights"]]
    return [(op, weights["storage"]) for op, weights in found if weights["storage"] != "raw"]


def inputs(graph: Graph) -> NDArray[np.int8]:
    shape = graph.tensors[graph.inputs[0]].shape
    return np.random.default_rng(4).integers(-128, 128, (40, *shape[1:])).astype(np.int8)


def assert_same_answers(graph: Graph, folder: Path, coded: CompiledModel) -> None:
    want = build(compiled(graph, Core()), folder / "raw").run([inputs(graph)])[0]
    assert len(np.unique(want)) > 8
    program = build(coded, folder / "coded", flags=SANITIZED)
    for in_arena in (True, False):
        assert np.array_equal(program.run([inputs(graph)], in_arena=in_arena)[0], want)


def test_answers_of_convolutions_are_those_of_raw_weights(tmp_path: Path) -> None:
    graph = network()
    coded = compiled(graph, Core(), weights="coded")
    assert [op for op, _ in stored(coded)] == ["DEPTHWISE_CONV_2D", "CONV_2D", "CONV_2D", "FULLY_CONNECTED"]
    assert coded.facts()["weights_bytes"] < 0.75 * compiled(graph, Core()).facts()["weights_bytes"]
    assert_same_answers(graph, tmp_path, coded)


def coarse() -> Graph:
    """Eight pointwise convolutions with coarse biases and factors."""
    net, channels = Net(), np.arange(32)
    x = net.input((1, 6, 6, 32), 2**-4, -128)
    for layer in range(8):
        x = net.conv(x, small((32, 1, 1, 32), layer), small((32,), 9 + layer) * 64, 2**-4, -128, act=RELU)
    graph = net.graph(x)
    for tensor in graph.tensors.values():
        if tensor.quantization is not None and tensor.quantization.per_channel:
            tensor.quantization.scales[:] = (8 + channels % 8) / 32
    return graph


def test_biases_and_factors_are_coded_where_that_pays_for_the_whole_model(tmp_path: Path) -> None:
    options: dict[str, Any] = {"weights": "coded", "optimize": "size", "ram_bytes": 1 << 14}
    coded, without = compiled(coarse(), **options), compiled(coarse(), coded_channels=False, **options)
    assert kernels(coded).count("weights_channels") == 8
    assert coded.facts()["weights_bytes"] < without.facts()["weights_bytes"] - 900
    assert "weights_channels" not in kernels(compiled(network(), **options))
    assert_same_answers(coarse(), tmp_path, compiled(coarse(), Core(), **options))


def kernels(model: CompiledModel) -> list[str]:
    return [call.kernel for step in model.program.steps for call in step.calls]


def test_the_kernels_are_those_of_raw_weights_and_may_overlap_as_they_do() -> None:
    """The kernel that decodes some channels at a time takes more time and less scratch, and input and output apart."""
    graph = heavy()
    raw, fast, small_ = (compiled(graph, optimize=o, weights=w).facts()["layers"]
                         for o, w in (("speed", "raw"), ("speed", "coded"), ("size", "coded")))  # fmt: skip
    assert [[layer["variant"] for layer in layers] for layers in (raw, fast, small_)] == [
        ["winograd", "winograd"], ["dsp", "dsp"], ["coded", "coded"],
    ]  # fmt: skip
    assert small_[0]["scratch_bytes"] < fast[0]["scratch_bytes"]
    assert small_[0]["weights"]["cycles"] > fast[0]["weights"]["cycles"]
    distances = [compiled(graph, M55, optimize="speed", weights=w).program.steps[0].overlap for w in ("raw", "coded")]
    assert distances[0]
    assert distances[0] == distances[1]


@pytest.mark.parametrize(("core", "variant"), [(M0, "m0"), (M3, "m3")])
def test_cores_without_dsp_keep_their_kernels_for_small_weights(core: Core, variant: str) -> None:
    def variants(factor: int, storage: str = "startup") -> list[tuple[str, str]]:
        net = Net()
        x = net.input((1, 8, 8, 8), 0.1, 5)
        x = net.conv(x, factor * small((16, 3, 3, 8), 1), None, 0.1 * factor, -128, act=RELU)
        model = compiled(net.graph(x), core, optimize="speed", weights=storage)
        return [(layer["variant"], layer["weights"]["storage"]) for layer in model.facts()["layers"]]

    assert variants(1, "raw") == variants(42, "raw") == [(variant, "raw")]
    assert variants(1) == [(variant, "startup")]
    # four large ones do not fit into a group: channels are of different lengths, and the next kernel is taken
    assert variants(42) == [("ref", "startup")]


def test_layers_of_equal_shape_share_their_function() -> None:
    net, weights = Net(), small((8, 3, 3, 8), 1)
    x = net.input((1, 8, 8, 8))
    for layer in range(2):
        x = net.conv(x, small(weights.shape, layer), None, 0.5)
    code = compiled(net.graph(x), M55, optimize="speed", layer_weights={0: "coded"}).files["net.c"]
    assert code.count("static EW_NOINLINE void conv_2d_s8_") == 1
    assert code.count("weights_decode_1(layer_0_weights") == 1


TRANSPOSED = "TRANSPOSE_CONV"


def test_other_operators_with_weights_are_decoded_too(tmp_path: Path) -> None:
    net = Net()
    x = net.input((1, 5, 5, 8), 0.1, 3)
    weights = net.const(small((6, 3, 3, 8), 1), 0.01, 0, "int8")
    shape = net.const([1, 10, 10, 6])
    y = net.op(TRANSPOSED, [shape, weights, x], (1, 10, 10, 6), 0.05, -4, padding=0, stride_h=2, stride_w=2,
               fused_activation_function=0)  # fmt: skip
    graph = net.graph(y)
    coded = compiled(graph, Core(), weights="coded")
    assert stored(coded) == [(TRANSPOSED, "coded")]
    assert_same_answers(graph, tmp_path, coded)


def fused(block: tuple[int, int] = (1, 1)) -> Graph:
    """What `skip_unread` fuses, or `pool_blocks` where blocks are larger than a pixel."""
    if block == (1, 1):
        return sparse_network(block, kept=0.08, size=(24, 24, 4))
    return sparse_network(block, kept=0.95, size=(16, 16, 2))


@pytest.mark.parametrize("storage", ["coded", "startup"])
@pytest.mark.parametrize(("block", "without"), [((1, 1), []), ((2, 2), ["skip_unread"])])
def test_fused_layers_are_coded(storage: str, block: tuple[int, int], without: list[str], tmp_path: Path) -> None:
    """Not the layer that sums blocks, which has the number of the one behind it."""
    graph = fused(block)
    coded = compiled(graph, Core(), weights=storage, without=frozenset(without))
    assert stored(coded)[-1] == (DENSE_LAYERS[0] if block == (1, 1) else DENSE_LAYERS[1], storage)
    assert "SUM_POOL" not in dict(stored(coded))
    assert coded.facts()["weights_bytes"] < compiled(graph, Core()).facts()["weights_bytes"]
    assert_same_answers(graph, tmp_path, coded)


def test_layers_stay_apart_where_a_storage_is_not_for_fused_ones() -> None:
    for options in ({"weights": "sparse"}, {"weights": "lut"}, {"layer_weights": {2: "coded"}}):
        layers = [layer["op"] for layer in compiled(fused(), **options).facts()["layers"]]
        assert layers == ["CONV_2D", "FULLY_CONNECTED"]


def test_fused_layers_that_code_to_more_stay_apart() -> None:
    """`auto` with room takes what runs faster, `coded` what is smaller."""
    graph = sparse_network(kept=0.6, size=(24, 24, 4))
    fast, small_ = compiled(graph, weights="auto"), compiled(graph, weights="coded")
    assert small_.facts()["weights_bytes"] < fast.facts()["weights_bytes"]


def arrays(model: CompiledModel) -> list[str]:
    """Names of the arrays of codes."""
    return re.findall(r"coded weights \*/\nstatic const (?:EW_WEIGHTS )?int32_t (\w+)", model.files["net_weights.h"])


@pytest.mark.parametrize("place", [0, 2, 5, -1])
def test_broken_codes_are_a_status_and_write_nothing_outside(place: int, tmp_path: Path) -> None:
    """A changed header, a changed code and a changed end: of each layer in turn, in an arena of its own."""
    model = compiled(network(), Core(), weights="coded")
    assert len(arrays(model)) == 4
    for name in arrays(model):
        folder = tmp_path / name
        build(model, folder)
        text = (folder / "net_weights.h").read_text()
        head, tail = re.split(rf"(?<={name}\[)(?=\d)", text)
        start = tail.index("{") + 1
        numbers = tail[start : tail.index("}")].rstrip().rstrip(",").split(",")
        numbers[place] = str(int(numbers[place]) ^ 1 << (10 if place > 0 else 0))
        tail = tail[:start] + ",".join(numbers) + tail[tail.index("}") :]
        (folder / "net_weights.h").write_text(f"{head}{tail}")
        (folder / "main.c").write_text(PROGRAM)
        subprocess.run(["cc", *SANITIZED, "net.c", "main.c", "-o", "it"], cwd=folder, check=True)
        assert subprocess.run([folder / "it"], check=False).returncode == 3


PROGRAM = """
#include <stdlib.h>
#include "net.h"
int main(void) {
    int8_t *arena = aligned_alloc(16, NET_ARENA_BYTES);
    int8_t *in = calloc(NET_INPUT_BYTES, 1), *out = malloc(NET_OUTPUT_BYTES);
    const ew_status status = net_invoke(in, out, arena);
    free(arena), free(in), free(out);
    return status;
}
"""


def test_ram_decides_between_decoding_whole_and_in_part() -> None:
    """By cycles alone all weights of the convolution are decoded at once; not where RAM is short."""
    graph = heavy()
    raw, free = compiled(graph, optimize="speed"), compiled(graph, optimize="speed", weights="coded")
    assert free.facts()["arena_bytes"] > raw.facts()["arena_bytes"] + 2048
    tight = compiled(graph, optimize="speed", weights="coded", ram_bytes=raw.facts()["arena_bytes"] + 2048)
    assert tight.facts()["arena_bytes"] < free.facts()["arena_bytes"]
    assert "coded" in [layer["variant"] for layer in tight.facts()["layers"]]


@pytest.mark.parametrize("core", [M4, Core(), M0])
def test_auto_keeps_within_ram(core: Core) -> None:
    graph = heavy()
    raw = compiled(graph, core).facts()
    used = []
    for more in (0, 300, 700, 1100, 4000, 1 << 20):
        limit = raw["arena_bytes"] + more
        found = compiled(graph, core, weights="auto", flash_bytes=1, ram_bytes=limit + 512).facts()
        used.append(found["arena_bytes"] + found["unpacked_bytes"])
        assert used[-1] <= limit
    assert used[-1] > raw["arena_bytes"] + 200  # without a limit weights take it
    assert stored(compiled(graph, core, weights="auto", flash_bytes=1, ram_bytes=1 << 20))


def test_ram_that_raw_weights_exceed_is_no_reason_to_give_up_storages_without_scratch() -> None:
    net, random = Net(), np.random.default_rng(1)
    weights = np.where(random.random((20, 900)) < 0.05, random.integers(-100, 100, (20, 900)), 0)
    graph = net.graph(net.dense(net.input((1, 900)), weights, None, 2.0))
    assert stored(compiled(graph, weights="auto", ram_bytes=16)) == [("FULLY_CONNECTED", "sparse")]


def test_what_cannot_be_decoded_says_why() -> None:
    def refused(weights: Any, message: str) -> None:
        net = Net()
        graph = net.graph(net.conv(net.input((1, 6, 6, 16)), weights, None, depthwise=True))
        with pytest.raises(UserError, match=message):
            compiled(graph, Core(), layer_weights={0: "coded"})

    refused(np.full((1, 3, 3, 16), -128), "cannot be stored coded: a weight is -128")
    refused(np.random.default_rng(1).integers(-127, 128, (1, 3, 3, 16)), "codes would be no smaller")
    refused(np.zeros((1, 1, 3, 16)), "it has fewer than 64 bytes of weights")


def test_options_and_budget() -> None:
    assert compile_options(Compile(), MemoryBudget(ram="4 KiB")).ram_bytes == 4096
    assert Compile(weights="auto").fits_ram
    assert Compile(weights={"default": "raw", "2": "coded"}).fits_ram
    assert not Compile(weights="sparse").fits_ram


@pytest.mark.parametrize(("weights", "ram"), [("auto", 4096), ("coded", 4096), ("sparse", None), ("raw", None)])
def test_the_budget_of_ram_reaches_the_compiler_where_it_decides(weights: str, ram: int | None) -> None:
    spec = SimpleNamespace(compile=Compile(weights=weights), budget=Budget(ram="4 KiB"))
    assert memory_budget(spec).ram == ram
