"""A model whose input comes by rows, on an emulated core: the answers of this machine, in less RAM."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

from edgewright import cli
from edgewright.errors import UserError
from edgewright.files import read_json
from edgewright.stages.microcontroller import compile as compile_stage
from edgewright.stages.microcontroller import portable
from testbench.nets import RELU, Net, to_tflite

from .bundles import make_bundle, make_group, pack
from .conftest import WARNINGS, board_facts, build

BOARDS = (
    "mps2-an386",
    *(pytest.param(board, marks=pytest.mark.slow) for board in ("mps2-an385-m0", "mps2-an385", "mps3-an547")),
)


def network() -> bytes:
    chance, net = np.random.default_rng(5), Net()
    x = net.input((1, 24, 20, 3), 0.05, -4)
    x = net.conv(x, chance.integers(-127, 128, (8, 3, 3, 3)), chance.integers(-500, 500, 8), 0.3, -128, act=RELU)
    for out, stride in ((16, 1), (24, 2)):
        deep = net.tensors[x].shape[3]
        kernel = chance.integers(-127, 128, (1, 3, 3, deep))
        x = net.conv(x, kernel, [0] * deep, 0.4, -128, stride=stride, act=RELU, depthwise=True)
        x = net.conv(x, chance.integers(-127, 128, (out, 1, 1, deep)), None, 0.6, 3)
    return to_tflite(net.graph(net.pool(x, 2, 2)))


@pytest.mark.parametrize("board", BOARDS)
def test_rows_give_the_same_answers_here_and_emulated(board: str, tmp_path: Path) -> None:
    (tmp_path / "net.tflite").write_bytes(network())
    core = board_facts(board)["core"]
    facts = {name: core[name] for name in ("cpu", "arch", "dsp", "mve")}
    options = {"core": facts, "compile": {"input": "auto"}, "budget": {"ram": "5 KiB"}}
    arguments = ["--model", str(tmp_path / "net.tflite"), "--name", "net", "--out-dir", str(tmp_path / "c")]
    assert compile_stage.main([*arguments, "--options", json.dumps(options)]) == 0
    build(board, tmp_path / "c", tmp_path)
    rows = read_json(tmp_path / "c/compile.json")["rows"]
    assert rows["rows"] == 24
    assert len(rows["layers"]) > 2
    ram = read_json(tmp_path / "firmware.json")["ram"]
    assert ram["arena_bytes"] + ram["static_bytes"] < 5120
    inputs = np.random.default_rng(6).integers(-128, 128, (2, 1, 24, 20, 3), dtype=np.int8)
    np.save(tmp_path / "in.npy", inputs)
    for name, more in (("host", []), ("qemu", ["--device", "qemu"])):
        files = ["--input", str(tmp_path / "in.npy"), "--output", str(tmp_path / f"{name}.npy")]
        assert cli.main(["infer", str(tmp_path), *files, *more]) == 0
    answers = np.load(tmp_path / "host.npy")
    assert answers.tobytes() == np.load(tmp_path / "qemu.npy").tobytes()
    assert len(np.unique(answers)) > 20


APP = """
#include <net_selftest.h>
static net_arena arena;
int main(void) {
    static int8_t whole[NET_OUTPUT_BYTES], rows[NET_OUTPUT_BYTES];
    const int8_t *const input = net_samples[0].input;
    if (net_selftest(&arena) != EW_OK || net_invoke(input, whole, &arena) != EW_OK || net_begin(&arena) != EW_OK) {
        return 1;
    }
    for (int32_t i = 0; i < NET_INPUT_ROWS; i++) {
        if (net_push_rows(input + i * NET_INPUT_ROW_BYTES, 1, &arena) != EW_OK) {
            return 2;
        }
    }
    if (net_finish(rows, &arena) != EW_OK) {
        return 3;
    }
    for (int32_t i = 0; i < NET_OUTPUT_BYTES; i++) {
        if (rows[i] != whole[i]) {
            return 4;
        }
    }
    return 0;
}
"""


def test_a_bundle_takes_rows_on_the_core_and_on_a_pc(tmp_path: Path) -> None:
    made = make_bundle(tmp_path, network(), "net", input="rows")
    (tmp_path / "app.c").write_text(APP)
    sources = sorted(map(str, (made / "src").glob("*.c")))
    both = [*WARNINGS, f"-I{made / 'src'}", "app.c"]
    subprocess.run(["gcc", *both, "-fsanitize=address,undefined", *sources, "-o", "app"], cwd=tmp_path, check=True)
    subprocess.run([tmp_path / "app"], check=True, timeout=60)
    core = ["arm-none-eabi-gcc", "-mcpu=cortex-m4", "-mthumb", "-O2", "--specs=nosys.specs"]
    subprocess.run([*core, *both, *sources, "-o", "app.elf"], cwd=tmp_path, check=True)
    command = ["--model", str(tmp_path / "net.tflite"), "--name", "net", "--out-dir", str(tmp_path / "net_portable")]
    assert portable.main(command) == 0
    with pytest.raises(UserError, match="is not given its input as the model in"):
        pack(tmp_path, "net", tmp_path / "other")


def test_portable_code_is_given_its_input_as_that_of_the_core(tmp_path: Path) -> None:
    (tmp_path / "net.tflite").write_bytes(network())
    core = board_facts("mps2-an386")["core"]
    facts = {name: core[name] for name in ("cpu", "arch", "dsp", "mve")}
    for ram, rows in (("5 KiB", True), ("50 KiB", False)):
        asked = {"compile": {"input": "auto"}, "budget": {"ram": ram}}
        options = json.dumps({"compile": {"input": "auto"}, "beside": {"core": facts, **asked}})
        command = ["--model", str(tmp_path / "net.tflite"), "--name", "net", "--out-dir", str(tmp_path / "c")]
        assert portable.main([*command, "--options", options]) == 0
        assert bool(read_json(tmp_path / "c/compile.json")["rows"]) == rows


@pytest.mark.slow
def test_models_of_a_group_take_rows(tmp_path: Path) -> None:
    made = make_group(tmp_path, {"net": network(), "other": network()}, input="rows")
    (tmp_path / "app.c").write_text(
        APP.replace("&arena", "&arena.net").replace("net_arena arena", "net_and_other_arena arena")
    )
    sources = sorted(map(str, (made / "src").glob("*.c")))
    command = ["gcc", f"-I{made / 'src'}", "-include", "net_and_other.h", "app.c", *sources, "-o", "app"]
    subprocess.run(command, cwd=tmp_path, check=True)
    subprocess.run([tmp_path / "app"], check=True, timeout=60)
