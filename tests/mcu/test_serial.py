"""Transport serial: boards in QEMU through TCP and a pty, lines that lose bytes, boards that run something else."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from edgewright.devices import Measurement, _checked_harness, _qemu, qemu_system, serial
from edgewright.devices._checked_harness import CheckedHarness, GarbledError
from edgewright.errors import DeviceError, UserError
from edgewright.files import read_json, write_json

from .conftest import Builder, HostHarness, board_facts, job, tiny_inputs, tiny_outputs
from .lossy import Faults, line
from .test_client import answering, device

M4 = "mps2-an386"
BOARDS = (M4, "mps2-an385-m0", "mps3-an547")
SAMPLES = 3


@contextmanager
def running(elf: Path, board: str, folder: Path) -> Iterator[str]:
    """The URL of a board that runs a firmware."""
    with _qemu.emulated(qemu_system.machine_of(board_facts(board)), elf, folder) as emulation:
        emulation.start()
        yield emulation.url


def measured(elf: Path, board: str, port: str, **options: Any) -> Measurement:
    return serial.measure(job(elf, board, tiny_inputs(SAMPLES)), serial.Options(port=port, runs=4, **options))


def check(found: Measurement) -> None:
    """Every figure that does not depend on how fast this machine is."""
    assert found.kind == "measured"
    assert found.outputs is not None
    assert (found.outputs.values[0] == tiny_outputs(tiny_inputs(SAMPLES))).all()
    figures = found.figures
    assert [(layer["name"], layer["macs"]) for layer in figures["layers"]] == [("multiply", 160), ("add_one", 0)]
    assert figures["instructions"] == sum(layer["instructions"] for layer in figures["layers"])
    assert 0 < figures["stack_bytes"] < 400


@pytest.mark.parametrize("board", BOARDS)
def test_boards_through_tcp(tiny_firmware: Builder, board: str, tmp_path: Path) -> None:
    """Figures of the layers are those of the emulator's plugin, but for what reading the counter costs."""
    elf = tiny_firmware(board)
    with running(elf, board, tmp_path) as port:
        found = measured(elf, board, port)
    check(found)
    exact = qemu_system.measure(job(elf, board, tiny_inputs(1)), qemu_system.Options()).figures
    for layer, counted in zip(found.figures["layers"], exact["layers"], strict=True):
        assert abs(layer["instructions"] - counted["instructions"]) < 250
    assert found.figures["latency_us"] < 1000
    assert found.figures["stack_bytes"] == exact["stack_bytes"]


def test_a_board_through_a_pty(tiny_firmware: Builder) -> None:
    elf = tiny_firmware(M4)
    command = ["qemu-system-arm", "-M", M4, "-display", "none", "-nodefaults", "-icount", "shift=0"]
    command += ["-serial", "pty", "-kernel", str(elf)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        try:
            match = re.search(r"redirected to (/dev/pts/\d+)", process.stdout.readline())
            assert match
            check(measured(elf, M4, match[1]))
            options = serial.Options(port=match[1])
            assert serial.look(options) == "test, model tiny"
            assert serial.identity(options) == f"serial:{match[1]}"
            asked = job(elf, M4, tiny_inputs(3))
            answers = serial.CALLED.infer(match[1], asked, 60.0)
            assert answers is not None
            assert (answers.values[0] == tiny_outputs(tiny_inputs(3))).all()
            assert serial.CALLED.infer("qemu", asked, 60.0) is None
            with pytest.raises(DeviceError, match=r"the port has no DTR line: .*\n  hint: reset = \"none\""):
                measured(elf, M4, match[1], reset="dtr")
        finally:
            process.kill()


FAULTS = {
    "drop": Faults(drop=0.003),
    "double": Faults(double=0.003),
    "flip": Faults(flip=0.003),
    "all": Faults(drop=0.001, double=0.001, flip=0.001, delay=0.01, delay_s=0.02),
    "late": Faults(delay=0.01, delay_s=1.0),  # later than the client waits
}


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_checked_harness, "_QUICK_S", 0.4)
    monkeypatch.setattr(_checked_harness, "_REST_S", 0.05)


@pytest.mark.parametrize("kind", sorted(FAULTS))
@pytest.mark.parametrize("seed", range(2))
def test_a_lossy_line_gives_a_right_answer_or_an_error(
    host_harness: HostHarness, kind: str, seed: int, impatient: None
) -> None:
    """Every answer is one that the harness gave to that very question."""
    with host_harness.listening() as (url, said), line(url, FAULTS[kind], seed) as port:
        laps, problem = asked(port)
    assert problem is None or "hint: bytes come wrong or not at all" in str(problem)
    told = [int(lap) for lap in re.findall(rb"m-lap-us-(\d+)\r", bytes(said))]
    assert set(laps) <= {last - first for first, last in pairwise(told)}


def asked(port: str, timeout_s: float = 0.4) -> tuple[list[int], DeviceError | None]:
    """Times of six inferences, whose outputs are right; fewer and the error when there was one."""
    laps: list[int] = []
    try:
        with CheckedHarness(port, "the board", timeout_s) as board:
            board.synchronize()
            for value in tiny_inputs(6):
                board.load(value.tobytes())
                laps.append(board.infer(3, 1))
                assert board.output() == tiny_outputs(value).tobytes()
    except DeviceError as error:
        return laps, error
    return laps, None


