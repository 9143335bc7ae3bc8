"""A program as C: data for the templates is prepared here, and the templates only lay it out."""

from __future__ import annotations

from edgewright.compiler.emit._write import Sources, emit

__all__ = ["Sources", "emit"]
