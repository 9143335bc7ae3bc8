"""Examples with several parts: the inputs of a model with several, or its outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values: TypeAlias = "NDArray[Any] | Several"


@dataclass(frozen=True, eq=False)
class Several:
    """Arrays of one length by name, sliced and chosen from together: `len()` is the number of examples."""

    arrays: Mapping[str, NDArray[Any]]

    def __len__(self) -> int:
        """How many examples there are."""
        return len(next(iter(self.arrays.values())))

    def __getitem__(self, chosen: Any) -> Several:
        """Some examples: a slice, numbers, or a mask."""
        return Several({name: array[chosen] for name, array in self.arrays.items()})


def named(values: Values, names: list[str]) -> dict[str, NDArray[Any]]:
    """The arrays by name; an array alone is that of the only name."""
    return dict(values.arrays) if isinstance(values, Several) else {names[0]: values}


def for_keras(values: Values) -> Any:
    """As `fit` and `predict` of a Keras model take them: an array, or a dictionary by names of layers."""
    return dict(values.arrays) if isinstance(values, Several) else values


def each(values: Values) -> list[NDArray[Any]]:
    """The arrays alone, in their order."""
    return list(values.arrays.values()) if isinstance(values, Several) else [values]


def shape_of(values: Values) -> str:
    """The shape of an example for people."""
    if isinstance(values, Several):
        return ", ".join(f"{name} {array.shape[1:]}" for name, array in values.arrays.items())
    return f"{values.shape[1:]}"


def as_float32(values: Values) -> Values:
    """The same numbers as float32."""
    import numpy as np

    if isinstance(values, Several):
        return Several({name: array.astype(np.float32, copy=False) for name, array in values.arrays.items()})
    return values.astype(np.float32, copy=False)
