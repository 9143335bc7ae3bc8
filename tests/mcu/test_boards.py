"""Boards and ports: what their files say, and that every board is built for."""

from __future__ import annotations

import json
import random
import re
import struct
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgewright import cli
from edgewright.commands import new
from edgewright.commands.boards import page
from edgewright.devices import Job, qemu_system
from edgewright.errors import UserError
from edgewright.files import read_json
from edgewright.home import home
from edgewright.sections.board import Ported
from edgewright.spec import PORTS, boards_of
from edgewright.spec._ports import ports
from edgewright.spec._stand_in import stand_in
from edgewright.stages.microcontroller import firmware
from edgewright.units import parse_bytes
from testbench.boards import part

from .bundles import make_bundle, small_network
from .conftest import TINY, Builder, measured, stage_options, tiny_inputs, tiny_outputs

MICROCONTROLLERS = [name for name, board in boards_of(home(), home()).items() if board.is_microcontroller]
REAL = [name for name in MICROCONTROLLERS if boards_of(home(), home())[name].emulator is None]
DRAWN = set(random.Random(20).sample(REAL, 2))
SHARED = {"H", "BAUD", "COUNTER_UNIT"}
"""EW_PORT_ names that are no constants of a board."""


def test_page_is_up_to_date() -> None:
    made = "run: edgewright boards --page > docs/boards.md"
    assert (home() / "docs" / "boards.md").read_text() == page(), made


def test_the_table(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home())
    assert cli.main(["boards"]) == 0
    lines = {line.split()[0]: line.split() for line in capsys.readouterr().out.splitlines()}
    assert lines["pico"][-2:] == ["rp2040", "built"]
    assert lines["mps2-an386"][-1] == "emulated"
    assert lines["nucleo-f411re"][1:4] == ["cortex-m4", "100", "MHz"]
    assert lines["nucleo-f411re"][-1] == "built"
    assert lines["blue-pill"][-1] == "sized"


@pytest.mark.parametrize("name", REAL)
def test_facts_of_a_board_have_a_source(name: str) -> None:
    board = boards_of(home(), home())[name]
    assert board.source
    assert board.chip
    assert board.memory is not None
    told = re.findall(r"([\d.]+ [KM]iB) (?:flash|S?RAM)", board.description)
    assert told, "the description tells flash and RAM"
    assert parse_bytes(told[0]) == board.memory.flash.size


def test_a_port_says_which_constants_it_reads() -> None:
    firmware_folder = home() / "firmware"
    shared = {name: set(_constants(firmware_folder / name)) for name in ("cortexm", "riscv", "harness", "bare")}
    for name, port in ports([home()], []).items():
        assert port is not None
        family = shared["riscv" if any("rv" in arch for arch in port.arch) else "cortexm"]
        used = {*_constants(firmware_folder / "ports" / name), *family, *shared["harness"], *shared["bare"]}
        assert {key.upper() for key in port.config} == used - SHARED, name


def _constants(folder: Path) -> list[str]:
    files = [path for path in folder.rglob("*") if path.suffix in {".c", ".h", ".S"}]
    return [name for path in files for name in re.findall(r"\bEW_PORT_([A-Z0-9_]+)\b", path.read_text())]


def _sizes(board: str, out: Path, **changed: Any) -> dict[str, Any]:
    options = stage_options(board)
    options["board"] = {**options["board"], **changed}
    arguments = ["--model-dir", str(TINY), "--out-dir", str(out), "--options", json.dumps(options)]
    assert firmware.main(arguments) == 0
    return dict(read_json(out / "firmware.json"))


def test_sizes_need_no_port(tmp_path: Path) -> None:
    with_port = _sizes("mps2-an386", tmp_path / "with")
    without = _sizes("mps2-an386", tmp_path / "without", port=None, port_config={}, emulator=None)
    assert without["flash"] == with_port["flash"]
    assert without["ram"] == with_port["ram"]
    assert without["image"]["flash_bytes"] == without["flash"]["total_bytes"] < with_port["image"]["flash_bytes"]
    there = {path.suffix for path in (tmp_path / "without").glob("firmware.*")}
    assert there == {".elf", ".bin", ".hex", ".map", ".json"}


@pytest.mark.parametrize("name", [pytest.param(n, marks=() if n in DRAWN else pytest.mark.slow) for n in REAL])
def test_a_real_board_is_built_for(name: str, tmp_path: Path) -> None:
    made = make_bundle(tmp_path, small_network(), "tiny", name)
    assert (made / "src" / "tiny.c").is_file()
    options = json.dumps({**stage_options(name), "target": "t"})
    arguments = ["--model-dir", str(tmp_path / "tiny_c"), "--out-dir", str(tmp_path / "out"), "--options", options]
    assert firmware.main(arguments) == 0
    facts = read_json(tmp_path / "out" / "firmware.json")
    assert facts["core"] == stage_options(name)["board"]["core"]["cpu"]
    assert facts["ram"]["stack_bytes"] is not None
    assert facts["flash"]["code_bytes"] > 1000


