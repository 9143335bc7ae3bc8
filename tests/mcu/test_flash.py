"""Programming boards: GDB into an emulated board for real; the other tools by programs that stand in for them."""

from __future__ import annotations

import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgewright.devices import serial
from edgewright.errors import DeviceError, ToolError, UserError
from edgewright.files import hashes, read_json, write_json
from edgewright.images import uf2
from edgewright.programmers import Image, _tool, gdb, verify
from edgewright.registry import programmers
from edgewright.stages.microcontroller import flash
from testbench.nets import Net, to_tflite

from .conftest import Builder, board_facts, job, tiny_inputs, tiny_outputs

M4 = "mps2-an386"
ORIGIN = 0x08000000
OPTIONS: dict[str, dict[str, Any]] = {
    "openocd": {"config": ["interface/stlink.cfg", "target/stm32l4x.cfg"], "serial": "066F"},
    "pyocd": {"target": "stm32l4r5zitx", "serial": "066F"},
    "st-flash": {"serial": "066F"},
    "picotool": {"serial": "E66"},
}
COMMANDS = {
    "openocd": [
        (
            "-f interface/stlink.cfg -f target/stm32l4x.cfg -c adapter serial 066F -c init -c reset halt"
            " -c flash write_image erase firmware.bin 0x08000000 bin -c dump_image back.bin 0x08000000 1000"
            " -c reset run -c shutdown"
        )
    ],
    "pyocd": [
        "flash --no-wait --target stm32l4r5zitx --uid 066F --base-address 0x08000000 --format bin firmware.bin",
        "commander --no-wait --target stm32l4r5zitx --uid 066F -c savemem 0x08000000 1000 back.bin -c reset",
    ],
    "st-flash": [
        "--serial 066F write firmware.bin 0x08000000",
        "--serial 066F read back.bin 0x08000000 0x3e8",
        "--serial 066F reset",
    ],
    "picotool": [
        "load firmware.uf2 --ser E66",
        "save -r 0x08000000 0x080003e8 back.bin --ser E66",
        "reboot --ser E66",
    ],
}
# of real runs without a probe: openocd 0.12, pyocd 0.46, stlink-tools 1.7; of picotool as its source has it
NO_PROBE = {
    "openocd": ("Info : clock speed 500 kHz\nError: open failed", 1),
    "pyocd": ("No connected debug probes", 0),
    "st-flash": ("2026-11-24T06:59:59 WARN usb.c: Couldn't find any ST-Link devices", 255),
    "picotool": ("No accessible RP2040 devices in BOOTSEL mode were found.", 249),
}

# A tool that logs its command line, and whose board is a file. It reads back as many bytes as the image has.
STAND_IN = """#!/bin/sh
echo "$@" >> "{folder}/log"
case "$*" in
    *load*) tail -c +1 firmware.uf2 > "{folder}/uf2"; cp "{image}" "{folder}/board" ;;
    *write*|*flash*) cp firmware.bin "{folder}/board" ;;
esac
case "$*" in *back.bin*) {read} ;; esac
exit {status}
"""


@pytest.fixture
def image(tmp_path: Path) -> Image:
    folder = tmp_path / "a build"
    folder.mkdir()
    data = bytes(range(250)) * 4
    (folder / "firmware.elf").write_bytes(b"\x7fELF")
    (folder / "firmware.bin").write_bytes(data)
    (folder / "firmware.uf2").write_bytes(b"".join(uf2.blocks(data, ORIGIN, 0xE48BFF56)))
    names = [path.name for path in folder.iterdir()]
    write_json(folder / "firmware.json", {"files": hashes(folder, names)})
    return Image(folder / "firmware.elf", ORIGIN)


def stand_in(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, image: Image, **changes: Any) -> Path:
    """Put a program of that name in front of the PATH; gives the folder of its log and its board."""
    folder = tmp_path / "bin"
    folder.mkdir()
    facts = {"folder": folder, "image": image.binary, "read": f"cp '{folder}/board' back.bin", "status": 0, **changes}
    program(folder / name, STAND_IN.format(**facts), monkeypatch)
    return folder


