from __future__ import annotations

import os
import pty
import select
from collections.abc import Iterator
from typing import TextIO

import pytest

from edgewright.training import quiet
from edgewright.training.progress import Progress, TerminalProgress, progress

LOGS = {"loss": 0.5, "accuracy": 0.75, "val_accuracy": 0.7}


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_an_epoch_is_a_line_with_the_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    shown = Progress("train tiny", epochs=4, steps=10, clock=clock)
    for epoch in range(4):
        for step in range(1, 11):
            clock.now += 0.5
            shown.step(epoch, step, LOGS)
        shown.epoch(epoch, LOGS)
    lines = capsys.readouterr().out.splitlines()
    begin = "train tiny: epoch 1/4, loss 0.5000, accuracy 75.00%, validation 70.00%, 5 s, "
    assert lines[0] == begin + "15 s left"
    assert lines[3] == begin.replace("1/4", "4/4").replace("5 s, ", "20 s")
    assert len(lines) == 4


def test_a_long_epoch_shows_a_line_every_ten_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    shown = Progress("train tiny", epochs=1, steps=100, clock=clock)
    for step in range(1, 101):
        clock.now += 0.25
        shown.step(0, step, LOGS)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(", ")[3:] for line in lines] == [
        ["step 40/100", "10 s", "15 s left"],
        ["step 80/100", "20 s", "5 s left"],
    ]


def test_time_left_counts_only_what_this_run_did(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    shown = Progress("train tiny", epochs=4, steps=10, clock=clock)
    for step in range(1, 11):
        clock.now += 1
        shown.step(2, step, LOGS)  # epochs 0 and 1 came from a checkpoint
    shown.epoch(2, LOGS)
    assert capsys.readouterr().out.splitlines()[-1].endswith("10 s, 10 s left")


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Makes a terminal of the standard output; gives the other end of it."""
    ours, theirs = pty.openpty()
    file: TextIO = os.fdopen(theirs, "w", buffering=1)
    monkeypatch.setitem(quiet._streams, "out", file)
    monkeypatch.setenv("TERM", "xterm")
    yield ours
    file.close()
    os.close(ours)


def everything(terminal: int) -> str:
    """All that was written; a terminal hands it over in pieces."""
    found = b""
    while select.select([terminal], [], [], 0.5)[0]:
        found += os.read(terminal, 100_000)
    return found.decode()


def test_a_terminal_shows_a_bar_and_keeps_one_line(terminal: int) -> None:
    with progress("train tiny", epochs=2, steps=1) as shown:
        assert isinstance(shown, TerminalProgress)
        for epoch in range(2):
            shown.step(epoch, 1, LOGS)
            shown.epoch(epoch, LOGS)
    text = everything(terminal)
    assert text.count("train tiny: epoch 2/2") == 1
    assert "train tiny: epoch 1/2" not in text
    assert text.endswith(" s\r\n") or "\x1b[" in text


def test_only_one_bar_is_drawn_on_a_terminal(terminal: int) -> None:
    with progress("first", 1, 1) as first, progress("second", 1, 1) as second:
        assert isinstance(first, TerminalProgress)
        assert not isinstance(second, TerminalProgress)
    with progress("third", 1, 1) as third:
        assert isinstance(third, TerminalProgress)
