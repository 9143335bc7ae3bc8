"""What a candidate for every layer takes of the flash, kept up to date as single layers change theirs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from edgewright.arch import Costs
from edgewright.compiler.select.candidate import UNPACKING, Body, Candidate


class Whole:
    """Candidates of all layers, by a key of each, and their bytes of constants and code.

    Args:
        chosen: the candidates; to be changed by `change` alone.
        costs: of the core.
    """

    def __init__(self, chosen: Mapping[int, Candidate], costs: Costs) -> None:
        self.chosen = dict(chosen)
        self._costs = costs
        self._users = Counter(body for each in chosen.values() for body in each.bodies)
        self.bytes = sum(each.flash_bytes for each in chosen.values())
        self.bytes += sum(_size(body, costs) for body in self._users)

    @property
    def cycles(self) -> float:
        """Of all layers."""
        return sum(each.cycles for each in self.chosen.values())

    def copy(self) -> Whole:
        """The same, to be kept."""
        same = Whole({}, self._costs)
        same.chosen, same._users, same.bytes = dict(self.chosen), self._users.copy(), self.bytes
        return same

    def saved(self, layer: int, other: Candidate) -> int:
        """Bytes that the whole takes less with another candidate of a layer."""
        now = self.chosen[layer]
        old, new = now.bodies, other.bodies
        gone = sum(_size(body, self._costs) for body in old - new if self._users[body] == 1)
        brought = sum(_size(body, self._costs) for body in new - old if not self._users[body])
        return now.flash_bytes - other.flash_bytes + gone - brought

    def change(self, layer: int, other: Candidate) -> frozenset[Body]:
        """Give a layer another candidate; the code of which others may now pay more or less."""
        self.bytes -= self.saved(layer, other)
        old, new = self.chosen[layer].bodies, other.bodies
        self.chosen[layer] = other
        self._users.subtract(old - new)
        self._users.update(new - old)
        return frozenset({b for b in old - new if self._users[b] < 2} | {b for b in new - old if self._users[b] < 3})


def code_bytes(chosen: Iterable[Candidate], costs: Costs) -> int:
    """Of all the code that candidates need."""
    return sum(_size(body, costs) for body in {body for each in chosen for body in each.bodies})


def _size(body: Body, costs: Costs) -> int:
    return costs.code.unpack if body == UNPACKING else costs.code_bytes(body[0])
