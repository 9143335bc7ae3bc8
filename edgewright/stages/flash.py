"""Puts firmware on a board, and reads it back.

python -m edgewright.stages.flash --firmware build/mcu/m/firmware.elf --out build/mcu/m/flash.json
    --options '{"board": {...}, "flash": {"tool": "openocd", "config": ["board/st_nucleo_l4.cfg"]}}'

`board` is the board's file, `flash` the section [flash] of the target laid over that of the board.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from edgewright.devices import _lock
from edgewright.errors import UserError
from edgewright.files import check_manifest, read_manifest, sha256_file, write_json
from edgewright.programmers import Image, verify
from edgewright.registry import programmers
from edgewright.stages._cli import json_object, run, section


def main(argv: Sequence[str] | None = None) -> int:
    """Run the stage."""
    parser = argparse.ArgumentParser(prog="python -m edgewright.stages.flash", description=__doc__)
    parser.add_argument("--firmware", required=True, type=Path)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--options", required=True)
    arguments = parser.parse_args(argv)
    options = json_object(arguments.options)
    check_manifest(arguments.firmware.parent, read_manifest(arguments.firmware.with_suffix(".json")))
    image = Image(arguments.firmware, int(section(options, "board")["memory"]["flash"]["origin"]))
    found = program(image, section(options, "flash"))
    write_json(arguments.out, found)
    print(f"{arguments.firmware}: {found['bytes']:,} bytes programmed by {found['tool']} and read back")
    return 0


def program(image: Image, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Program the board; the content of flash.json. DeviceError unless what is read back is the image."""
    asked = dict(asked)
    name = str(asked.pop("tool", None))
    tool = programmers.load(name)
    options = _checked(tool.OPTIONS, asked)
    place = asked.get("server") or asked.get("serial") or "the only board"
    with (
        _lock.hold(f"{name}:{place}", f"flashing {image.elf}"),
        tempfile.TemporaryDirectory(prefix="edgewright-") as to,
    ):
        verify(image, tool.flash(image, options, Path(to)), tool.PROGRAM)
    return {"schema": 1, "tool": name, "bytes": image.size, "sha256": sha256_file(image.binary), "verified": True}


def _checked(kind: Any, asked: Mapping[str, Any]) -> Any:
    try:
        return kind.model_validate(dict(asked))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(["flash", *map(str, first["loc"])])
        raise UserError(f"--options {place}", first["msg"], got=first["input"]) from None


if __name__ == "__main__":
    run(main)
