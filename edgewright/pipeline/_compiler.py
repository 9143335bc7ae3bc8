"""What a stage depends on that runs the C compiler of models, or that builds or runs firmware."""

from __future__ import annotations

from edgewright import registry
from edgewright.arch import TABLES, foreign_tables
from edgewright.kernels import headers
from edgewright.sections.budget import MemoryBudget
from edgewright.spec import Target

DIFFERENCES = ("edgewright/tflite/runtimes.toml",)


def compiler_files() -> tuple[str, ...]:
    """What the compiler reads beside Python files: templates, the C headers of kernels, tables of costs."""
    foreign = (*headers.foreign(), *foreign_tables())
    return ("templates/*.j2", headers.PATTERN, TABLES, *map(str, foreign), *DIFFERENCES)


def compiler_modules() -> tuple[str, ...]:
    """The modules that the compiler loads by name: operators with their kernels, and architectures."""
    kinds = (registry.ops, registry.made_ops, registry.kernels)
    found = (module for kind in kinds for name in kind.names() for module in kind.module_names(name))
    return (*found, *architecture_modules())


def architecture_modules() -> tuple[str, ...]:
    """The modules of all architectures: which one a core is of, each of them says."""
    return tuple(registry.architectures.module_name(name) for name in registry.architectures.names())


def memory_budget(spec: Target) -> MemoryBudget:
    """The limits that the compiler fits a model to; where they decide nothing, they are no input of its."""
    flash = spec.budget.flash if spec.compile.fits_flash or spec.compile.optimize == "balanced" else None
    ram = spec.budget.ram if spec.compile.fits_ram else None
    return MemoryBudget.model_construct(flash=flash, ram=ram)  # they are read already, and have no unit any more
