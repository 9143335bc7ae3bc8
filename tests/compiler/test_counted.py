"""What is counted of generated C is what an object file of it holds, for every storage of weights."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from edgewright.c_constants import CArray, constant_arrays, constant_bytes
from edgewright.compiler import CompiledModel, CompileOptions, compile_model
from edgewright.devices.tools import elf_file
from edgewright.files import write_text
from testbench.nets import RELU, VALID, Net
from tests.compiler.test_weights import M4, STORAGES, compiled, few

BESIDE = 1.03
"""How much larger all read-only data may be than the constants: shapes of kernels that are no constants of the code."""
WORD = 4


def test_arrays_of_every_type() -> None:
    types = ("EW_WEIGHTS int16_t a[3]", "float b[2]", "EW_WEIGHTS ew_weights_piece c[2]")
    text = "".join(f"static const {array} = {{\n}};\n" for array in types)
    assert constant_arrays(text) == [CArray("a", 6), CArray("b", 8), CArray("c", 72)]
    with pytest.raises(ValueError, match="of the type double"):
        constant_arrays("static const double d[1] = {")


def test_facts_say_what_the_files_hold() -> None:
    model = compiled("coded")
    assert model.facts()["weights_bytes"] == constant_bytes(model.files) > 0
    assert constant_bytes({**model.files, "kernels/other.h": "static const int8_t x[100] = {"}) == constant_bytes(
        model.files
    )


@pytest.mark.skipif(not shutil.which("arm-none-eabi-gcc"), reason="no cross compiler")
@pytest.mark.parametrize("storage", STORAGES)
def test_an_object_file_holds_what_is_counted(storage: str, tmp_path: Path) -> None:
    model = compiled(storage)
    elf = _object(model, tmp_path)
    arrays = constant_arrays(model.files["net_weights.h"])
    sizes = {symbol.name: symbol.size for symbol in elf_file.symbols(elf) if symbol.kind in "rR"}
    large = {array.name: array.bytes for array in arrays if array.bytes > WORD}  # a single number may be in the code
    assert {name: sizes.get(name) for name in large} == large
    counted = constant_bytes(model.files)
    assert sum(large.values()) <= _read_only(elf) <= BESIDE * counted


@pytest.mark.parametrize("storage", STORAGES)
def test_dead_channels_are_neither_stored_nor_counted(storage: str) -> None:
    """Filters of zeros whose ReLU stays shut, and filters that nobody reads: as if the network had none of them."""
    whole, live = _with_dead(range(16), storage), _with_dead(range(9), storage)
    assert constant_bytes(whole.files) == constant_bytes(live.files)
    assert constant_arrays(whole.files["net_weights.h"]) == constant_arrays(live.files["net_weights.h"])


def _with_dead(channels: range, storage: str) -> CompiledModel:
    """A network of which some channels of the first layer are kept: 9 to 12 are constant, 13 to 15 nobody reads."""
    filters, bias, dense = few((16, 3, 3, 8), 0.6, 1), np.zeros(16, np.int64), few((10, 36, 16), 0.3, 2)
    filters[9:13], bias[9:13], dense[:, :, 13:] = 0, -1000, 0
    net, kept = Net(), list(channels)
    x = net.conv(net.input((1, 8, 8, 8), 0.05, 3), filters[kept], bias[kept], 0.3, -128, padding=VALID, act=RELU)
    x = net.dense(net.reshape(x, (1, 36 * len(kept))), dense[:, :, kept].reshape(10, -1), None, 9.0)
    return compile_model(net.graph(x), "net", M4, CompileOptions(weights=storage))


def _object(model: CompiledModel, folder: Path) -> Path:
    for name, text in model.files.items():
        write_text(folder / name, text)
    flags = ("-mcpu=cortex-m4", "-mthumb", "-Os", "-fdata-sections", "-std=c99")
    subprocess.run(["arm-none-eabi-gcc", *flags, "-c", "net.c", "-o", "net.o"], cwd=folder, check=True)
    return folder / "net.o"


def _read_only(elf: Path) -> int:
    return sum(section.size for name, section in elf_file.sections(elf).items() if name.startswith(".rodata"))
