"""`[transmit]` of a target."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from edgewright import kinds
from edgewright.sections.section import Section


class Versions(Section):
    """Which version of a model comes after which."""

    version: int = Field(default=1, ge=0, lt=1 << 32, description="number of this version")
    previous_version: int | None = Field(
        default=None, ge=0, lt=1 << 32, description="number of the version that devices have; left out: one less"
    )

    format: Literal[1, 2] = Field(
        default=2, description="of the update: 2, or 1 for devices whose ew_update.c reads no other; larger"
    )

    @property
    def before(self) -> int:
        """Number of the version that devices have."""
        return self.version - 1 if self.previous_version is None else self.previous_version


class Transmit(Versions):
    """How the model gets to devices that have an older one."""

    previous: kinds.Path | None = Field(
        default=None, description='the .tflite that devices have, from the project\'s folder; "{model}": its name'
    )

    @model_validator(mode="after")
    def _are_two_versions(self) -> Transmit:
        if self.previous is not None and (self.before < 0 or self.before == self.version):
            raise ValueError(f"version {self.version} and previous_version {self.before} are no two versions")
        return self
