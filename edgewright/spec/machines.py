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
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import Field

from edgewright import kinds
from edgewright.errors import UserError, UserErrors
from edgewright.home import config_home
from edgewright.sections.section import Section
from edgewright.spec._validate import validate
from edgewright.spec.toml_text import read_toml
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
    spec = validate(MachinesFile, file.data, file, (), errors)
    if spec is None:
        raise UserErrors(errors)
    named = spec.tls.model_dump(exclude_none=True)
    return Machines(shown, spec, {name: path.parent / each for name, each in named.items()} | of_environment)
