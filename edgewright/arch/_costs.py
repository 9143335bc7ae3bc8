"""What kernels, stored weights and instructions cost on a core: one table a core, `costs/<core>.toml`.

    costs_of("cortex-m4", "armv7e-m", has_dsp=True).cycles("conv_2d_s8_dsp", {"step": 1000, "pair": 20, "fill": 400})

A kernel's call says how much it does, as counts by name (`Call.work`); the table has the cycles of each. They are
fitted to what kernels took on an emulated core: `python -m benchmarks.costs <core>` measures them and writes the table.
A core without a table uses that of the core that its architecture names (`Architecture.costs_like`); a table may say so
itself (`uses`), and then has only what differs: sections, sources, rows of kernels.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, ValidationError, model_validator

from edgewright.arch._base import Cycles, Instructions
from edgewright.arch._find import architecture_of, architectures
from edgewright.errors import UserError, UserErrors, did_you_mean

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FOLDER = Path(__file__).with_name("costs")
TABLES = "edgewright/arch/costs/*.toml"
"""All of ours, relative to `home()`."""

HOST = "host"
CODE_BYTES = "code_bytes"


class Code(BaseModel, extra="forbid", frozen=True):
    """Bytes of code, at most: of a model beside its kernels, of a kernel without a row, of what unpacks weights."""

    base: int = Field(ge=0)
    kernel: int = Field(ge=0)
    unpack: int = Field(ge=0)


class Sources(BaseModel, extra="forbid", frozen=True):
    """Where the figures of a section come from: a command, a manual."""

    instructions: str
    code: str
    kernels: str
    variants: str


class Costs(BaseModel, extra="forbid", frozen=True):
    """A core's table.

    Attributes:
        core: whose kernels were measured: the core's own name, or that of the core whose table it uses.
        sources: where the figures come from.
        instructions: cycles by class of instruction.
        code: bytes of code.
        variants: cycles of a multiply-accumulate by variant, of kernels without a row; "ref" is always there.
        kernels: by kernel, cycles of each thing that `Call.work` counts; CODE_BYTES, the size of its code; "worst", how
            far estimates of what was measured are off at most, as a share.
    """

    core: str
    sources: Sources
    instructions: Instructions
    code: Code
    variants: Mapping[str, Cycles]
    kernels: Mapping[str, Mapping[str, Cycles]]

    @model_validator(mode="after")
    def _names_the_portable_variant(self) -> Costs:
        if "ref" not in self.variants:
            raise ValueError("variants.ref is missing")
        return self

    def has(self, kernel: str, work: Mapping[str, float]) -> bool:
        """Whether there is a row for a kernel's work."""
        return set(work) <= set(self.kernels.get(kernel, {}))

    def cycles(self, kernel: str, work: Mapping[str, float]) -> float:
        """An estimate of a run that does `work`; ValueError where the table has no row for it."""
        if not self.has(kernel, work):
            raise ValueError(f"the costs of {self.core} have no row for {kernel}: {', '.join(sorted(work))}")
        return sum(self.kernels[kernel][name] * count for name, count in work.items())

    def of_macs(self, kernel: str, macs: int, outputs: int) -> float:
        """An estimate of a run of any kernel, from its multiply-accumulates and outputs alone."""
        row = self.kernels.get(kernel, {})
        if "mac" in row:
            return row["mac"] * macs + row.get("output", 0.0) * outputs
        return self.variants.get(kernel.rsplit("_", 1)[-1], self.variants["ref"]) * macs

    def code_bytes(self, kernel: str) -> int:
        """Size of a kernel's code, with what it calls, at most."""
        return int(self.kernels.get(kernel, {}).get(CODE_BYTES, self.code.kernel))


@lru_cache(maxsize=32)
def costs_of(core: str, arch: str = HOST, has_dsp: bool = False, has_mve: bool = False) -> Costs:
    """The costs of a core; UserErrors where its table is broken.

    Args:
        core: its name, for instance "cortex-m4".
        arch: its architecture as board files say it, or "host".
        has_dsp: has the DSP extension.
        has_mve: has Helium. Both say whose table it uses when it has none of its own.
    """
    folders = [FOLDER] if arch == HOST else [*architecture_of(arch).costs, FOLDER]
    if _find(core, folders) is None and arch != HOST:
        core = architecture_of(arch).costs_like(arch, has_dsp, has_mve)
    path, data = _read(core, folders)
    used = data.pop("uses", None)
    if used is not None:
        core, (_, base) = used, _read(used, folders)
        merged = {name: {**base.get(name, {}), **data.get(name, {})} for name in ("sources", "kernels")}
        data = {**base, **data, **merged}
    return _checked(path, {**data, "core": core})


def foreign_tables() -> list[Path]:
    """Tables that architectures of other packages bring."""
    folders = [folder for architecture in architectures() for folder in architecture.costs]
    return [path for folder in folders for path in sorted(folder.glob("*.toml"))]


def instructions_of(core: str, arch: str) -> Instructions | None:
    """Cycles of the instructions of a core with a table of its own; None where it has none."""
    there = _find(core, [*architecture_of(arch).costs, FOLDER]) is not None
    return costs_of(core, arch).instructions if there else None


def _find(core: str, folders: list[Path]) -> Path | None:
    return next((path for folder in folders if (path := folder / f"{core}.toml").is_file()), None)


def _read(core: str, folders: list[Path]) -> tuple[Path, dict[str, Any]]:
    path = _find(core, folders)
    if path is None:
        known = sorted({each.stem for folder in folders for each in folder.glob("*.toml")})
        raise UserError("costs", "no core has this table", got=core, allowed=known, hint=did_you_mean(core, known))
    try:
        return path, tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(str(path), f"not valid TOML: {error}") from None


def _checked(path: Path, data: dict[str, Any]) -> Costs:
    try:
        return Costs.model_validate(data)
    except ValidationError as error:
        faults = [(".".join(map(str, fault["loc"])), fault["msg"]) for fault in error.errors()]
        raise UserErrors([UserError(f"{path}: {key}" if key else str(path), text) for key, text in faults]) from None
