"""One thing that was looked at, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass

OK, MISSING, WRONG = "ok", "missing", "wrong"


@dataclass(frozen=True)
class Finding:
    """A line of the doctor's.

    Attributes:
        group: what it belongs to: "Python", "programs", ...
        name: what was looked at.
        state: OK, MISSING, or WRONG for what is there and does not do.
        text: what was found, or what is wrong: a version, a path, a size.
        purpose: what needs it.
        fix: what to do.
        needed: whether builds that were asked about fail without it.
    """

    group: str
    name: str
    state: str
    text: str = ""
    purpose: str = ""
    fix: str | None = None
    needed: bool = True

    @property
    def is_fault(self) -> bool:
        """Whether something has to be done."""
        return self.needed and self.state != OK
