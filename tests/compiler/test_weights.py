"""How weights are stored: the same answers for every storage, what `auto` takes, what is refused."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from edgewright.compiler import CompiledModel, CompileOptions, Core, compile_model
from edgewright.compiler.host import build
from edgewright.compiler.options import compile_options
from edgewright.errors import UserError
from edgewright.sections.budget import MemoryBudget
from edgewright.sections.compile import Compile
from edgewright.tflite.graph import Graph
from edgewright.tflite.reader import parse_model
from testbench.differential.builder import ModelBuilder

M4 = Core("cortex-m4", "armv7e-m", has_dsp=True)
STORAGES = ("raw", "lut", "sparse", "coded", "startup", "install")


def few(shape: tuple[int, ...], density: float, seed: int) -> NDArray[np.int8]:
    random = np.random.default_rng(seed)
    return np.where(random.random(shape) < density, random.choice([-90, -31, 30, 77], shape), 0).astype(np.int8)


def network() -> Graph:
    return parse_model(network_bytes(), "net.tflite")


def network_bytes() -> bytes:
    """A convolution (operator 0), a Dense layer of the image that it makes (2), another (3)."""
    builder = ModelBuilder()
    image, maps = builder.tensor((1, 12, 12, 8), 0.05, 3), builder.tensor((1, 12, 12, 16), 0.4, -128)
    flat, hidden, out = (
        builder.tensor((1, 2304), 0.4, -128),
        builder.tensor((1, 24), 0.9, 4),
        builder.tensor((1, 5), 1.1, 2),
    )
    builder.op("CONV_2D", [image, builder.constant(few((16, 3, 3, 8), 0.3, 1), 0.02)], [maps], version=3,
               stride_h=1, stride_w=1, dilation_h_factor=1, dilation_w_factor=1, padding=0)  # fmt: skip
    builder.op("RESHAPE", [maps], [flat])
    builder.op("FULLY_CONNECTED", [flat, builder.constant(few((24, 2304), 0.05, 2), 0.01)], [hidden], version=4)
    builder.op("FULLY_CONNECTED", [hidden, builder.constant(few((5, 24), 0.9, 3), 0.01)], [out], version=4)
    return builder.finish([image], [out])


PLAIN = frozenset({"skip_unread", "pool_blocks"})
"""Rewrites that would take the layers away."""


def compiled(weights: str = "raw", layers: dict[int, str] | None = None, flash: int | None = None,
             core: Core = M4) -> CompiledModel:  # fmt: skip
    options = CompileOptions(weights=weights, layer_weights=layers or {}, flash_bytes=flash, without=PLAIN)
    return compile_model(network(), "net", core, options)


def storages(of: CompiledModel) -> list[str]:
    return [layer["weights"]["storage"] for layer in of.facts()["layers"] if layer["weights"]]


def dense(weights: NDArray[np.int8]) -> Graph:
    """FULLY_CONNECTED alone."""
    builder = ModelBuilder()
    x, y = builder.tensor((1, weights.shape[1]), 0.5), builder.tensor((1, weights.shape[0]), 0.5)
    builder.op("FULLY_CONNECTED", [x, builder.constant(weights, 0.01)], [y], version=4)
    return parse_model(builder.finish([x], [y]), "net.tflite")


def images() -> NDArray[np.int8]:
    return np.random.default_rng(4).integers(-128, 128, (40, 12, 12, 8)).astype(np.int8)


@pytest.mark.parametrize("storage", STORAGES[1:])
def test_answers_are_those_of_raw_weights(storage: str, tmp_path: Path) -> None:
    raw = build(compiled(core=Core()), tmp_path / "raw").run([images()])[0]
    small = compiled(storage, core=Core())
    assert storages(small)[:2] == [storage, storage]
    assert small.facts()["weights_bytes"] < 0.7 * compiled(core=Core()).facts()["weights_bytes"]
    flags = (
        "-std=c99",
        "-O1",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-fsanitize=address,undefined",
        "-fno-sanitize-recover=all",
    )
    assert np.array_equal(build(small, tmp_path / storage, flags=flags).run([images()])[0], raw)


def test_broken_weights_are_a_status_and_not_an_answer(tmp_path: Path) -> None:
    model = compiled("coded", core=Core())
    weights = model.files["net_weights.h"]
    assert "EW_ERR_WEIGHTS" in model.files["net.h"]
    name = weights.split("coded weights */")[1].split("{\n")[0]
    head, tail = weights.split(name + "{\n")
    numbers = tail.split(",")
    numbers[5] = str(int(numbers[5]) ^ 64)
    broken = head + name + "{\n" + ",".join(numbers)
    program = build(model, tmp_path)
    (tmp_path / "net_weights.h").write_text(broken)
    (tmp_path / "main.c").write_text("""
