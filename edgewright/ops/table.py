"""Every operator and every kernel that there is: what tests, benchmarks and docs/operators.md go through."""

from __future__ import annotations

from collections.abc import Iterator

from edgewright import ops, registry
from edgewright.kernels.record import Kernel
from edgewright.ops.base import Op


def operators(*, made: bool = True) -> Iterator[Op]:
    """The operators of every name, for each type, in the order of names; `made`: those too that no file holds."""
    for name in registry.ops.names():
        yield registry.ops.load(name).OP
        yield from _typed(name)
    for name in registry.made_ops.names() if made else ():
        yield from _typed(name)


def _typed(name: str) -> Iterator[Op]:
    yield from ops.others(name.upper().replace("-", "_")).values()


def kernels(*, made: bool = True) -> list[Kernel]:
    """Every record, portable ones included."""
    return [kernel for op in dict.fromkeys(operators(made=made)) for kernel in op.kernels]