def program(path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_text(text)
    path.chmod(0o755)
    monkeypatch.setenv("PATH", str(path.parent), prepend=":")


def run_stage(image: Image, tool: str, tmp_path: Path, **options: Any) -> dict[str, Any]:
    given = json.dumps({"origin": image.origin, "flash": {"tool": tool, **(options or OPTIONS[tool])}})
    out = tmp_path / "flash.json"
    assert flash.main(["--firmware", str(image.elf), "--out", str(out), "--options", given]) == 0
    found: dict[str, Any] = read_json(out)
    return found


@pytest.mark.parametrize("name", ["firmware.elf", "firmware.bin", "firmware.uf2"])
def test_a_damaged_image_is_not_flashed(name: str, image: Image, tmp_path: Path) -> None:
    (image.elf.parent / name).write_bytes(bytes(1000))
    with pytest.raises(UserError, match=f"{name}: is not what was built"):
        run_stage(image, "openocd", tmp_path)


@pytest.mark.parametrize("tool", sorted(OPTIONS))
def test_command_lines(tool: str, image: Image, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = stand_in(tool, tmp_path, monkeypatch, image)
    found = run_stage(image, tool, tmp_path)
    assert (found["tool"], found["bytes"], found["verified"]) == (tool, 1000, True)
    assert (folder / "log").read_text().splitlines() == COMMANDS[tool]


@pytest.mark.parametrize("tool", sorted(OPTIONS))
def test_no_probe(tool: str, image: Image, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text, status = NO_PROBE[tool]
    (tmp_path / "bin").mkdir()
    program(tmp_path / "bin" / tool, f"#!/bin/sh\ncat >&2 <<'END'\n{text}\nEND\nexit {status}\n", monkeypatch)
    with pytest.raises(DeviceError, match=rf"(?s){tool}: no probe or board is connected.*hint: plug it in"):
        run_stage(image, tool, tmp_path)
    assert not (tmp_path / "flash.json").exists()


@pytest.mark.parametrize("tool", sorted(OPTIONS))
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"read": "true"}, "nothing was read back from the board"),
        ({"read": "printf abc > back.bin"}, "the board does not hold the image: 3 of 1,000 bytes could be read back"),
        (
            {"read": "head -c 999 board > back.bin; printf x >> back.bin"},
            "1 of 1,000 bytes differ, the first at 0x080003e7",
        ),
        ({"status": 3}, "failed with exit status 3"),
    ],
)
def test_success_is_what_is_read_back(
    tool: str, changes: dict[str, Any], message: str, image: Image, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = changes.get("read", "cp board back.bin").replace("board", f"'{tmp_path}/bin/board'")
    stand_in(tool, tmp_path, monkeypatch, image, **{**changes, "read": read})
    with pytest.raises(DeviceError, match=message):
        run_stage(image, tool, tmp_path)
    assert not (tmp_path / "flash.json").exists()


@pytest.mark.parametrize("name", programmers.names())
def test_every_tool_keeps_the_contract(
    name: str, image: Image, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = programmers.load(name)
    assert module.__doc__
    assert all(field.description for field in module.OPTIONS.model_fields.values())
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolError, match=rf"{module.PROGRAM} is not installed\n  hint: "):
        run_stage(image, name, tmp_path, **(OPTIONS.get(name) or {"server": "localhost:1"}))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("libusb_open() failed with LIBUSB_ERROR_ACCESS", "may not open the USB device"),
        ("Error: init mode failed (unable to connect to the target)", "the probe finds no processor"),
        ("Target type stm32x not recognized. Use 'pyocd list'", "the tool does not know this board"),
        ("localhost:3333: Connection refused.", "no gdbserver answers"),
    ],
)
def test_what_tools_say(text: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "tool", f'#!/bin/sh\necho "{text}"\n', monkeypatch)
    with pytest.raises(DeviceError, match=message):
        _tool.call("tool", [], "", tmp_path, 10.0)


