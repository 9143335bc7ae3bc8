"""Targets: what is built for one deployment, one TOML file each in targets/.

The sections whose keys depend on a name (`[[compress]]` on the pass, `[measure]` on the transport) are checked against
the options that the named module declares; the rest is declared here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from edgewright import kinds
from edgewright.sections.budget import Budget
from edgewright.sections.build import Arguments
from edgewright.sections.compile import Compile
from edgewright.sections.firmware import Firmware
from edgewright.sections.quantize import Quantize
from edgewright.sections.runtime import Runtime
from edgewright.sections.search import Search
from edgewright.sections.section import Section
from edgewright.sections.transmit import Transmit


class Target(Section):
    """One target file, `extends` resolved."""

    description: kinds.Line = Field(description="one line for scons -h")
    board: kinds.Name = Field(description="name of a file in targets/boards/", examples=["mps2-an386"])
    runtime: Runtime = Field(description="what runs the model on the device")
    model: kinds.Path | None = Field(default=None, description="model that is built when the command line names none")
    models: list[kinds.Path] = Field(
        default=[],
        description="models that run in turn in one firmware, with one arena; each is built alone besides",
        examples=[["kws", "anomaly"]],
    )
    build: Arguments = Field(
        default={},
        description="keyword arguments of build() of model.py, over those of model.toml: this target's models are "
        "trained by themselves",
        examples=[{"width": 16}],
    )
    train: dict[kinds.Constant, Any] = Field(
        default={},
        description="keys of [train] of model.toml in place of the model's own, likewise",
        examples=[{"epochs": 20}],
    )
    budget: Budget = Budget()
    compress: list[dict[str, Any]] = Field(default=[], description="the compression passes, in order")
    quantize: Quantize = Quantize()
    compile: Compile = Compile()
    firmware: Firmware = Firmware()
    transmit: Transmit = Transmit()
    search: Search | None = None
    measure: dict[str, Any] = Field(default={}, description="transport and its options")
    flash: dict[str, Any] = Field(default={}, description="tool that programs the board, and its options")


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with the keys of `over` laid on top: tables are merged, everything else is replaced."""
    merged = dict(base)
    for key, value in over.items():
        inner = merged.get(key)
        merged[key] = merge(inner, value) if isinstance(inner, dict) and isinstance(value, dict) else value
    return merged
