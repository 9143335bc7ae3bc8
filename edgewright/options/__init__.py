"""What each stage reads: one class a stage, of sections of the TOML files and of files on its command line.

The graph writes a stage's command from such a class (`words`), and the stage reads it by the same (`read`), so a stage
runs again when, and only when, something changes that its class has. Keys at their default are not written.
"""

from edgewright.options._base import Flag, StageOptions, read, sections, where, words

__all__ = ["Flag", "StageOptions", "read", "sections", "where", "words"]
