"""What a stage depends on that runs the C compiler of models."""

from __future__ import annotations

import pkgutil
from pathlib import Path

from edgewright import registry

COMPILER_FILES = ("templates/*.j2", "firmware/kernels/*.h")
REWRITES = "edgewright.compiler.rewrites"


def compiler_modules() -> tuple[str, ...]:
    """The modules that the compiler loads by name: operators and rewrites.

    They are found as files: importing the compiler would cost every build its start-up.
    """
    folder = Path(__file__).parents[1] / "compiler" / "rewrites"
    rewrites = (f"{REWRITES}.{module.name}" for module in pkgutil.iter_modules([str(folder)]))
    return (*(registry.ops.module_name(name) for name in registry.ops.names()), *rewrites)
