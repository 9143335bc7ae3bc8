"""Sections of target and board as the compiler takes them."""

from __future__ import annotations

from edgewright.compiler.ir import CompileOptions
from edgewright.kernels.core import Core
from edgewright.sections.board import Instructions
from edgewright.sections.budget import MemoryBudget
from edgewright.sections.compile import Compile


def compile_options(section: Compile, budget: MemoryBudget | None = None) -> CompileOptions:
    """The options of a section; `budget` is what storages that fit themselves to memory may use."""
    return CompileOptions(
        optimize=section.optimize,
        variants={int(layer): variant for layer, variant in section.variants.items()},
        without=frozenset(section.without),
        rounding=section.rounding,
        weights=section.of_others,
        layer_weights=section.of_layers,
        flash_bytes=budget.flash if budget else None,
        ram_bytes=budget.ram if budget else None,
        input=section.input,
    )


def core_of(section: Instructions | None) -> Core:
    """What the compiler knows of a core; None: the machine that builds."""
    if section is None:
        return Core()
    return Core(section.cpu, section.arch, has_dsp=section.dsp, has_mve=section.mve)
