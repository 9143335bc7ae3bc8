"""Edgewright: an edge-deployment build system on SCons."""

__version__ = "0.1.0"
