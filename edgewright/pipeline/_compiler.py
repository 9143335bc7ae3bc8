"""What a stage depends on that runs the C compiler of models, or that builds or runs firmware."""

from __future__ import annotations

from edgewright import registry

COMPILER_FILES = ("templates/*.j2", "firmware/kernels/*.h")


def compiler_modules() -> tuple[str, ...]:
    """The modules that the compiler loads by name: the operators and the architectures."""
    operators = (registry.ops.module_name(name) for name in registry.ops.names())
    return (*operators, *architecture_modules())


def architecture_modules() -> tuple[str, ...]:
    """The modules of all architectures: which one a core is of, each of them says."""
    return tuple(registry.architectures.module_name(name) for name in registry.architectures.names())
