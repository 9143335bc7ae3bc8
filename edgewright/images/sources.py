"""The folder in which an image is built: copies of all sources under short relative names, and the rendered files."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from edgewright.arch import Architecture
from edgewright.errors import UserError
from edgewright.home import home
from edgewright.images.model import Library
from edgewright.images.placement import Placement
from edgewright.templates import render

BARE, HARNESS, MINIMAL, PORTS = "bare", "harness", "minimal", "ports"


def port_folder(port: str, folders: Sequence[Path] = ()) -> Path:
    """Where a port lies: in the first of the folders that has it, else in what comes along. UserError for none."""
    places = [*folders, home() / "firmware" / PORTS]
    found = next((place / port for place in places if (place / port).is_dir()), None)
    if found is None:
        known = sorted({path.name for place in places if place.is_dir() for path in place.iterdir() if path.is_dir()})
        raise UserError("port of the board", "no such port", got=port, allowed=known)
    return found


def lay_out(folder: Path, library: Library, port: Path | None, architecture: Architecture) -> None:
    """Copy firmware and model to `folder`: model/, bare/, harness/, minimal/, ports/<port>/, the architecture's own."""
    firmware = home() / "firmware"
    for name in (BARE, architecture.folder, HARNESS, MINIMAL):
        shutil.copytree(firmware / name, folder / name)
    (folder / PORTS).mkdir()
    if port is not None:
        shutil.copytree(port, folder / PORTS / port.name)
    shutil.copy(firmware / PORTS / "ew_port.h", folder / PORTS)
    for name in library.files:
        (folder / "model" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(library.folder / name, folder / "model" / name)
    (folder / "obj").mkdir()


def c_files(folder: Path, *names: str) -> list[str]:
    """The C files of some folders of the layout, relative to it, in a stable order."""
    return [str(path.relative_to(folder)) for name in names for path in sorted((folder / name).glob("*.c"))]


def render_board(
    folder: Path,
    templates: Sequence[Path],
    board: Mapping[str, Any],
    architecture: Architecture,
    stack_bytes: int,
    placement: Placement,
) -> None:
    """Write what comes from the board file: ew_board.h and linker.ld, with what lies in fast RAM."""
    (folder / "ew_board.h").write_text(render("board.h.j2", templates, board=board))
    layout = {"board": board, "architecture": architecture, "stack_bytes": stack_bytes, "placement": placement}
    (folder / "linker.ld").write_text(render("linker.ld.j2", templates, **layout))


def render_glue(folder: Path, templates: Sequence[Path], library: Library, device: str, protocol_name: str) -> None:
    """Write glue.c, which ties the models to the harness; `protocol_name` is the harness' name of one alone."""
    values = {"library": library, "models": library.models, "device": device, "protocol_name": protocol_name}
    text = render("glue.c.j2", templates, **values)
    (folder / "glue.c").write_text(text)
