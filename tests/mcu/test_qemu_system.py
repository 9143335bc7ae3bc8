"""Firmware on every emulated board: right bytes, counts that repeat, and what is said when it crashes or hangs."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from edgewright.devices import qemu_system
from edgewright.devices.tools.firmware import read_firmware
from edgewright.errors import DeviceError, UserError
from edgewright.files import read_json, sha256_file, write_json

from .conftest import (
    HANGS,
    OVERFLOWS,
    READS_NOWHERE,
    TRAPS,
    Builder,
    board_facts,
    job,
    measured,
    tiny_inputs,
    tiny_outputs,
)

RISCV = "qemu-virt-rv32imc"
BOARDS = ("mps2-an385", "mps2-an385-m0", "mps2-an386", "mps2-an500", "mps2-an505", "mps3-an547", RISCV)
M4 = "mps2-an386"


@pytest.mark.parametrize("board", BOARDS)
def test_every_board(tiny_firmware: Builder, board: str) -> None:
    """Outputs are right for all samples; layers add up to the whole; a second run counts the very same."""
    elf = tiny_firmware(board)
    inputs = tiny_inputs(4)
    first = measured(elf, board, inputs)
    assert first.outputs is not None
    assert (first.outputs.values[0] == tiny_outputs(inputs)).all()
    figures = first.figures
    layers = figures["layers"]
    assert [(layer["name"], layer["op"], layer["macs"]) for layer in layers] == [
        ("multiply", "FULLY_CONNECTED", 160),
        ("add_one", "ADD", 0),
    ]
    assert 160 < layers[0]["instructions"] < 3000
    assert 0 < figures["instructions"] - sum(layer["instructions"] for layer in layers) < 10
    assert figures["instructions_all"] == [figures["instructions"]] * 2
    assert 0 < figures["stack_bytes"] < 400
    assert measured(elf, board, inputs).figures == figures


def test_estimate_follows_the_clock(tiny_firmware: Builder) -> None:
    inputs = tiny_inputs(1)
    slow = measured(tiny_firmware(M4), M4, inputs).figures
    fast = measured(tiny_firmware(M4), M4, inputs, clock="100 MHz", runs=1, warmup=0).figures
    assert slow["clock_hz"] == 25_000_000
    assert slow["estimated_cycles"] == fast["estimated_cycles"] > slow["instructions"]
    assert slow["estimated_us"] == pytest.approx(slow["estimated_cycles"] / 25, abs=0.1)
    assert fast["estimated_us"] == pytest.approx(fast["estimated_cycles"] / 100, abs=0.1)
    assert sum(layer["estimated_cycles"] for layer in slow["layers"]) <= slow["estimated_cycles"]


def test_measured_stack_is_within_the_worst_case(tiny_firmware: Builder) -> None:
    """The measured stack holds the frames of the two callers beside that of the model."""
    for board in BOARDS:
        elf = tiny_firmware(board)
        stack = measured(elf, board, tiny_inputs(1), runs=1, warmup=0).figures["stack_bytes"]
        assert stack - 64 <= read_json(elf.with_suffix(".json"))["ram"]["stack_bytes"] <= stack


def test_device_profiles_itself(tiny_firmware: Builder, tmp_path: Path) -> None:
    """SysTick counts 40 instructions a tick here, and the device's own profile agrees with the exact counts."""
    firmware = read_firmware(tiny_firmware(M4))
    exact = [layer["instructions"] for layer in measured(firmware.elf, M4, tiny_inputs(1)).figures["layers"]]
    with qemu_system.connected(firmware, qemu_system.machine_of(board_facts(M4)), 30.0, tmp_path) as harness:
        harness.load(tiny_inputs(1).tobytes())
        unit, *lines = harness.command("profile layers")
    counts = [int(re.fullmatch(r"m-layer-\[\d+,\w+,(\d+)\]", line)[1]) for line in lines]  # type: ignore[index]
    assert unit == "m-profile-unit-[instructions]"
    assert counts == pytest.approx(exact, abs=160)


def test_time_is_counted_over_the_wraps_of_the_timer(tiny_firmware: Builder, tmp_path: Path) -> None:
    """One wrap is 0.67 s of the board's time."""
    firmware = read_firmware(tiny_firmware(M4))
    with qemu_system.connected(firmware, qemu_system.machine_of(board_facts(M4)), 60.0, tmp_path) as harness:
        one = harness.infer(10_000, 0)
        many = harness.infer(1_500_000, 0)
    assert many > 700_000
    assert many == pytest.approx(150 * one, rel=0.01)


@pytest.mark.parametrize(  # the oldest and the newest architecture stand for all
    "board",
    [
        "mps2-an385-m0",
        *(pytest.param(name, marks=pytest.mark.slow) for name in ("mps2-an386", "mps2-an505")),
        "mps3-an547",
    ],
)
def test_crash_is_told_with_its_registers(tiny_firmware: Builder, board: str) -> None:
    elf = tiny_firmware(board, READS_NOWHERE)
    with pytest.raises(DeviceError) as caught:
        measured(elf, board, tiny_inputs(1), timeout="20 s")
    message = str(caught.value)
    assert re.search(
        r"crashed at 'infer 2 1': e-\[Fault exception=0x00000003 sp=0x[0-9a-f]{8} pc=0x[0-9a-f]{8}", message
    )
    assert "pc in tiny_invoke" in message
    if "armv6" not in board_facts(board)["core"]["arch"]:
        assert "cfsr=0x00008200" in message
        assert "bfar=0xe8000000" in message


