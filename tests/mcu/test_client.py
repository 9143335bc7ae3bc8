"""The client of the harness against devices that misbehave: a scripted one on a TCP port."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from edgewright.devices.tools import harness_client
from edgewright.devices.tools.harness_client import Harness, SilenceError
from edgewright.errors import DeviceError

Reply = Callable[[str], bytes]


@contextmanager
def device(reply: Reply, *, boot: bytes = b"", drop_after: int | None = None) -> Iterator[str]:
    """The URL of a device that says `boot`, then `reply(command)` for each command; gone after some commands."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(boot)
            seen, waiting = 0, b""
            while drop_after is None or seen < drop_after:
                some = connection.recv(4096)
                if not some:
                    return
                *commands, waiting = (waiting + some).split(b"%")
                for command in commands:
                    seen += 1
                    connection.sendall(reply(command.decode()))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"socket://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()


def answering(**answers: str) -> Reply:
    """Answers by the first word of the command."""

    def reply(command: str) -> bytes:
        words = command.split()
        text = answers.get(words[0] if words else "", "")
        return "".join(f"{line}\r\n" for line in [*text.splitlines(), "m-ready"]).encode()

    return reply


def harness(url: str, **options: int) -> Harness:
    return Harness(url, "the board", 0.5, **options)


def test_answers_are_read() -> None:
    infer = (
        "m-warmup-start-1\nm-warmup-done\nm-infer-start-2\nm-lap-us-100\nm-lap-us-350\nm-infer-done\nm-results-[1.0]"
    )
    answers = answering(infer=infer, output="m-output-[00ff7f]", stack="m-stack-bytes-96", profile="m-model-[kws01]")
    with device(answers) as url, harness(url) as board:
        assert board.infer(2, 1) == 250
        assert board.output() == b"\x00\xff\x7f"
        assert board.stack_bytes() == 96
        assert board.model() == "kws01"
        assert board.command("anything") == []


def test_load_sends_31_bytes_a_command() -> None:
    commands: list[str] = []

    def reply(command: str) -> bytes:
        commands.append(command)
        return b"m-load-done\r\nm-ready\r\n" if command.endswith("3f") else b"m-ready\r\n"

    with device(reply) as url, harness(url, window=8) as board:
        board.load(bytes(range(64)))
    assert commands == ["db load 64", *(f"db {bytes(range(a, b)).hex()}" for a, b in ((0, 31), (31, 62), (62, 64)))]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("e-[Unknown command: stack]", r"the board: refused 'stack': e-\[Unknown command: stack\]"),
        ("", "the board: no sensible answer to 'stack': nothing"),
        ("m-stack-bytes-x\nnoise", r"no sensible answer to 'stack': m-stack-bytes-x \| noise"),
        ("e-[Fault exception=0x00000003 sp=0x20001f00 pc=0x00001234]", "the board: crashed at 'stack': e-.Fault"),
    ],
)
def test_wrong_answers(answer: str, message: str) -> None:
    with device(answering(stack=answer)) as url, harness(url) as board, pytest.raises(DeviceError, match=message):
        board.stack_bytes()


def test_talk_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harness_client, "MAX_ANSWER_BYTES", 1000)
    message = "talks without end after 'stack': nothing"
    with (
        device(answering(stack="y" * 1001)) as url,
        harness(url) as board,
        pytest.raises(DeviceError, match=message),
    ):
        board.stack_bytes()


def test_wrong_answers_to_infer_and_load() -> None:
    answers = answering(infer="m-lap-us-5\nm-infer-done", db="m-[Expecting 3 bytes]")
    with device(answers) as url, harness(url) as board:
        with pytest.raises(DeviceError, match="no sensible answer to 'infer 1 0': m-lap-us-5"):
            board.infer(1, 0)
        with pytest.raises(DeviceError, match=r"did not take an input of 3 bytes: m-\[Expecting 3 bytes\]"):
            board.load(b"abc")


def test_silence_says_what_came() -> None:
    message = r"no end of the answer to 'timestamp' in 0.5 s, got m-lap-us-1 \| m-la"
    with (
        device(lambda _: b"m-lap-us-1\r\nm-la") as url,
        harness(url) as board,
        pytest.raises(SilenceError, match=message),
    ):
        board.command("timestamp")


def test_device_that_goes_away() -> None:
    with device(answering(), drop_after=1) as url, harness(url) as board:
        board.command("first")
        with pytest.raises(DeviceError, match="the board: gone at 'second'"):
            board.command("second")


def test_no_device() -> None:
    with pytest.raises(DeviceError, match=r"the board: .*could not open port /dev/no-such-port"):
        harness("/dev/no-such-port")
    with pytest.raises(DeviceError, match=r"the board: .*nonsense"):
        harness("nonsense://")


def test_synchronize_reads_over_what_is_left() -> None:
    answers = answering(name="m-name-dut-[x]", profile="m-model-[kws]")
    with device(answers, boot=b"\xff\x00half an answer\r\nm-ready\r\n") as url, harness(url) as board:
        board.synchronize()
        assert board.model() == "kws"


def test_start_of_something_else() -> None:
    # pyserial drops what comes before it is ready, so that the boot message may be lost: both are told
    message = r"did not start as a harness|no end of the answer to 'start'"
    with (
        device(answering(), boot=b"U-Boot 2022.01\r\nm-ready\r\n") as url,
        harness(url) as board,
        pytest.raises(DeviceError, match=message),
    ):
        board.wait_for_boot()
