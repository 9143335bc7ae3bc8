"""How symbols are ordered into groups and classes: what the encoder chooses, and the header tells."""

from __future__ import annotations

from dataclasses import dataclass

from edgewright.errors import UserError

MOST_GROUP = 62
"""Symbols of a group."""

FLAGS = 126
"""Contexts of zero flags."""

MOST_RUN = 0xFFFF


@dataclass(frozen=True, order=True)
class Form:
    """How zero flags are coded; see the package.

    Attributes:
        group: symbols that share a flag which says that all of them are zero; 1 for none.
        classes: how many kinds of groups have contexts of their own.
        run: groups of the same class that follow one another.
    """

    group: int = 1
    classes: int = 1
    run: int = 1

    @property
    def contexts(self) -> int:
        """Of its flags."""
        return self.classes + (2 * self.group if self.group > 1 else 0)

    def fits(self, count: int) -> bool:
        """Whether `count` symbols can be coded so."""
        known = 1 <= self.group <= MOST_GROUP and self.classes >= 1 and 1 <= self.run <= MOST_RUN
        return known and self.contexts <= FLAGS and count % self.group == 0

    def checked(self, count: int) -> Form:
        """Itself; UserError when `count` symbols cannot be coded so."""
        if not self.fits(count):
            limits = f"groups of 1..{MOST_GROUP} that divide {count:,} symbols, {FLAGS} contexts, runs of 1..{MOST_RUN}"
            raise UserError("form", "out of range", got=str(self), allowed=limits)
        return self


PLAIN = Form()