#include "net.h"
static int8_t arena[NET_ARENA_BYTES] __attribute__((aligned(16))), in[NET_INPUT_BYTES], out[NET_OUTPUT_BYTES];
int main(void) { return net_invoke(in, out, arena); }
""")
    subprocess.run(["cc", "-std=c99", "net.c", "main.c", "-o", "broken"], cwd=tmp_path, check=True)
    assert subprocess.run([tmp_path / "broken"], check=False).returncode == 3
    assert program.path.exists()


CALLS = {
    "startup": "return net_init(weights) != EW_OK ? net_init(weights) : net_invoke(in, out, arena);",
    "install": "if (net_install(write, weights) != EW_OK) { return 4; }"
    "return net_use(weights) != EW_OK ? 5 : net_invoke(in, out, arena);",
    "use": "if (net_install(write, weights) != EW_OK) { return 4; } weights[60] ^= 1;"
    "return net_use(weights) != EW_ERR_WEIGHTS ? 9 : net_invoke(in, out, arena);",
    "fail": "return net_install(full, weights);",
    "none": "return net_invoke(in, out, arena);",
}
PROGRAM = """
#include <string.h>
#include "net.h"
static int8_t arena[NET_ARENA_BYTES] __attribute__((aligned(16))), in[NET_INPUT_BYTES], out[NET_OUTPUT_BYTES];
static int8_t weights[NET_WEIGHTS_BYTES] __attribute__((aligned(16)));
static ew_status write(void *to, int32_t place, const void *bytes, int32_t count) {
    memcpy((int8_t *)to + place, bytes, count);
    return place + count <= NET_WEIGHTS_BYTES ? EW_OK : EW_ERR_WRITE;
}
static ew_status full(void *to, int32_t place, const void *bytes, int32_t count) {
    return place < 512 ? write(to, place, bytes, count) : EW_ERR_WRITE;
}
int main(void) { (void)write; (void)full; %s }
"""


@pytest.mark.parametrize(
    ("storage", "call", "breaks", "status"),
    [
        ("startup", "startup", False, 0),
        ("startup", "startup", True, 3),
        ("startup", "none", False, 3),
        ("install", "install", False, 0),
        ("install", "install", True, 4),
        ("install", "use", False, 3),
        ("install", "fail", False, 4),
        ("install", "none", False, 3),
    ],
)
def test_weights_that_are_not_there_are_a_status(
    storage: str, call: str, breaks: bool, status: int, tmp_path: Path
) -> None:
    build(compiled(storage, core=Core()), tmp_path)
    if breaks:
        text = (tmp_path / "net_weights.h").read_text()
        head, tail = text.split("layer_1_weights_code[", 1)
        numbers = tail.split(",")
        numbers[9] = str(int(numbers[9]) ^ 1)
        (tmp_path / "net_weights.h").write_text(f"{head}layer_1_weights_code[{','.join(numbers)}")
    (tmp_path / "main.c").write_text(PROGRAM % CALLS[call])
    flags = ("-std=gnu99", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
    subprocess.run(["cc", *flags, "net.c", "main.c", "-o", "it"], cwd=tmp_path, check=True)
    assert subprocess.run([tmp_path / "it"], check=False).returncode == status


def test_packed_arrays_are_coded_as_the_weights_that_they_hold() -> None:
    """A stream of DSP kernels takes two halfwords a pair of weights, biases among them: their codes are no larger."""
    whole, streamed = compiled("coded").facts(), compiled("startup").facts()
    assert [layer["variant"] for layer in streamed["layers"]] == ["dsp", "compact", "compact"]
    assert streamed["weights_bytes"] < 1.2 * whole["weights_bytes"]
    assert streamed["layers"][1]["weights"]["unpacked_bytes"] > 24 * 2304


def test_auto_unpacks_at_start_up_where_there_is_ram() -> None:
    """What is decoded in each inference where RAM is scarce is unpacked once where there is enough."""
    little, much = (compile_model(network(), "net", Core(), _within(9_400, ram)) for ram in (8_000, 80_000))
    assert "startup" not in storages(little)
    assert "startup" in storages(much)
    assert _cycles(much) < _cycles(little)
    assert much.facts()["arena_bytes"] + much.facts()["unpacked_bytes"] <= 80_000


def _within(flash: int, ram: int) -> CompileOptions:
    return CompileOptions(weights="auto", flash_bytes=flash, ram_bytes=ram, without=PLAIN)


def _cycles(of: CompiledModel) -> int:
    return sum(layer["weights"]["cycles"] for layer in of.facts()["layers"] if layer["weights"])


def test_a_model_is_unpacked_to_one_place() -> None:
    with pytest.raises(UserError, match="some are to be unpacked to RAM, some to flash"):
        compiled("startup", {2: "install"})


def test_raw_is_the_rule_and_leaves_the_code_as_it_was() -> None:
    files = compiled().files
    assert storages(compiled()) == ["raw"] * 3
    assert files == compiled("auto", {0: "raw", 2: "raw", 3: "raw"}).files
    assert not any("ew_weights" in name for name in files)
    assert "EW_ERR_WEIGHTS" not in files["net.c"] + files["net.h"]


def test_auto_takes_what_is_fastest_and_gives_way_where_it_has_to() -> None:
    fastest = compiled("auto")
    assert storages(fastest) == ["raw", "sparse", "raw"]  # 95 % sparse: faster than dense, so it costs nothing
    sizes, cycles = [], []
    for flash in (12_000, 9_400, 8_200):
        found = [layer["weights"] for layer in compiled("auto", flash=flash).facts()["layers"] if layer["weights"]]
        sizes.append(sum(layer["bytes"] for layer in found))
        cycles.append(sum(layer["cycles"] for layer in found))
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) > 1
    assert cycles == sorted(cycles)


def test_auto_takes_no_storage_whose_code_is_larger_than_what_it_saves() -> None:
    graph = dense(few((8, 24), 0.5, 7))
    coded, auto = (
        compile_model(graph, "net", Core(), CompileOptions(weights=weights, flash_bytes=1))
        for weights in ("coded", "auto")
    )
    assert coded.facts()["weights_bytes"] < auto.facts()["weights_bytes"]
    assert (storages(coded), storages(auto)) == (["coded"], ["raw"])


def test_layers_may_differ_and_say_what_they_cost() -> None:
    model = compiled("raw", {2: "coded"})
    assert storages(model) == ["raw", "coded", "raw"]
    facts = model.facts()["layers"][-2]["weights"]
    assert facts["bytes"] < facts["raw_bytes"] / 4
    assert facts["cycles"] > 0
    assert f"weights coded: {facts['bytes']} bytes with factors, raw {facts['raw_bytes']}" in model.files["net.c"]


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(UserError, match="no such layer, got 7"):
        compiled("raw", {7: "coded"})
    ramp = np.arange(-128, 128).astype(np.int8).reshape(4, 64)
    with pytest.raises(UserError, match=r"cannot be stored lut: a channel has 64 different weights, a table 16"):
        compile_model(dense(ramp), "net", M4, CompileOptions(layer_weights={0: "lut"}))


def test_options() -> None:
    options = compile_options(Compile(weights={"default": "auto", "3": "coded"}), MemoryBudget(flash="5 kB"))
    assert (options.weights, dict(options.layer_weights), options.flash_bytes) == ("auto", {3: "coded"}, 5000)
    assert compile_options(Compile(weights="sparse")).weights == "sparse"