@pytest.mark.parametrize("seed", range(2))
def test_what_is_garbled_is_asked_again(host_harness: HostHarness, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_checked_harness, "_QUICK_S", 1.0)
    monkeypatch.setattr(_checked_harness, "TRIES", 20)
    with host_harness.listening() as (url, said), line(url, Faults(double=0.003), seed) as port:
        laps, problem = asked(port, timeout_s=1.0)
    assert (problem, len(laps)) == (None, 6)
    assert said.count(b"m-infer-done") >= 6


def test_a_lossy_line_to_a_board(tiny_firmware: Builder, tmp_path: Path, impatient: None) -> None:
    elf = tiny_firmware(M4)
    faults = Faults(drop=0.0005, double=0.0005, flip=0.0005, delay=0.001, delay_s=0.1)
    with running(elf, M4, tmp_path) as board, line(board, faults, 1) as port:
        outcome = measured_or_error(elf, port)
    if isinstance(outcome, DeviceError):
        assert "hint: bytes come wrong or not at all" in str(outcome)
    else:
        check(outcome)


def measured_or_error(elf: Path, port: str) -> Measurement | DeviceError:
    try:
        return measured(elf, M4, port, timeout="5 s")
    except DeviceError as error:
        return error


def test_a_line_that_loses_nearly_all(tiny_firmware: Builder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_checked_harness, "_QUICK_S", 0.1)
    monkeypatch.setattr(_checked_harness, "_REST_S", 0.1)
    elf = tiny_firmware(M4)
    with (
        running(elf, M4, tmp_path) as board,
        line(board, Faults(drop=0.3), 1) as port,
        pytest.raises(DeviceError, match=r"(?s)no end of the answer|garbled.*look at cable, ground and `baud`"),
    ):
        measured(elf, M4, port, timeout="3 s")


def test_another_firmware_is_on_the_board(tiny_firmware: Builder, tmp_path: Path) -> None:
    elf = tiny_firmware(M4)
    for suffix in (".elf", ".json"):
        shutil.copy(elf.with_suffix(suffix), tmp_path)
    (tmp_path / "firmware.bin").write_bytes(elf.with_suffix(".bin").read_bytes() + b"new!")
    message = r"another firmware is on the board: model tiny, [\d,]+ bytes, CRC \w{8}; built was .*\n  hint: .* flash"
    with running(elf, M4, tmp_path) as port, pytest.raises(DeviceError, match=message):
        measured(tmp_path / "firmware.elf", M4, port)


def test_layers_of_another_model(tiny_firmware: Builder, tmp_path: Path) -> None:
    elf = tiny_firmware(M4)
    for suffix in (".elf", ".bin"):
        shutil.copy(elf.with_suffix(suffix), tmp_path)
    facts = read_json(elf.with_suffix(".json"))
    facts["layers"][0]["op"] = "CONV_2D"
    write_json(tmp_path / "firmware.json", facts)
    with running(elf, M4, tmp_path) as port, pytest.raises(DeviceError, match="layers of the board are not those"):
        measured(tmp_path / "firmware.elf", M4, port)


def test_no_board(tiny_firmware: Builder, tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="could not open port /dev/no-such-port"):
        measured(tiny_firmware(M4), M4, "/dev/no-such-port")
    with pytest.raises(UserError, match="no such firmware"):
        measured(tmp_path / "firmware.elf", M4, "/dev/no-such-port")


def test_a_board_with_the_wrong_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes at another rate are other bytes."""
    monkeypatch.setattr(_checked_harness, "_QUICK_S", 0.1)
    with (
        device(lambda _: b"\xf8\x00\x80\xfe") as port,
        pytest.raises(
            DeviceError, match=r"(?s)no end of the answer to 'name'.*and `baud`, which must be the firmware's"
        ),
    ):
        serial.look(serial.Options(port=port))


def test_a_firmware_without_checks() -> None:
    answers = answering(name="m-name-dut-[x]", check="e-[Unknown command: check]")
    with device(answers) as port, pytest.raises(DeviceError, match=r"refused 'check'.*\n  hint: its firmware is older"):
        serial.look(serial.Options(port=port))


def test_an_answer_of_an_earlier_command_is_none() -> None:
    """The right CRC with the number of an earlier check: an answer that came late."""
    answers = answering(check="m-check-[5,00000000,00000000]")
    with device(answers) as port, CheckedHarness(port, "the board", 0.2) as board:
        board._number = 6
        with pytest.raises(GarbledError, match="its checksum is garbled"):
            board._ask()


def test_a_model_with_state_is_asked_once() -> None:
    commands: list[str] = []

    def reply(command: str) -> bytes:
        commands.append(command)
        return b"m-lap-us-5\r\nm-ready\r\n"

    with (
        device(reply) as port,
        CheckedHarness(port, "the board", 0.2, has_state=True) as board,
        pytest.raises(DeviceError, match="checksum is garbled"),
    ):
        board.infer(1, 0)
    assert [command for command in commands if command.startswith("infer")] == ["infer 1 0"]


def test_the_image_is_what_the_build_says(tiny_firmware: Builder, tmp_path: Path) -> None:
    elf = tiny_firmware(M4)
    with running(elf, M4, tmp_path) as port, CheckedHarness(port, "the board", 5.0) as board:
        board.synchronize()
        size, _ = board.image()
        assert size == elf.with_suffix(".bin").stat().st_size
