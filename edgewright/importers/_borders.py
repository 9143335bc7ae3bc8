"""How inputs and outputs of a converted model lie against those of its origin: in which order, with which axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edgewright.importers import Answer, Input

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Border:
    """One of the inputs or outputs of the converted model.

    Attributes:
        index: which of the origin's it is.
        axes: the order of the origin's axes that makes it.
    """

    index: int
    axes: tuple[int, ...]


@dataclass(frozen=True)
class Borders:
    """All of them, in the converted model's order.

    Attributes:
        inputs: what the converted model takes.
        entries: how each of these is made of the origin's.
        exits: the same of the outputs.
        names: the origin's, of the inputs.
    """

    inputs: tuple[Input, ...]
    entries: tuple[Border, ...]
    exits: tuple[Border, ...]
    names: tuple[str, ...]

    @classmethod
    def read(cls, known: dict[str, Any]) -> Borders:
        """From what a converter's process wrote."""
        inputs = tuple(Input(each["tensor"], tuple(each["shape"]), each["dtype"]) for each in known["inputs"])
        entries, exits = (tuple(_border(each) for each in known[key]) for key in ("inputs", "outputs"))
        return cls(inputs, entries, exits, tuple(each["name"] for each in known["inputs"]))

    @property
    def axes(self) -> dict[str, list[int]]:
        """By the origin's names of the inputs."""
        return {name: list(border.axes) for name, border in zip(self.names, self.entries, strict=True)}

    def answer(self, ask: Callable[[Sequence[NDArray[Any]]], Sequence[NDArray[Any]]]) -> Answer:
        """The origin's answers as the converted model gives them; `ask` takes and gives columns, as the origin's."""

        def answer(values: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
            given = {b.index: _back(x, b.axes)[None] for b, x in zip(self.entries, values, strict=True)}
            found = ask([given[index] for index in sorted(given)])
            return [found[border.index][0].transpose(border.axes) for border in self.exits]

        return answer


def _border(known: dict[str, Any]) -> Border:
    return Border(known["index"], tuple(known["axes"]))


def _back(value: NDArray[Any], axes: Sequence[int]) -> NDArray[Any]:
    import numpy as np

    return np.ascontiguousarray(np.transpose(value, np.argsort(axes)))
