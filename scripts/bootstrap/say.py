"""Progress lines for people, and outside commands whose output is kept for the case that they fail."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

TAIL_LINES = 20


class SetupError(Exception):
    """The set-up cannot go on; the text says why and what to do."""


class CommandError(SetupError):
    """An outside command failed; the text holds the end of what it printed."""


def say(text: str) -> None:
    """One line on standard error: standard output is scons's alone."""
    print(f"sconsw: {text}", file=sys.stderr, flush=True)


@contextmanager
def step(text: str) -> Iterator[None]:
    """Print what is being done, and behind it, when it is done, how long it took."""
    print(f"sconsw: {text} ...", end="", file=sys.stderr, flush=True)
    start = time.monotonic()
    outcome = "failed"
    try:
        yield
        outcome = "done"
    finally:
        print(f" {outcome} ({time.monotonic() - start:.0f} s)", file=sys.stderr, flush=True)


def run(
    command: Sequence[str | Path], *, log: Path, env: Mapping[str, str] | None = None, keep_open: Sequence[int] = ()
) -> None:
    """Run a command without standard input, its output appended to `log`.

    Args:
        command: program and arguments.
        log: file that gets the command line and all that the command prints.
        env: the command's environment; this process's when None.
        keep_open: file descriptors that the command inherits.

    Raises:
        CommandError: the command cannot be started, or ends with another code than 0.
    """
    words = [str(word) for word in command]
    with log.open("a+b") as file:
        file.write(f"$ {' '.join(words)}\n".encode())
        file.flush()
        start = file.tell()
        try:
            code = subprocess.run(
                words,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                env=env,
                pass_fds=keep_open,
                check=False,
            ).returncode
        except OSError as error:
            raise CommandError(f"cannot start {words[0]}: {error.strerror}") from error
        if code:
            file.seek(start)
            raise CommandError(f"{Path(words[0]).name} failed with exit code {code}:\n{_tail(file.read())}")


def _tail(output: bytes) -> str:
    lines = output.decode(errors="replace").splitlines()[-TAIL_LINES:]
    return "\n".join(f"    {line}" for line in lines)