def test_a_tool_that_waits_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "tool", "#!/bin/sh\nexec sleep 60\n", monkeypatch)
    with pytest.raises(DeviceError, match=r"tool: no end after 0.2 s\n  hint: is the board connected"):
        _tool.call("tool", [], "", tmp_path, 0.2)


@pytest.mark.parametrize("tool", ["openocd", "st-flash"])
def test_the_real_tool_without_a_probe(tool: str, image: Image, tmp_path: Path) -> None:
    if shutil.which(tool) is None:
        pytest.skip(f"no {tool}")
    if list(Path("/dev").glob("ttyACM*")):
        pytest.skip("a board may be connected, which is not this test's to program")
    options = {key: value for key, value in OPTIONS[tool].items() if key != "serial"}
    with pytest.raises(DeviceError, match=f"{tool}: no probe or board is connected"):
        flash.program(image, {"tool": tool, **options})


def test_options_that_are_wrong(image: Image, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"--options: flash.config: is missing, allowed: its configuration files"):
        run_stage(image, "openocd", tmp_path, timeout="9 s")
    with pytest.raises(UserError, match="unknown flash tool, got 'opnocd'"):
        run_stage(image, "opnocd", tmp_path, timeout="9 s")
    with pytest.raises(UserError, match=r"firmware\.bin: no such file\n  hint: build the firmware first"):
        verify(Image(tmp_path / "firmware.elf", 0), b"", "tool")


# --- GDB for real


@contextmanager
def waiting_board(folder: Path) -> Iterator[tuple[str, str]]:
    """An emulated board without a program, held at reset: its gdbserver, and its serial port."""
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
        debug, uart = (f"127.0.0.1:{server.getsockname()[1]}" for server in (one, two))
    command = ["qemu-system-arm", "-M", M4, "-display", "none", "-nodefaults", "-icount", "shift=0", "-S"]
    command += ["-gdb", f"tcp:{debug}", "-serial", f"tcp:{uart},server=on,wait=off,nodelay=on"]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE) as process:
        try:
            wait_for(uart)
            yield debug, f"socket://{uart}"
        finally:
            process.kill()


def wait_for(address: str) -> None:
    host, port = address.split(":")
    for _ in range(300):
        try:
            socket.create_connection((host, int(port))).close()
        except ConnectionRefusedError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"nothing listens on {address}")


@pytest.mark.skipif(shutil.which("gdb-multiarch") is None, reason="no gdb-multiarch")
def test_gdb_programs_a_board_that_then_runs(tiny_firmware: Builder, tmp_path: Path) -> None:
    """From an empty board to measured answers: loaded by GDB, read back, started, and asked over its serial port."""
    elf = tiny_firmware(M4)
    origin = board_facts(M4)["memory"]["flash"]["origin"]
    image = Image(elf, origin)
    with waiting_board(tmp_path) as (server, port):
        found = run_stage(image, "gdb", tmp_path, server=server)
        assert (found["bytes"], found["verified"]) == (image.size, True)
        measured = serial.measure(job(elf, M4, tiny_inputs(2)), serial.Options(port=port, runs=2))
    assert measured.outputs is not None
    assert (measured.outputs.values[0] == tiny_outputs(tiny_inputs(2))).all()


SCONSTRUCT = """\
env = Environment(tools=["edge"], toolpath=[PyPackageDir("edgewright.scons")])
env.EdgeProject(target="board", model="net.tflite")
"""

TARGET = """\
description = "an emulated board that is flashed by GDB and measured over its serial port"
board       = "mps2-an386"
runtime     = "aot"

[flash]
tool   = "gdb"
server = "{server}"

[measure]
transport = "serial"
port      = "{port}"
runs      = 3
"""


JUDGED = "build/board/net/budget.txt"
"""The goal with all but the pages."""


def small_model() -> bytes:
    net = Net()
    dense = net.dense(net.input((1, 40)), np.arange(160).reshape(4, 40) % 11 - 5)
    return to_tflite(net.graph(dense))


