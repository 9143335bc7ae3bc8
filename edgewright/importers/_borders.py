"""How inputs and outputs of a converted model lie against those of its origin: in which order, with which axes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
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

    @property
    def as_json(self) -> dict[str, Any]:
        """As it is read again."""
        return {"index": self.index, "axes": list(self.axes)}

    def turned(self, order: Sequence[int] | None) -> Border:
        """The same with what is converted in another order of its axes."""
        return replace(self, axes=_turned(self.axes, order))


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
        """From what a converter's process wrote, or from `as_json`."""
        inputs = tuple(Input(each["tensor"], tuple(each["shape"]), each["dtype"]) for each in known["inputs"])
        entries, exits = (tuple(_border(each) for each in known[key]) for key in ("inputs", "outputs"))
        return cls(inputs, entries, exits, tuple(each["name"] for each in known["inputs"]))

    @property
    def as_json(self) -> dict[str, Any]:
        """As it is read again."""
        each = zip(self.inputs, self.entries, self.names, strict=True)
        inputs = [
            {"name": name, "tensor": own.name, "shape": list(own.shape), "dtype": own.dtype, **entry.as_json}
            for own, entry, name in each
        ]
        return {"inputs": inputs, "outputs": [border.as_json for border in self.exits]}

    def turned(self, inputs: Mapping[int, Sequence[int]], outputs: Mapping[int, Sequence[int]]) -> Borders:
        """The same of a converted model some of whose inputs and outputs have their axes in another order now."""
        shapes = [_turned(each.shape, inputs.get(place)) for place, each in enumerate(self.inputs)]
        return replace(
            self,
            inputs=tuple(replace(each, shape=shape) for each, shape in zip(self.inputs, shapes, strict=True)),
            entries=tuple(b.turned(inputs.get(place)) for place, b in enumerate(self.entries)),
            exits=tuple(b.turned(outputs.get(place)) for place, b in enumerate(self.exits)),
        )

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


def _turned(values: tuple[int, ...], order: Sequence[int] | None) -> tuple[int, ...]:
    return values if order is None else tuple(values[axis] for axis in order)


def _border(known: dict[str, Any]) -> Border:
    return Border(known["index"], tuple(known["axes"]))


def _back(value: NDArray[Any], axes: Sequence[int]) -> NDArray[Any]:
    import numpy as np

    return np.ascontiguousarray(np.transpose(value, np.argsort(axes)))
