"""What a build keeps for the next one beside its artifacts: times are in it, so that no two are alike."""

from __future__ import annotations

from edgewright import live, times

BOOKS = frozenset({".sconsign.dblite", ".contents.json", live.FILE, times.FILE})
"""Names of files in build/: SCons' record, that of contents, what is told while it runs, what stages took."""
