"""`[build]` of a model and of a target: what `build()` of model.py is called with."""

from __future__ import annotations

from typing import TypeAlias

from edgewright import kinds

Value: TypeAlias = bool | int | float | kinds.Line | list[int] | list[float] | list[kinds.Line]
"""One argument."""

Arguments: TypeAlias = dict[kinds.Constant, Value]
"""Keyword arguments, by their names."""
