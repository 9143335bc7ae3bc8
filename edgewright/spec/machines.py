"""The machines that stages run on: machines.toml, in the project's folder or ~/.config/edgewright.

executor = "dask+tls://build.lab:8786"        # what executor= is by default

[tls]
ca   = "certs/ca.pem"                         # paths begin in the folder of the file
cert = "certs/me.pem"
key  = "certs/me.key"

[needs]                                       # of stages, as VERBOSE=1 shows them
"training.train" = { cpu = 4, ram = "8 GiB" }
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from pydantic import Field

from edgewright import kinds
from edgewright.errors import UserError, UserErrors
from edgewright.home import config_home
from edgewright.sections.section import Section
from edgewright.spec._validate import known_name, validate
from edgewright.spec.toml_text import TomlFile, read_toml
from edgewright.surroundings import PACKAGE_ROOT
from edgewright.units import Bytes

FILE = "machines.toml"
VARIABLES = {name: f"EDGEWRIGHT_TLS_{name.upper()}" for name in ("ca", "cert", "key")}
"""The environment's names for the files of TLS, which stand before those of the file."""


class TlsFiles(Section):
    """Files in PEM format that show both ends of a connection who the other one is."""

    ca: kinds.Path | None = Field(default=None, description="certificate of the authority that signed all others")
    cert: kinds.Path | None = Field(default=None, description="certificate that this machine shows")
    key: kinds.Path | None = Field(default=None, description="key of that certificate")


class StageNeeds(Section):
    """What a stage takes of a machine, where it is not what Edgewright assumes."""

    cpu: int | None = Field(default=None, ge=1, description="cores")
    ram: Bytes | None = Field(default=None, description="memory", examples=["8 GiB"])
    gpu: int = Field(default=0, ge=0, description="graphics processors")


class MachinesFile(Section):
    """machines.toml."""

    executor: kinds.Line = Field(default="local", description="where stages run: local, or the address of an engine")
    tls: TlsFiles = Field(default_factory=TlsFiles, description="certificates")
    needs: dict[kinds.Word, StageNeeds] = Field(default_factory=dict, description="what stages take, by their names")


@dataclass(frozen=True)
class Machines:
    """The machines of a project.

    Attributes:
        where: the file, for messages; empty when there is none.
        spec: what it says.
        tls: the files of TLS, by "ca", "cert" and "key".
    """

    where: str = ""
    spec: MachinesFile = field(default_factory=MachinesFile)
    tls: dict[str, Path] = field(default_factory=dict)


def load_machines(root: Path) -> Machines:
    """The machines of a project, else those of its user. UserErrors: all faults of the file."""
    of_environment = {name: Path(value) for name, variable in VARIABLES.items() if (value := os.environ.get(variable))}
    places = {root / FILE: FILE, config_home() / FILE: str(config_home() / FILE)}
    path = next((path for path in places if path.is_file()), None)
    if path is None:
        return Machines(tls=of_environment)
    shown = places[path]
    errors: list[UserError] = []
    file = read_toml(path, shown)
    data = {**file.data}
    if isinstance(needs := data.get("needs"), dict):
        errors += _unknown_stages(needs, file)
        data["needs"] = {name: each for name, each in needs.items() if name in _stages()}
    spec = validate(MachinesFile, data, file, (), errors)
    if spec is None or errors:
        raise UserErrors(errors)
    named = spec.tls.model_dump(exclude_none=True)
    return Machines(shown, spec, {name: path.parent / each for name, each in named.items()} | of_environment)


def _unknown_stages(needs: Iterable[str], file: TomlFile) -> Iterator[UserError]:
    """The faults of names that no stage has."""
    stages = _stages()
    for name in needs:
        if name in {stage.partition(".")[0] for stage in stages}:
            allowed = [stage for stage in stages if stage.startswith(f"{name}.")]
            hint = f'a name with a dot stands in quotes: "{allowed[0]}" = {{ cpu = 4 }}'
            yield UserError(
                file.where(("needs", name)), "is no stage, but several", got=name, allowed=allowed, hint=hint
            )
        else:
            yield from known_name(file, ("needs", name), name, stages, "stage")


@cache
def _stages() -> Sequence[str]:
    """The names of stages: their modules, with their folders."""
    found = (PACKAGE_ROOT / "edgewright/stages").glob("*/[!_]*.py")
    return sorted(f"{path.parent.name}.{path.stem}" for path in found)
