"""Outside programs: found, run with a time limit, and their failures told in a person's words."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from edgewright.errors import ToolError


@dataclass(frozen=True)
class Program:
    """An outside program that something needs.

    Attributes:
        name: as the PATH has it.
        hint: how to get it.
        check: refuses a version that does not do, by a ToolError.
    """

    name: str
    hint: str
    check: Callable[[str], None] | None = None


def need(program: str, hint: str) -> str:
    """Path of `program`; ToolError with the hint when it is not installed."""
    found = shutil.which(program)
    if found is None:
        raise ToolError(f"{program} is not installed\n  hint: {hint}")
    return found


def run(
    command: Sequence[str],
    timeout_s: float,
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: int | IO[bytes] = subprocess.DEVNULL,
    stdout: int | IO[bytes] = subprocess.PIPE,
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end and catch what it prints; the whole process group is killed on a time-out.

    What goes to another `stdout` is not caught.

    Raises:
        TimeoutError: it ran longer than `timeout_s` seconds.
    """
    with subprocess.Popen(
        command,
        cwd=cwd,
        env=None if env is None else dict(env),
        stdin=stdin,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        _no_core_dump(process)
        try:
            out, err = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            raise TimeoutError(f"no end after {timeout_s:g} s") from None
        finally:
            _kill_group(process)
    return subprocess.CompletedProcess(command, process.returncode, out or "", err)


def _no_core_dump(process: subprocess.Popen[str]) -> None:
    """QEMU writes its guest's core into the working directory, where nobody wants it."""
    with contextlib.suppress(ProcessLookupError):  # ended already
        resource.prlimit(process.pid, resource.RLIMIT_CORE, (0, 0))


def _kill_group(process: subprocess.Popen[str]) -> None:
    if process.returncode is None:
        os.killpg(process.pid, signal.SIGKILL)


def run_tool(
    what: str,
    command: Sequence[str],
    timeout_s: float,
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> str:
    """Standard output of a command that must succeed; ToolError, with the end of what it said, when it does not."""
    try:
        done = run(command, timeout_s, cwd=cwd, env=env)
    except (TimeoutError, OSError) as error:
        raise ToolError(f"{what}: {command[0]}: {error}") from None
    if done.returncode != 0:
        raise ToolError(f"{what}: {command[0]} {ending(done.returncode)}{quoted(done.stderr or done.stdout)}")
    return done.stdout


def ending(code: int) -> str:
    """How a process ended: "failed with exit status 1", "was killed by SIGKILL"."""
    if code >= 0:
        return f"failed with exit status {code}"
    names = {member.value: member.name for member in signal.Signals}
    return f"was killed by {names.get(-code, f'signal {-code}')}"


def quoted(text: str, lines: int = 8) -> str:
    """The last lines of a program's output, indented, on lines of their own; nothing when there are none."""
    kept = [line for line in text.splitlines() if line.strip()][-lines:]
    return "".join(f"\n  | {line[:300]}" for line in kept)
