"""A format for the weights of every layer that may choose, so that all of them fit into the flash that there is.

What runs in the fewest cycles (estimated by the core's costs) of all that fits is taken. A format brings code of its
own, the decoder above all, and that counts: for each set of formats the layers begin with their fastest one and then
give way where a byte costs the fewest cycles, until all fits; the best set is taken. What a move saves is counted in
two ways, without the code and with it: the first layer that is coded pays for the decoder of all, but a layer alone may
not be worth its kernel.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from edgewright.arch import Costs
from edgewright.compiler.ir import Step
from edgewright.compiler.select.candidate import RAW, Candidate, Candidates
from edgewright.compiler.select.price import estimate
from edgewright.kernels.core import Core
from edgewright.kernels.weight_formats import STORAGES, UNPACKED

FASTER = 0.9
"""A format takes the place of raw weights that fit if it needs at most this part of the cycles."""

Pick = dict[int, str]
"""Format by id of the node: a rewrite may make two of one operator of the file."""


def fastest_that_fits(layers: Mapping[int, Candidates], room: float, costs: Costs) -> Pick:
    """The fastest pick that fits into `room` bytes of flash; the smallest where none does."""
    others = (*STORAGES, "startup")
    sets = [(RAW, *some) for count in range(len(others) + 1) for some in combinations(others, count)]
    searches = [_Search(_only(layers, allowed), room, costs) for allowed in sets]
    picks = [(search, search.pick(with_code)) for search in searches for with_code in (False, True)]
    fitting = [(search, pick) for search, pick in picks if search.bytes(pick) <= room]
    if fitting:
        return min(fitting, key=lambda found: (found[0].cycles(found[1]), found[0].bytes(found[1])))[1]
    return min(picks, key=lambda found: found[0].bytes(found[1]))[1]


def _only(layers: Mapping[int, Candidates], allowed: Iterable[str]) -> Mapping[int, Candidates]:
    return {node: {name: each for name, each in found.items() if name in allowed} for node, found in layers.items()}


@dataclass(frozen=True, eq=False)
class _Search:
    """The search with some formats.

    Attributes:
        layers: candidates of each layer.
        room: bytes of flash.
        costs: of the core.
    """

    layers: Mapping[int, Candidates]
    room: float
    costs: Costs

    def pick(self, with_code: bool) -> Pick:
        """Each layer's fastest format, then smaller ones until all fits, or else the smallest that was seen."""
        pick = {node: _fastest(found) for node, found in self.layers.items()}
        seen = [pick]
        while self.bytes(pick) > self.room and (move := self._best_move(pick, with_code)):
            pick = {**pick, **move}
            seen.append(pick)
        return self._back(pick) if self.bytes(pick) <= self.room else min(seen, key=self.bytes)

    def cycles(self, pick: Pick) -> float:
        """Of all layers."""
        return sum(each.cycles for each in self._chosen(pick))

    def bytes(self, pick: Pick) -> float:
        """Constants and code."""
        chosen = self._chosen(pick)
        return sum(each.flash_bytes for each in chosen) + code_bytes(chosen, self.costs)

    def _chosen(self, pick: Pick) -> list[Candidate]:
        return [self.layers[node][name] for node, name in pick.items()]

    def _best_move(self, pick: Pick, with_code: bool) -> Pick:
        """The layer, and its smaller format, where a byte costs the fewest cycles; empty when there is none."""
        moves = [
            ((each.cycles - now.cycles) / less, node, name)
            for node, found in self.layers.items()
            for now in (found[pick[node]],)
            for name, each in found.items()
            if each.flash_bytes < now.flash_bytes and (less := self._saved(pick, node, each, with_code)) > 0
        ]
        return {min(moves)[1]: min(moves)[2]} if moves else {}

    def _saved(self, pick: Pick, node: int, each: Candidate, with_code: bool) -> float:
        """Bytes that another candidate of a layer is less than the one of a pick."""
        if with_code:
            return self.bytes(pick) - self.bytes({**pick, node: each.format})
        return self.layers[node][pick[node]].flash_bytes - each.flash_bytes

    def _back(self, pick: Pick) -> Pick:
        """The pick with layers that gave way for nothing as they were: the last moves made more room than needed."""
        for node, found in self.layers.items():
            faster = {**pick, node: _fastest(found)}
            if self.bytes(faster) <= self.room:
                pick = faster
        return pick


def _fastest(found: Candidates) -> str:
    best, raw = min(found.values(), key=lambda each: each.cycles), found[RAW]
    is_better = best.cycles <= FASTER * raw.cycles and best.flash_bytes < raw.flash_bytes
    return best.format if is_better else RAW


def code_bytes(chosen: Sequence[Candidate], costs: Costs) -> int:
    """Of all kernels that are needed: raw ones are out of line as a rule, the others are there once for each shape."""
    calls = [call for each in chosen for call in each.calls]
    bodies = {(call.kernel, call.shape if call.kernel.endswith(STORAGES) else ()) for call in calls}
    unpacking = costs.code.unpack if any(each.format in UNPACKED for each in chosen) else 0
    return unpacking + sum(costs.code_bytes(kernel) for kernel, _ in bodies)


def totals(steps: Sequence[Step], core: Core) -> tuple[float, int]:
    """(estimated cycles of all layers, bytes of their constants and code)."""
    found = [_candidate_of(step, core) for step in steps]
    code = core.costs.code.base + code_bytes(found, core.costs)
    return sum(each.cycles for each in found), sum(each.flash_bytes for each in found) + code


def _candidate_of(step: Step, core: Core) -> Candidate:
    if step.weights is None:
        return Candidate(RAW, step.variant, step.calls, estimate(step.view, step.calls, core))
    return Candidate(step.weights.storage, step.variant, step.calls, step.weights.cycles)
