"""The QEMU plugin that counts instructions: built with the system's compiler, and its record read."""

from __future__ import annotations

import os
from pathlib import Path

from edgewright.devices.tools import device_cache
from edgewright.devices.tools.run import Program, need, run_tool
from edgewright.errors import DeviceError, ToolError
from edgewright.files import sha256_file

SOURCE = Path(__file__).with_name("insncount.c")
BEGIN, END = 1, 2
_MAJORS = ("7",)
_FLAGS = ("-std=c99", "-O2", "-shared", "-fPIC")


GCC = Program("gcc", "apt-get install gcc libc6-dev")
"""What builds plugins."""


def check_version(version: str) -> None:
    """ToolError unless this QEMU is known to load the plugin and to give it the calls that it uses."""
    major, _, _ = version.partition(".")
    if major not in _MAJORS:
        raise ToolError(
            f"QEMU {version} is not supported: the instruction counter is written for the plugin interface of QEMU 7\n"
            '  hint: use Debian 12\'s qemu-user (7.2), or measure on a device: [measure] transport = "host"'
        )


def ensure_plugin() -> Path:
    """The built plugin in the cache; ToolError when there is no gcc."""
    recipe = {"source": sha256_file(SOURCE), "machine": os.uname().machine, "flags": list(_FLAGS)}
    return device_cache.ensure("insncount", recipe, _build) / "insncount.so"


def _build(folder: Path) -> None:
    need(GCC.name, GCC.hint)
    command = ["gcc", *_FLAGS, "-o", str(folder / "insncount.so"), str(SOURCE)]
    run_tool("building the instruction counter", command, 60.0)


def read_regions(record: str) -> list[int]:
    """Instructions between each begin mark and the end mark after it, from the plugin's "tag count" lines.

    Raises:
        DeviceError: the lines are no such record.
    """
    try:
        marks = [(int(tag), int(count)) for tag, count in map(str.split, record.splitlines())]
    except ValueError:
        raise DeviceError(f"the instruction counter wrote no record of marks: {record[:80]!r}") from None
    if [tag for tag, _ in marks] != [BEGIN, END] * (len(marks) // 2):
        raise DeviceError(f"the instruction counter saw marks out of order: {record[:80]!r}")
    return [end - begin for (_, begin), (_, end) in zip(marks[::2], marks[1::2], strict=True)]