def test_a_port_to_begin_with_builds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `edgewright new board` makes of a vendor's files, with the port that it makes switched on."""
    monkeypatch.chdir(tmp_path)
    chips = Path(__file__).parents[1] / "unit" / "chips"
    assert new.main(["board", "mine", "--chip", "EX411RE", "--facts", str(chips)]) == 0
    file = tmp_path / "targets/boards/mine.toml"
    text = file.read_text()
    for line in ("port ", "[port_config]", "timer_hz ", "counter_hz "):
        assert f"\n# {line}" in text
        text = text.replace(f"\n# {line}", f"\n{line}")
    file.write_text(text)
    board = boards_of(tmp_path, home())["mine"]
    options = {"target": "t", "board_name": "mine", "board": part(Ported, board)}
    own = ["--ports", str(tmp_path / PORTS)]
    arguments = ["--model-dir", str(TINY), "--out-dir", str(tmp_path / "out"), "--options", json.dumps(options)]
    assert firmware.main([*own, *arguments]) == 0
    facts = read_json(tmp_path / "out/firmware.json")
    assert facts["port"] == "mine"
    assert facts["image"]["flash_bytes"] > facts["flash"]["total_bytes"]
    flags = [
        "-std=c99",
        "-Wall",
        "-Wextra",
        "-Wconversion",
        "-Wpedantic",
        "-Werror",
        "-fsyntax-only",
        "-DEW_PORT_TIMER_HZ=1",
    ]
    includes = [f"-I{home() / 'firmware' / name}" for name in ("ports", "bare", "cortexm")]
    (tmp_path / "ew_board.h").write_text("")
    source = str(tmp_path / PORTS / "mine/port.c")
    subprocess.run(["arm-none-eabi-gcc", *flags, f"-I{tmp_path}", *includes, source], check=True)
    with pytest.raises(UserError, match="no such port, got 'mine'"):
        firmware.main(arguments)


def test_the_code_of_a_board_is_counted_on_the_one_that_stands_in(tmp_path: Path) -> None:
    """Flags and core of the one, all else of the other: estimated at the clock of the board that is meant."""
    boards = boards_of(home(), home())
    other = stand_in(boards["nucleo-f411re"], boards)
    assert other is not None
    options = json.dumps({**stage_options("nucleo-f411re"), "board": part(Ported, other.board)})
    arguments = ["--model-dir", str(TINY), "--out-dir", str(tmp_path), "--options", options]
    assert firmware.main(arguments) == 0
    samples = tiny_inputs(1)
    job = Job(Path("tiny.tflite"), "aot", (samples,), other.board.model_dump(), tmp_path / "firmware.elf")
    figures = qemu_system.measure(job, qemu_system.Options()).figures
    assert (figures["cpu"], figures["clock_hz"]) == ("cortex-m4", 100_000_000)
    assert figures["estimated_us"] == round(figures["estimated_cycles"] / 100, 1)


def test_the_port_of_stm32f4_runs_in_the_emulator(tiny_firmware: Builder) -> None:
    """QEMU has USART and SysTick of an STM32F405, and no clock tree: waiting for that ends by itself."""
    found = measured(tiny_firmware("netduino-plus-2"), "netduino-plus-2", tiny_inputs(2))
    assert np.array_equal(found.outputs.values[0], tiny_outputs(tiny_inputs(2)))


def test_the_port_of_nrf52_runs_on_the_emulated_chip_before_it(tmp_path: Path) -> None:
    """QEMU has an nRF51, whose clock, UART and pins are at the same places: the port, compiled for its Cortex-M0."""
    options = stage_options("nrf52840-dk")
    small = {"origin": 0x20000000, "size": "16 KiB"}
    options["board"] |= {
        "core": stage_options("arduino-zero")["board"]["core"],
        "toolchain": stage_options("arduino-zero")["board"]["toolchain"],
        "memory": {"flash": {"origin": 0, "size": "256 KiB"}, "ram": small},
        "emulator": {"kind": "qemu-system", "machine": "microbit", "cpu": "cortex-m0"},
    }
    arguments = ["--model-dir", str(TINY), "--out-dir", str(tmp_path), "--options", json.dumps(options)]
    assert firmware.main(arguments) == 0
    samples = tiny_inputs(2)
    job = Job(Path("tiny.tflite"), "aot", (samples,), options["board"], tmp_path / "firmware.elf")
    assert np.array_equal(qemu_system.infer(job, 20.0).values[0], tiny_outputs(samples))


def test_the_image_of_a_pico_2_is_one_for_its_boot_rom(tiny_firmware: Builder) -> None:
    elf = tiny_firmware("pico-2")
    image = elf.with_suffix(".bin").read_bytes()
    definition = struct.pack("<5I", 0xFFFFDED3, 0x10210142, 0x000001FF, 0, 0xAB123579)
    assert image.index(definition) == 64  # behind the vector table, within the 4 KiB that are searched
    stack, reset = struct.unpack_from("<2I", image)
    assert 0x20000000 < stack <= 0x20000000 + 520 * 1024
    assert reset % 2 == 1
    assert 0x10000000 < reset < 0x10000000 + len(image)
    blocks = elf.with_suffix(".uf2").read_bytes()
    assert {struct.unpack_from("<I", blocks, at + 28)[0] for at in range(0, len(blocks), 512)} == {0xE48BFF59}
