"""Which kernel runs each layer, how its weights are stored, and where its data lie: one search (search.py)."""

from __future__ import annotations

from edgewright.compiler.select.by_rows import least_bytes
from edgewright.compiler.select.search import select

__all__ = ["least_bytes", "select"]