@pytest.mark.parametrize("board", ["mps2-an386", "mps2-an505"])
def test_overflow_of_the_stack_is_told(tiny_firmware: Builder, board: str) -> None:
    with pytest.raises(DeviceError, match=r"e-\[Fault exception=0x00000003 .*stack-overflow"):
        measured(tiny_firmware(board, OVERFLOWS), board, tiny_inputs(1), timeout="20 s")


def test_faults_of_risc_v(tiny_firmware: Builder) -> None:
    """A load from nowhere, an instruction that is none, and a stack that the memory protection ends."""
    load = r"e-\[Fault exception=0x00000005 sp=0x\w{8} pc=0x\w{8} ra=0x\w{8} tval=0xe8000000\](?s:.*)pc in tiny_invoke"
    with pytest.raises(DeviceError, match=load):
        measured(tiny_firmware(RISCV, READS_NOWHERE), RISCV, tiny_inputs(1), timeout="20 s")
    with pytest.raises(DeviceError, match=r"exception=0x00000002 (?s:.*)pc in tiny_invoke"):
        measured(tiny_firmware(RISCV, TRAPS), RISCV, tiny_inputs(1), timeout="20 s")
    with pytest.raises(DeviceError, match=r"exception=0x00000007 .*stack-overflow(?s:.*)pc in deep"):
        measured(tiny_firmware(RISCV, OVERFLOWS), RISCV, tiny_inputs(1), timeout="20 s")
    with pytest.raises(DeviceError, match=r"the processor is in tiny_invoke \(pc=0x8"):
        measured(tiny_firmware(RISCV, HANGS), RISCV, tiny_inputs(1), timeout="2 s")


def test_code_that_runs_wild(tiny_firmware: Builder) -> None:
    """Armv6-M has nothing to guard the stack with, and QEMU lets this board write below its RAM: its end is open."""
    board = "mps2-an385-m0"
    with pytest.raises(
        DeviceError, match=r"\n  hint: (QEMU was killed by SIGABRT\n  \| qemu: fatal|the processor is in|pc in)"
    ):
        measured(tiny_firmware(board, OVERFLOWS), board, tiny_inputs(1), timeout="2 s")


def test_undefined_instruction_is_told(tiny_firmware: Builder) -> None:
    with pytest.raises(DeviceError, match=r"cfsr=0x00010000 .*\n  hint: pc in tiny_invoke"):
        measured(tiny_firmware(M4, TRAPS), M4, tiny_inputs(1), timeout="20 s")


def test_hang_ends_in_a_time_out_that_says_where(tiny_firmware: Builder) -> None:
    with pytest.raises(DeviceError) as caught:
        measured(tiny_firmware(M4, HANGS), M4, tiny_inputs(1), timeout="2 s")
    message = str(caught.value)
    assert "emulated mps2-an386: no end of the answer to 'infer 2 1' in 2 s, got m-warmup-start-1" in message
    assert "the processor is in tiny_invoke (pc=0x" in message


def test_what_is_no_firmware(tmp_path: Path, tiny_firmware: Builder) -> None:
    with pytest.raises(UserError, match="no such firmware"):
        measured(tmp_path / "firmware.elf", M4, tiny_inputs(1))
    facts = read_json(tiny_firmware(M4).with_suffix(".json"))
    write_json(tmp_path / "firmware.json", facts)
    (tmp_path / "firmware.elf").write_bytes(b"no ELF")
    with pytest.raises(UserError, match=r"firmware\.elf: is not what was built"):
        measured(tmp_path / "firmware.elf", M4, tiny_inputs(1))
    write_json(tmp_path / "firmware.json", {**facts, "sha256": sha256_file(tmp_path / "firmware.elf")})
    with pytest.raises(Exception, match="no firmware for a known architecture"):
        measured(tmp_path / "firmware.elf", M4, tiny_inputs(1))


def test_firmware_of_another_model(tmp_path: Path, tiny_firmware: Builder) -> None:
    elf = shutil.copy(tiny_firmware(M4), tmp_path / "firmware.elf")
    facts = read_json(tiny_firmware(M4).with_suffix(".json"))
    write_json(tmp_path / "firmware.json", {**facts, "model": "other"})
    with pytest.raises(DeviceError, match="has no function other_invoke"):
        measured(elf, M4, tiny_inputs(1))


def test_board_that_nothing_emulates(tiny_firmware: Builder) -> None:
    with pytest.raises(UserError, match="nothing emulates this board"):
        qemu_system.measure(job(tiny_firmware(M4), "pico", tiny_inputs(1)), qemu_system.Options())


def test_machine_that_qemu_does_not_know(tiny_firmware: Builder) -> None:
    board = {**board_facts(M4), "emulator": {"kind": "qemu-system", "machine": "mps9", "cpu": "cortex-m4"}}
    known = job(tiny_firmware(M4), M4, tiny_inputs(1))
    with pytest.raises(DeviceError, match=r"(?s)emulated mps9: QEMU did not start.*unsupported machine type"):
        qemu_system.measure(
            type(known)(known.model, "aot", known.samples, board, known.firmware), qemu_system.Options()
        )


def test_missing_qemu(tiny_firmware: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(Exception, match="qemu-system-arm is not installed\n  hint: apt-get install qemu-system-arm"):
        measured(tiny_firmware(M4), M4, tiny_inputs(1))
