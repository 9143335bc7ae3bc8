"""Lists the devices of devices.toml with their state: what answers, and who measures on it now.

edgewright devices [--offline] [--json]
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from edgewright.command_line import run
from edgewright.devices import holder
from edgewright.errors import EdgewrightError
from edgewright.registry import transports
from edgewright.spec import ProjectDevice, devices_of

SUMMARY = "the devices of devices.toml, and whether they answer and are free"
COLUMNS = ("name", "transport", "board", "state")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    arguments = parser().parse_args(argv)
    devices = devices_of(Path.cwd())
    with ThreadPoolExecutor(8) as pool:
        states = pool.map(lambda device: state(device, ask=not arguments.offline), devices.values())
        rows = [_row(device, found) for device, found in zip(devices.values(), states, strict=True)]
    print(json.dumps(rows, indent=2) if arguments.json else _table(rows))
    return 0


def parser() -> argparse.ArgumentParser:
    """What it takes."""
    made = argparse.ArgumentParser(prog="edgewright devices", description=__doc__)
    made.add_argument("--offline", action="store_true", help="ask no device whether it is there")
    made.add_argument("--json", action="store_true", help="for programs")
    return made


def state(device: ProjectDevice, *, ask: bool) -> str:
    """A device's state, in one line; a device that somebody measures on is not disturbed."""
    transport = transports.load(device.spec.transport)
    if hasattr(transport, "identity") and (who := holder(transport.identity(device.checked))):
        return f"busy: {who}"
    if not ask or not hasattr(transport, "look"):
        return "free"
    try:
        return f"reachable: {transport.look(device.checked)}"
    except EdgewrightError as error:
        return f"not reachable: {str(error).splitlines()[0]}"


def _row(device: ProjectDevice, found: str) -> dict[str, str]:
    row = {"name": device.name, "transport": device.spec.transport, "board": device.spec.board or "", "state": found}
    return {**row, "description": device.spec.description}


def _table(rows: Sequence[Mapping[str, str]]) -> str:
    if not rows:
        return "no devices: devices.toml, here or in ~/.config/edgewright, names those of a lab (docs/devices.md)"
    lines = [dict(zip(COLUMNS, COLUMNS, strict=True)), *rows]
    widths = {name: max(len(line[name]) for line in lines) for name in COLUMNS}
    return "\n".join("  ".join(line[name].ljust(widths[name]) for name in COLUMNS).rstrip() for line in lines)


if __name__ == "__main__":
    run(main)
