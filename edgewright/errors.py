"""The errors of Edgewright.

EdgewrightError          base; never raised itself
    UserError            a mistake in a file, on the command line or in a model   exit 2
        UserErrors       several of them, shown together                          exit 2
    BudgetError          the build is right, but over a budget of the target      exit 3
    ToolError            an outside program failed or is missing                  exit 4
        MachineError     the machine refused, or those that the build uses        exit 4
    DeviceError          a device or its emulator did not do what it should       exit 5

Anything else that escapes is a bug of Edgewright's and is shown as one, with its traceback.
"""

from __future__ import annotations

import difflib
import errno
import os
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from edgewright.text import lines


class EdgewrightError(Exception):
    """Base of all errors that are meant for people: `str(error)` is the whole message, fit for a terminal."""

    exit_code = 1

    def __str__(self) -> str:
        return lines(super().__str__())


class UserError(EdgewrightError):
    """A mistake that the user can mend.

    Args:
        where: the place, most exact first: "targets/rpi.toml:12: compress[0].pass".
        problem: what is wrong there, in a few words, lower case.
        got: what stands there; left out of the message when None.
        allowed: what may stand there: a sentence or the list of names.
        hint: what to do.
    """

    exit_code = 2

    def __init__(
        self,
        where: str,
        problem: str,
        *,
        got: object = None,
        allowed: str | Iterable[str] | None = None,
        hint: str | None = None,
    ) -> None:
        self.where = where
        self.problem = problem
        self.got = got
        self.allowed = allowed if allowed is None or isinstance(allowed, str) else ", ".join(allowed)
        self.hint = hint
        super().__init__(self._message())

    def _message(self) -> str:
        line = f"{self.where}: {self.problem}"
        if self.got is not None:
            line += f", got {self.got!r}"
        if self.allowed:
            line += f", allowed: {self.allowed}"
        return line + (f"\n  hint: {self.hint}" if self.hint else "")


class UserErrors(UserError):  # noqa: N818 - it is several errors
    """All the mistakes of one go, in the order in which they were found."""

    def __init__(self, errors: Sequence[UserError]) -> None:
        self.errors = tuple(errors)
        first = self.errors[0]
        super().__init__(first.where, first.problem, got=first.got, allowed=first.allowed, hint=first.hint)
        self.args = ("\n".join(str(error) for error in self.errors),)


class BudgetError(EdgewrightError):
    """A figure of the finished build is over its budget."""

    exit_code = 3


class ToolError(EdgewrightError):
    """An outside program failed, or is not there."""

    exit_code = 4


class MachineError(ToolError):
    """What the machine refuses, or those that a build uses: nothing that is built is to blame, and later it may do."""


class DeviceError(EdgewrightError):
    """A device, or what stands in for it, is not reachable, not able or not answering sense."""

    exit_code = 5


_MACHINE = {
    errno.ENOSPC: ("the disk is full", "make room there, or move the folder to another disk"),
    errno.EDQUOT: ("your share of the disk is used up", "make room there, or move the folder to another disk"),
    errno.EROFS: ("may only be read", "it lies in a file system that was mounted so"),
    errno.EACCES: ("you have no permission", "look at who owns it, and with which rights: ls -ld"),
    errno.EPERM: ("you have no permission", "look at who owns it, and with which rights: ls -ld"),
    errno.EIO: ("cannot be read or written: the disk fails", "the system's log says more: dmesg"),
    errno.EMFILE: ("too many files are open at once", "raise the limit: ulimit -n"),
    errno.ENFILE: ("too many files are open at once", "close other programs"),
    errno.ENOMEM: ("there is no memory left", "close other programs, or let fewer stages run at once: -j1"),
}
"""What the machine may refuse to any program: what that means, and what to do."""

_ROOM = 1 << 20
"""Bytes below which a disk counts as full, once what did not fit on it may be removed again."""


def machine_error(error: OSError | MemoryError) -> ToolError | None:
    """What a program was refused by the machine, for people; None where the program itself may be to blame."""
    number = errno.ENOMEM if isinstance(error, MemoryError) else _number(error)
    if number not in _MACHINE:
        return None
    problem, hint = _MACHINE[number]
    if isinstance(error, MemoryError) or number == errno.ENOMEM:
        return ToolError(f"{problem}\n  hint: {hint}")  # what is built may ask for too much
    return MachineError(f"{_place(error)}: {problem}\n  hint: {hint}")


GOES_ON = "the same command goes on after what is done"
"""The hint of what other machines have refused."""


def is_of_machine(told: str) -> bool:
    """Whether the messages that a build has told are those of a MachineError."""
    refusals = (problem for number, (problem, _) in _MACHINE.items() if number != errno.ENOMEM)
    return GOES_ON in told or any(f": {problem}" in told for problem in refusals)


def _place(error: OSError) -> str:
    """What was refused: of a copy its destination, and where the system names nothing, all that it may have been."""
    if isinstance(error, shutil.Error) and error.args and isinstance(error.args[0], list):
        return str(error.args[0][0][1])  # of several: source, destination, reason
    named = error.filename2 or error.filename
    if isinstance(named, str | bytes | os.PathLike):
        return os.fsdecode(named)
    folders = [folder for folder in (Path.cwd(), Path(tempfile.gettempdir())) if folder.is_dir()]
    full = [str(folder) for folder in folders if shutil.disk_usage(folder).free < _ROOM]
    return " or ".join(full or map(str, folders))


def _number(error: OSError) -> int | None:
    """Its errno; libraries may keep it in their own text alone."""
    if error.errno is not None:
        return error.errno
    return next((number for number in _MACHINE if os.strerror(number) in str(error)), None)


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """A hint that names the closest of the known words, or None when nothing is close."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean {close[0]!r}?" if close else None
