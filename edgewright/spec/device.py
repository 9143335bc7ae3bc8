"""The devices of a lab: devices.toml, in the project's folder or ~/.config/edgewright, names them once for all targets.

    [kitchen-pi]
    description = "on the shelf beside the window"
    board       = "raspberry-pi-4"         # may be left out; when it is there, a target for another board is refused
    transport   = "ssh"
    host        = "pi@kitchen.local"       # and any other key that [measure] knows for this transport

A target then says `device = "kitchen-pi"` in [measure], beside `runs` and the like.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field

from edgewright import kinds, registry
from edgewright.errors import UserError, UserErrors
from edgewright.home import config_home
from edgewright.sections.section import Section
from edgewright.spec import _checks
from edgewright.spec._sources import read_all
from edgewright.spec._validate import known_name, validate
from edgewright.spec.toml_text import TomlFile

FILE = "devices.toml"


class Device(Section):
    """What every device has; its other keys are those of its transport."""

    transport: kinds.Name = Field(description="how it is reached")
    description: kinds.Line = Field(default="", description="one line for people")
    board: kinds.Name | None = Field(default=None, description="name of a file in targets/boards/")


@dataclass(frozen=True)
class ProjectDevice:
    """A device of the lab.

    Attributes:
        name: what targets call it.
        spec: what every device has.
        options: the keys of its transport as they stand in the file.
        checked: the same, filled in.
    """

    name: str
    spec: Device
    options: Mapping[str, Any]
    checked: Any


def load_devices(root: Path, boards: Iterable[str] | None, errors: list[UserError]) -> dict[str, ProjectDevice]:
    """The devices of a project and of its user, by name; the project's stand before the user's.

    Args:
        root: the project's folder.
        boards: names of all boards; None when they are not known.
        errors: faults are appended to it.
    """
    places = {"home": (config_home() / FILE, f"{config_home() / FILE}"), "project": (root / FILE, FILE)}
    found = {name: place for name, place in places.items() if place[0].is_file()}
    devices: dict[str, ProjectDevice] = {}
    for file in read_all(found, errors).values():
        for name in file.data:
            if device := _load(name, file, boards, errors):
                devices[name] = device
    return dict(sorted(devices.items()))


def devices_of(root: Path) -> dict[str, ProjectDevice]:
    """The same for one who wants nothing else of the project. UserErrors: all faults of the files."""
    errors: list[UserError] = []
    devices = load_devices(root, None, errors)
    if errors:
        raise UserErrors(errors)
    return devices


def _load(name: str, file: TomlFile, boards: Iterable[str] | None, errors: list[UserError]) -> ProjectDevice | None:
    table = file.data[name]
    if not kinds.NAME.takes(name):
        errors.append(UserError(file.where((name,)), "no name for a device", got=name, allowed=kinds.NAME.allowed))
        return None
    if not isinstance(table, dict):
        errors.append(UserError(file.where((name,)), "is not a device", got=table, allowed="a table for each device"))
        return None
    own = {key: value for key, value in table.items() if key in Device.model_fields}
    spec = validate(Device, own, file, (name,), errors)
    known = _checks.reachable()
    faults = known_name(file, (name, "transport"), spec.transport, known, "transport") if spec else []
    if spec and spec.board is not None and boards is not None:
        faults += known_name(file, (name, "board"), spec.board, boards, "board")
    errors += faults
    if spec is None or faults:
        return None
    options = {key: value for key, value in table.items() if key not in Device.model_fields}
    checked = validate(registry.transports.load(spec.transport).OPTIONS, options, file, (name,), errors)
    return ProjectDevice(name, spec, options, checked) if checked else None
