"""Keras models that compute in half precision, as those with the same weights that compute in float32.

What a device runs is float32 or int8, and TensorFlow Lite has no convolution of another float.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

HALVES = frozenset({"float16", "bfloat16", "mixed_float16", "mixed_bfloat16"})
"""Types of layers, and policies for types, by the names that both versions of Keras know."""


def in_float32(model: Any) -> tuple[Any, list[str]]:
    """The model, made anew where layers of it compute in half precision; which types they had."""
    config = model.get_config()
    found = sorted(set[str](_halves(config)))
    if not found:
        return model, []
    made = type(model).from_config(_replaced(config))
    pairs = zip(model.get_weights(), made.get_weights(), strict=True)
    made.set_weights([old.astype(new.dtype) for old, new in pairs])
    return made, found


def _name(dtype: Any) -> str | None:
    """Of a type, or of a policy as both versions of Keras write it."""
    inner = dtype.get("config") if isinstance(dtype, Mapping) else None
    name = inner.get("name") if isinstance(inner, Mapping) else dtype
    return name if isinstance(name, str) else None


def _halves(value: Any) -> list[str]:
    if isinstance(value, list | tuple):
        return [name for item in value for name in _halves(item)]
    if not isinstance(value, Mapping):
        return []
    name = _name(value.get("dtype"))
    own = [name] if name in HALVES else []
    return own + [name for item in value.values() for name in _halves(item)]


def _replaced(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return type(value)(_replaced(item) for item in value)
    if not isinstance(value, Mapping):
        return value
    halved = {"dtype": "float32"} if _name(value.get("dtype")) in HALVES else {}
    return {key: _replaced(item) for key, item in value.items()} | halved
