"""Puts firmware on a board, and reads it back.

python -m edgewright.stages.microcontroller.flash --firmware build/mcu/m/firmware.elf --out build/mcu/m/flash.json
    --options '{"origin": 134217728, "flash": {"tool": "openocd", "config": ["board/st_nucleo_l4.cfg"]}}'

`origin` is the address of the image's first byte, `flash` the target's section [flash] laid over that of the board.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edgewright.command_line import run
from edgewright.devices import hold
from edgewright.files import check_manifest, read_manifest, sha256_file, write_json
from edgewright.options.flash import Options
from edgewright.programmers import Image, verify
from edgewright.registry import programmers
from edgewright.stage_command import stage
from edgewright.stages._chosen import chosen


def flash(options: Options) -> None:
    """Program the board, and write what was done."""
    check_manifest(options.firmware.parent, read_manifest(options.firmware.with_suffix(".json")))
    found = program(Image(options.firmware, options.origin), options.flash)
    write_json(options.out, found)
    print(f"{options.firmware}: {found['bytes']:,} bytes programmed by {found['tool']} and read back")


def program(image: Image, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Program the board; the content of flash.json. DeviceError unless what is read back is the image."""
    name, keys = asked.get("tool"), {key: value for key, value in asked.items() if key != "tool"}
    tool, options = chosen(programmers, name, keys, "flash")
    place = tool.identity(options) if hasattr(tool, "identity") else "the only board"
    with (
        hold(f"{name}:{place}", f"flashing {image.elf}"),
        tempfile.TemporaryDirectory(prefix="edgewright-") as to,
    ):
        verify(image, tool.flash(image, options, Path(to)), tool.PROGRAM)
    return {"schema": 1, "tool": name, "bytes": image.size, "sha256": sha256_file(image.binary), "verified": True}


main = stage(Options, flash)

if __name__ == "__main__":
    run(main)
