"""Progress of a training: a bar on a terminal, calm lines elsewhere."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TextIO

from edgewright import live
from edgewright.training.quiet import out, say

PLAIN_INTERVAL_S = 10.0
LIVE_INTERVAL_S = 1.0

Logs = Mapping[str, float]


class Progress:
    """Told of each step and each epoch of one training.

    Args:
        title: what is done to what: "train fashion_cnn".
        epochs, steps: of the whole training, and in each epoch.
        shown: name of the metric in what it is told.
        clock: seconds; another one in tests.
    """

    def __init__(
        self,
        title: str,
        epochs: int,
        steps: int,
        shown: str = "accuracy",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.shown = shown
        self.title = title
        self.epochs = epochs
        self.steps = steps
        self._clock = clock
        self._begin = self._last = self._told = clock()
        self._done_before: int | None = None

    def step(self, epoch: int, step: int, logs: Logs) -> None:
        """`step` steps (from 1) of the epoch `epoch` (from 0) are done."""
        if self._done_before is None:
            self._done_before = epoch * self.steps + step - 1
        self._tell_step(epoch, step, logs)
        self._show_step(epoch, step, logs)

    def tell_epoch(self, epoch: int, logs: Logs) -> None:
        """Have those who look on know that the epoch `epoch` is done, by this run or one that was killed."""
        live.tell("epoch", title=self.title, epoch=epoch + 1, epochs=self.epochs, logs=dict(logs))

    def epoch(self, epoch: int, logs: Logs) -> None:
        """The epoch `epoch` is done and validated."""
        self._last = self._clock()
        say(self._line(epoch, logs) + f", validation {self.figure(logs, 'val_')}" + self._times(epoch + 1, 0))

    def figure(self, logs: Logs, before: str = "") -> str:
        """The metric for people; of validation data with `before` = "val_"."""
        value = logs.get(before + self.shown)
        if value is None:
            return "-"
        return f"{value:.2%}" if self.shown.endswith("accuracy") else f"{value:.4g}"

    def _tell_step(self, epoch: int, step: int, logs: Logs) -> None:
        now = self._clock()
        if now - self._told >= LIVE_INTERVAL_S:
            self._told = now
            figures = {name: float(value) for name, value in logs.items()}
            place = {"epoch": epoch + 1, "epochs": self.epochs, "step": step, "steps": self.steps}
            live.tell("step", title=self.title, **place, logs=figures)

    def _show_step(self, epoch: int, step: int, logs: Logs) -> None:
        now = self._clock()
        if now - self._last >= PLAIN_INTERVAL_S:
            self._last = now
            say(f"{self._line(epoch, logs)}, step {step}/{self.steps}{self._times(epoch, step)}")

    def _line(self, epoch: int, logs: Logs) -> str:
        figures = f"loss {logs['loss']:.4f}, {self.shown} {self.figure(logs)}"
        return f"{self.title}: epoch {epoch + 1}/{self.epochs}, {figures}"

    def _times(self, epoch: int, step: int) -> str:
        left = self._left_s(epoch, step)
        return f", {self._clock() - self._begin:.0f} s" + (f", {left:.0f} s left" if left >= 1 else "")

    def _left_s(self, epoch: int, step: int) -> float:
        """Time that the rest takes at the pace so far; steps done by an earlier, killed run do not count."""
        total = self.epochs * self.steps
        at = epoch * self.steps + step
        done = max(1, at - (self._done_before or 0))
        return (self._clock() - self._begin) / done * (total - at)


class TerminalProgress(Progress):
    """A live bar that leaves one line behind."""

    def __init__(self, title: str, epochs: int, steps: int, shown: str, file: TextIO) -> None:
        super().__init__(title, epochs, steps, shown)
        from rich.console import Console
        from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        text = TextColumn("epoch {task.fields[epoch]}/{task.fields[epochs]}  {task.fields[figure]}")
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), text, TimeRemainingColumn())
        self.bar = Bar(*columns, console=Console(file=file), transient=True)
        self._task = self.bar.add_task(title, total=epochs * steps, epoch=1, epochs=epochs, figure="")

    def _show_step(self, epoch: int, step: int, logs: Logs) -> None:
        done = epoch * self.steps + step
        self.bar.update(self._task, completed=done, epoch=epoch + 1, figure=f"{self.shown} {self.figure(logs)}")

    def epoch(self, epoch: int, logs: Logs) -> None:
        """Only the last epoch leaves a line."""
        if epoch + 1 == self.epochs:
            self.bar.stop()
            super().epoch(epoch, logs)


@contextmanager
def progress(title: str, epochs: int, steps: int, metric: str = "accuracy") -> Iterator[Progress]:
    """The progress that fits where the output goes; `metric` is what it shows besides the loss."""
    with _own_terminal(out()) as mine:
        if not mine:
            yield Progress(title, epochs, steps, metric)
            return
        shown = TerminalProgress(title, epochs, steps, metric, out())
        with shown.bar:
            yield shown


@contextmanager
def _own_terminal(file: TextIO) -> Iterator[bool]:
    """Whether `file` is a terminal on which no other stage draws a bar now (two bars would overwrite each other)."""
    if not file.isatty():
        yield False
        return
    terminal = os.open(os.ttyname(file.fileno()), os.O_RDONLY | os.O_NOCTTY)
    try:
        yield _locked(terminal)
    finally:
        os.close(terminal)


def _locked(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
