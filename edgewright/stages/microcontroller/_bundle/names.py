"""What a bundle is called where a build system takes shorter names than C."""

from __future__ import annotations

COMPONENT = 32
"""Letters of a component's Csub in a CMSIS-Pack: CsubType of PACK.xsd 1.7."""

ARDUINO = 63
"""Letters of a library's name: Arduino's library specification."""

_DIGITS = 8


def short_name(name: str, letters: int, sha256: str) -> str:
    """A name of at most so many letters; a longer one ends in digits of the model's hash, and stays one of its own."""
    return name if len(name) <= letters else f"{name[: letters - _DIGITS - 1]}-{sha256[:_DIGITS]}"
