"""What an error of TensorFlow's converter or quantizer says."""

from __future__ import annotations

import re
from collections.abc import Iterable

from edgewright.errors import UserError

_LACKING = re.compile(r"'tf\.(\w+)' op is neither a custom op nor a flex op")
_SPACE = re.compile(r"_?3D")
THREE_D = "what is 3-D has no int8 in TFLite: write it with 2-D layers, one axis as channels or as images of their own"
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


def unconverted(where: str, error: Exception, printed: str = "") -> UserError:
    """What to raise for an error of the converter: it names operators that TFLite has not, where that is all."""
    lacking = dict.fromkeys(_LACKING.findall(str(error)))
    if not lacking:
        return UserError(where, f"cannot be converted to TFLite: {gist(error, printed)[:600]}")
    otherwise = "take layers whose operators TFLite has (docs/operators.md)"
    return UserError(where, f"TFLite has no {', '.join(lacking)}", hint=hint_for(lacking, otherwise))


def hint_for(operators: Iterable[str], otherwise: str) -> str:
    """What to do about operators that do not become int8."""
    return THREE_D if any(_SPACE.search(each) for each in operators) else otherwise
