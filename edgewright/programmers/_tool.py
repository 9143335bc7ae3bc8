"""Running a programmer's outside program, and telling from its words what is wrong."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from edgewright.devices.tools.run import ending, need, quoted, run
from edgewright.errors import DeviceError

BACK = "back.bin"
"""Name of the file that what is read back goes to."""

# what tools say, in whatever case: the problem, and what helps
_FAULTS = {
    r"no connected debug probes|no available debug probes|unable to find a matching|no device found"
    r"|couldn't find any st-link|error: open failed|unable to open (?:cmsis-dap|ftdi) device"
    r"|no accessible .* devices? in bootsel mode": (
        "no probe or board is connected",
        "plug it in; a Pico is held at BOOTSEL while it is plugged in; several want a serial in [flash]",
    ),
    r"LIBUSB_ERROR_ACCESS|access denied|permission denied|insufficient permissions": (
        "this user may not open the USB device",
        "install the tool's udev rules, and plug the board in again",
    ),
    r"connection refused|could not connect|connection timed out|no route to host": (
        "no gdbserver answers",
        'start it, and name it in [flash]: server = "localhost:3333"',
    ),
    r"init mode failed|unable to connect to the target|target not examined|no target device available"
    r"|target is not connected|dp initialisation failed|failed to connect to target|unknown chip id": (
        "the probe finds no processor",
        "look at the board's power and at the cable between probe and board",
    ),
    r"target type .* not recognized|can't find [\w./]+\.cfg|couldn't open [\w./]+\.cfg": (
        "the tool does not know this board",
        "name it in [flash] as the tool does (target of pyocd, config of openocd)",
    ),
}


def call(program: str, words: Sequence[str], hint: str, folder: Path, timeout_s: float) -> str:
    """Run a tool in `folder`; what it printed.

    Raises:
        ToolError: it is not installed.
        DeviceError: what it says, or its status, tells a failure; or it took too long.
    """
    path = need(program, hint)
    try:
        done = run([path, *words], timeout_s, cwd=folder, env={**os.environ, "LC_ALL": "C"})
    except TimeoutError as error:
        raise DeviceError(f"{program}: {error}\n  hint: is the board connected? raise `timeout` in [flash]") from None
    text = f"{done.stdout}\n{done.stderr}"
    for pattern, (problem, advice) in _FAULTS.items():
        if found := re.search(f".*(?:{pattern}).*", text, re.IGNORECASE):
            raise DeviceError(f"{program}: {problem}{quoted(found[0])}\n  hint: {advice}")
    if done.returncode != 0:
        raise DeviceError(f"{program}: {ending(done.returncode)}{quoted(text)}")
    return text


def take_back(program: str, folder: Path, said: str) -> bytes:
    """The bytes that a tool read back into BACK; DeviceError when it left none, whatever its status was."""
    path = folder / BACK
    if not path.is_file():
        raise DeviceError(f"{program}: nothing was read back from the board{quoted(said)}")
    return path.read_bytes()


def copied(path: Path, folder: Path) -> str:
    """A file under its plain name in `folder`: in the languages of tools a path may mean something."""
    shutil.copyfile(path, folder / path.name)
    return path.name


def flag(name: str, value: str | None) -> list[str]:
    """A flag and its value; nothing for None."""
    return [] if value is None else [name, value]
