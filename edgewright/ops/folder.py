"""What stands in the folder of an operator: its package and the modules in that, found by being there.

Kernels of other packages, for operators that there are, are found by their entry points.
"""

from __future__ import annotations

import importlib
from functools import cache
from types import ModuleType

from edgewright import registry
from edgewright.kernels.record import Kernel


def kernels_of(op_name: str) -> tuple[Kernel, ...]:
    """The records of an operator, for any type: those of its folder, then those of other packages."""
    own = (kernel for module in modules(op_name) for kernel in getattr(module, "KERNELS", ()))
    return (*own, *(kernel for kernel in _foreign() if kernel.op == op_name))


@cache
def _foreign() -> tuple[Kernel, ...]:
    names = (module for name in registry.kernels.names() for module in registry.kernels.module_names(name))
    return tuple(kernel for name in names for kernel in getattr(importlib.import_module(name), "KERNELS", ()))


@cache
def modules(op_name: str) -> tuple[ModuleType, ...]:
    """The package of an operator, then the modules in it; nothing for an unknown operator.

    Args:
        op_name: TFLite's ("CONV_2D"), or that of an operator that the compiler makes.
    """
    name = op_name.lower().replace("_", "-")
    kind = next((kind for kind in (registry.ops, registry.made_ops) if name in kind.names()), None)
    return () if kind is None else tuple(map(importlib.import_module, kind.module_names(name)))
