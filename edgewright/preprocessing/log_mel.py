"""log-mel: energies of mel bands as logarithms, frames of sound by TensorFlow Lite Micro's signal operators."""

from __future__ import annotations

from edgewright.preprocessing._plan import LEVELS, Plan
from edgewright.preprocessing._sound import Sound, sound_plan

GIVES = "rows"
OPTIONS = Sound


def plan(options: Sound, _shape: tuple[int, ...]) -> Plan:
    """Rows of `bands` levels of 0 to 255, sixteenths of a neper; UserError where a band holds no bin."""
    return sound_plan(options, options.bands, (0, LEVELS - 1))
