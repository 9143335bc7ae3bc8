"""What a stage depends on that runs the C compiler of models, or that builds or runs firmware."""

from __future__ import annotations

from typing import Any

from edgewright import registry
from edgewright.spec import Board, Target

DIFFERENCES = ("edgewright/tflite/runtimes.toml",)
COMPILER_FILES = ("templates/*.j2", "firmware/kernels/*/*.h", *DIFFERENCES)


def compiler_modules() -> tuple[str, ...]:
    """The modules that the compiler loads by name: the operators and the architectures."""
    operators = (registry.ops.module_name(name) for name in registry.ops.names())
    return (*operators, *architecture_modules())


def architecture_modules() -> tuple[str, ...]:
    """The modules of all architectures: which one a core is of, each of them says."""
    return tuple(registry.architectures.module_name(name) for name in registry.architectures.names())


def compile_section(spec: Target) -> dict[str, Any]:
    """What the compiler reads of a target; budgets are inputs of its own only where they decide something."""
    section = spec.compile.model_dump(mode="json")
    if spec.compile.weights == "raw":
        del section["weights"]
    if spec.compile.fits_flash and spec.budget.flash is not None:
        section["flash_bytes"] = spec.budget.flash
    if spec.compile.fits_ram and spec.budget.ram is not None:
        section["ram_bytes"] = spec.budget.ram
    return section


def core_section(board: Board) -> dict[str, Any]:
    """What the compiler knows of a core."""
    core = board.core
    return {"name": core.cpu, "arch": core.arch, "has_dsp": core.dsp, "has_mve": core.mve}
