"""The configuration of a Keras 3 layer as tf-keras reads it."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

RENAMED = {"LeakyReLU": {"negative_slope": "alpha"}}
ACTIVATIONS = {"silu": "swish"}
"""Names of tf-keras for functions of another name."""

OTHERWISE = ("hard_sigmoid", "hard_silu", "hard_swish", "leaky_relu", "log_softmax", "relu6")
"""Activations that tf-keras lacks or computes by another formula: they become layers of their own."""

_OF_ALL = {"name", "trainable", "dtype"}


def translated(tf: Any, kind: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """The keys that the layer `kind` of tf-keras takes; initializers are left out, as the weights are set."""
    names = RENAMED.get(kind, {})
    taken = _parameters(getattr(tf.keras.layers, kind)) | _OF_ALL
    pairs = ((names.get(key, key), value) for key, value in config.items() if not key.endswith("_initializer"))
    return {key: _value(tf, value) for key, value in pairs if key in taken}


def activation_apart(config: Mapping[str, Any]) -> str | None:
    """The activation that has to become a layer of its own; None where tf-keras has the same."""
    name = config.get("activation")
    return name if name in OTHERWISE else None


def _parameters(kind: Any) -> set[str]:
    """Names of arguments of a layer's class and of those above it, as far as they pass theirs on."""
    found: set[str] = set()
    for each in kind.__mro__:
        parameters = inspect.signature(each.__init__).parameters if "__init__" in vars(each) else {}
        found |= {name for name, one in parameters.items() if one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)}
    return found - {"self"}


def _value(tf: Any, value: Any) -> Any:
    if isinstance(value, str):
        return ACTIVATIONS.get(value, value)
    if isinstance(value, list | tuple):
        return type(value)(_value(tf, item) for item in value)
    if not isinstance(value, dict) or "class_name" not in value:
        return value
    kind, config = str(value["class_name"]), value.get("config") or {}
    if kind.startswith("DTypePolicy"):
        return config["name"]
    if hasattr(tf.keras.layers, kind) and str(value.get("module", "")).startswith("keras.layers"):
        return {"class_name": kind, "config": translated(tf, kind, config)}
    return {"class_name": kind, "config": config}
