"""What of a target file no search may change: trials of other boards, or within other limits, share no front."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from edgewright.errors import UserError
from edgewright.files import canonical_json
from edgewright.search._space import Dimension
from edgewright.search._twice import Where
from edgewright.sections.section import Key
from edgewright.spec.target import Target

_WHICH: Mapping[Key, str] = {
    ("extends",): "which target it is",
    ("board",): "which target it is",
    ("model",): "which model is built",
    ("models",): "which model is built",
    ("search",): "what a search is",
}
"""Neither `over` nor `vary` may say these; what each tells."""

_APART: Mapping[Key, str] = {
    ("description",): "no more than a line for people",
    ("flash",): "how a board is programmed",
    ("budget",): "what must hold",
    ("measure", "transport"): "where figures come from",
    ("measure", "device"): "where figures come from",
}
"""All trials have the same; `over` may say these."""

_SEVERAL = "several targets are searched at once: edgewright search mcu,rpi MODEL"
_HINTS = {
    "which target it is": _SEVERAL,
    "where figures come from": _SEVERAL,
    "which model is built": "the command line names it",
    "what a search is": "--trials, --sampler and --seed say it on the command line: a search for each",
    "what must hold": "what comes of other limits, the front tells",
}
_FREE = tuple(name for name in Target.model_fields if (name,) not in {**_WHICH, **_APART})


def fixed_in_over(over: Mapping[str, Any], where: Where) -> Iterator[UserError]:
    """Faults of keys of `over` that make another target of one."""
    for name in over:
        if (name,) in _WHICH:
            yield _fault(where(("over", name)), _WHICH[(name,)], name)


def fixed(each: Dimension, where: str) -> UserError | None:
    """The fault of a key of `vary` that may not vary, as a whole or in a part that its values differ in."""
    for key, told in {**_WHICH, **_APART}.items():
        common = min(len(key), len(each.key))
        if key[:common] == each.key[:common] and _differs(each, key[common:]):
            return _fault(where, told, each.name)
    return None


def _differs(each: Dimension, rest: Key) -> bool:
    """Whether the part of its values at `rest` is not the same of all; they are as a whole where there is no rest."""
    return not rest or len({canonical_json(_part(value, rest)) for value in each.examples()}) > 1


def _part(value: Any, key: Key) -> Any:
    for part in key:
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _fault(where: str, told: str, got: str) -> UserError:
    problem = f"says {told}, which is the same of all trials"
    return UserError(where, problem, got=got, allowed=f"keys of {', '.join(_FREE)}", hint=_HINTS.get(told))
