"""Lists of tensors, which loops of TensorFlow read their inputs from and gather their answers in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

KINDS = ("TensorListReserve", "TensorListFromTensor", "TensorListGetItem", "TensorListSetItem", "TensorListStack")


@dataclass(frozen=True)
class Items:
    """A list: its tensors, None where nothing was written, and the one that holds them all where there is one."""

    each: tuple[Any, ...]
    whole: Any = None

    @classmethod
    def of(cls, tf: Any, whole: Any) -> Items:
        """The parts of a tensor along its first axis."""
        return cls(tuple(tf.unstack(whole)), whole)


def done(tf: Any, operation: Any, values: Sequence[Any], refused: Exception) -> list[Any]:
    """What an operator on lists makes.

    Raises:
        Exception: `refused`, where a length or a place is not known, or what is read was not written.
    """
    kind = operation.type.removeprefix("TensorList")
    if kind == "FromTensor":
        return [Items.of(tf, values[0])]
    if kind == "Stack":
        return [_stacked(tf, values[0], refused)]
    if not hasattr(values[1], "numpy"):
        raise refused
    number = int(values[1])
    if kind == "Reserve":
        return [Items((None,) * number)]
    items = values[0].each
    if not 0 <= number < len(items) or (kind == "GetItem" and items[number] is None):
        raise refused
    return [items[number] if kind == "GetItem" else Items((*items[:number], values[2], *items[number + 1 :]))]


def _stacked(tf: Any, items: Items, refused: Exception) -> Any:
    if any(item is None for item in items.each):
        raise refused
    return tf.stack(items.each) if items.whole is None else items.whole