@pytest.mark.skipif(shutil.which("gdb-multiarch") is None, reason="no gdb-multiarch")
def test_scons_flashes_and_measures(tmp_path: Path) -> None:
    """The whole graph on an empty board; asked for by name, the board is flashed again."""
    (tmp_path / "targets").mkdir()
    (tmp_path / "SConstruct").write_text(SCONSTRUCT)
    (tmp_path / "net.tflite").write_bytes(small_model())
    with waiting_board(tmp_path) as (server, port):
        (tmp_path / "targets/board.toml").write_text(TARGET.format(server=server, port=port))
        first = scons(tmp_path, JUDGED)
        assert first.index("programmed by gdb and read back") < first.index(
            "us an inference (measured, cortex-m4, aot)"
        )
        assert "programmed" not in scons(tmp_path, JUDGED)
        assert "programmed by gdb and read back" in scons(tmp_path, "flash")
    latency = read_json(tmp_path / "build/board/net/latency.json")
    assert (latency["kind"], latency["transport"], latency["outputs_agree"]["equal"]) == ("measured", "serial", True)


def scons(folder: Path, *goals: str) -> str:
    command = [sys.executable, "-m", "SCons", "cache=off", *goals]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.skipif(shutil.which("gdb-multiarch") is None, reason="no gdb-multiarch")
def test_gdb_without_a_server_and_with_a_wrong_command(tiny_firmware: Builder, tmp_path: Path) -> None:
    image = Image(tiny_firmware(M4), 0)
    with pytest.raises(
        DeviceError, match=r"(?s)no gdbserver answers.*hint: start it, and name it in \[flash\]: server"
    ):
        run_stage(image, "gdb", tmp_path, server="127.0.0.1:9")
    elsewhere = Image(image.elf, 0x90000000)  # where the board has no memory
    with waiting_board(tmp_path) as (server, _), pytest.raises(DeviceError, match="gdb-multiarch: "):
        run_stage(elsewhere, "gdb", tmp_path, server=server)


@pytest.mark.parametrize("origin", [0, 0x08000000, 0x0800FFF0, 0x1000FF01])
@pytest.mark.parametrize("size", [1, 31, 33, 70000])
def test_intel_hex_holds_every_byte(origin: int, size: int) -> None:
    data = bytes(i * 7 & 0xFF for i in range(size))
    memory: dict[int, int] = {}
    upper = 0
    for row in gdb.intel_hex(data, origin):
        body = bytes.fromhex(row[1:])
        assert sum(body) & 0xFF == 0
        count, address, kind = body[0], int.from_bytes(body[1:3], "big"), body[3]
        if kind == 4:
            upper = int.from_bytes(body[4:6], "big") << 16
        assert kind != 0 or address + count <= 0x10000
        memory |= {upper + address + i: body[4 + i] for i in range(count)} if kind == 0 else {}
    assert memory == {origin + i: byte for i, byte in enumerate(data)}


def test_uf2_of_a_pico(tiny_firmware: Builder) -> None:
    """As the boot ROM of an RP2040 reads it."""
    elf = tiny_firmware("pico")
    data, file = elf.with_suffix(".bin").read_bytes(), elf.with_suffix(".uf2").read_bytes()
    assert len(file) == 512 * -(-len(data) // 256)
    flash_bytes = b""
    for number in range(len(file) // 512):
        block = file[512 * number :][:512]
        begin, begin2, flags, address, size, index, count, family = struct.unpack_from("<8I", block)
        assert (begin, begin2, *struct.unpack_from("<I", block, 508)) == (0x0A324655, 0x9E5D5157, 0x0AB16F30)
        assert (flags, family, size) == (0x2000, 0xE48BFF56, 256)
        assert (index, count, address) == (number, len(file) // 512, 0x10000000 + 256 * number)
        flash_bytes += block[32 : 32 + size]
    assert flash_bytes == data.ljust(len(flash_bytes), b"\0")
    assert not tiny_firmware(M4).with_suffix(".uf2").exists()
