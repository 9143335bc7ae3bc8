"""What an error of TensorFlow's converter or quantizer says."""

from __future__ import annotations

import re

_TRACED_AT = re.compile(r"^\S+?(?::\d+)+: ")
"""Where in our own code the function that is converted was traced, which tells a user nothing."""


def gist(error: Exception, printed: str = "") -> str:
    """The lines that say what is wrong: the first, and those that name operators.

    Args:
        error: what was raised.
        printed: what was printed meanwhile, which tells where the error has no text: MLIR's lines begin with loc(.
    """
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    telling = [line for line in lines[1:] if "not supported" in line or "error:" in line or "tf." in line]
    if not lines:
        telling = [line for line in printed.splitlines() if line.startswith("loc(")]
    return "; ".join(_TRACED_AT.sub("", line) for line in (*lines[:1], *telling[:3])) or type(error).__name__
