"""What of a model lies in a board's fast RAM: its arena and what it keeps first, then the constants that it reads most.

Every variable and every constant array has a section of its own, so the linker script can place each. What is chosen
fits by its sizes, rounded up to the alignment of the arena; the linker has the last word on it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from edgewright.images.model import Constant, Library

_ALIGNMENT = 16


@dataclass(frozen=True)
class Placement:
    """Names of variables and of constants that lie in fast RAM, in order of their worth."""

    variables: tuple[str, ...] = ()
    constants: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """All of them."""
        return [*self.variables, *self.constants]


def place(library: Library, room: int) -> Placement:
    """What lies in `room` bytes of fast RAM: each thing, the most read a byte first, that there is room left for."""
    left, variables, constants = room, [], []
    for name, size in _variables(library):
        if _rounded(size) <= left:
            left -= _rounded(size)
            variables.append(name)
    for constant in _by_worth(library):
        if _rounded(constant.bytes) <= left:
            left -= _rounded(constant.bytes)
            constants.append(constant.name)
    return Placement(tuple(variables), tuple(constants))


def _rounded(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT


def _variables(library: Library) -> Iterator[tuple[str, int]]:
    """Names in glue.c, and sizes: they are written and read in each layer."""
    yield "arena", max(int(model.facts["arena_bytes"]) for model in library.models)
    for model in library.models:
        if model.state_bytes:
            yield f"state_of_{model.name}", model.state_bytes
        if model.unpack == "startup":
            yield f"weights_of_{model.name}", int(model.facts["unpacked_bytes"])


def _by_worth(library: Library) -> Sequence[Constant]:
    """The constants, those first that are read most: by the multiply-adds a byte of the layer that they belong to."""
    constants = library.constants()
    sizes: dict[tuple[str, int], int] = defaultdict(int)
    for constant in constants:
        sizes[constant.model, constant.layer] += constant.bytes
    macs = {
        (model.name, index): int(layer.get("macs", 0))
        for model in library.models
        for index, layer in enumerate(model.facts["layers"])
    }

    def worth(constant: Constant) -> float:
        layer = (constant.model, constant.layer)
        return macs.get(layer, 0) / max(1, sizes[layer])

    return sorted(constants, key=worth, reverse=True)
