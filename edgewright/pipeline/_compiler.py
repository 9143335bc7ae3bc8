"""What a stage depends on that runs the C compiler of models."""

from __future__ import annotations

from edgewright import registry

COMPILER_FILES = ("templates/*.j2", "firmware/kernels/*.h")


def compiler_modules() -> tuple[str, ...]:
    """The modules that the compiler loads by name: the operators."""
    return tuple(registry.ops.module_name(name) for name in registry.ops.names())
