"""A format for the weights of every layer that may choose, so that all of them fit into the flash that there is.

What runs in the fewest cycles (estimated by the core's costs) of all that fits is taken. A format brings code of its
own, the decoder above all, and that counts: for each set of formats the layers begin with their fastest one and then
give way where a byte costs the fewest cycles, until all fits; the best set is taken. What a move saves is counted in
two ways, without the code and with it: the first layer that is coded pays for the decoder of all, but a layer alone may
not be worth its kernel.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, combinations

from edgewright.arch import Costs
from edgewright.compiler.ir import Step
from edgewright.compiler.select.candidate import RAW, Candidate, Candidates
from edgewright.compiler.select.price import estimate
from edgewright.compiler.select.whole import Whole, code_bytes
from edgewright.kernels.core import Core
from edgewright.kernels.weight_formats import STORAGES

FASTER = 0.9
"""A format takes the place of raw weights that fit if it needs at most this part of the cycles."""

Pick = dict[int, str]
"""Format by id of the node: a rewrite may make two of one operator of the file."""


def fastest_that_fits(layers: Mapping[int, Candidates], room: float, costs: Costs) -> Pick:
    """The fastest pick that fits into `room` bytes of flash; the smallest where none does."""
    picks = [_pick(some, room, costs, with_code) for some in _with_some_formats(layers) for with_code in (False, True)]
    fitting = [pick for pick in picks if pick.bytes <= room]
    best = min(fitting, key=lambda pick: (pick.cycles, pick.bytes)) if fitting else min(picks, key=_bytes)
    return {node: each.format for node, each in best.chosen.items()}


def _with_some_formats(layers: Mapping[int, Candidates]) -> Iterator[Mapping[int, Candidates]]:
    """The layers with each set of formats that they may have; raw weights are in all of them."""
    others = [name for name in (*STORAGES, "startup") if any(name in found for found in layers.values())]
    for some in chain.from_iterable(combinations(others, count) for count in range(len(others) + 1)):
        yield {node: {name: found[name] for name in found if name in (RAW, *some)} for node, found in layers.items()}


def _pick(layers: Mapping[int, Candidates], room: float, costs: Costs, with_code: bool) -> Whole:
    """Each layer's fastest format, then smaller ones until all fits, or else the smallest that was seen."""
    whole = Whole({node: _fastest(found) for node, found in layers.items()}, costs)
    moves, best = _Moves(layers, whole, with_code), whole.copy()
    while whole.bytes > room and moves.make_best():
        best = whole.copy() if whole.bytes < best.bytes else best
    return _back(layers, whole, room) if whole.bytes <= room else best


class _Moves:
    """For each layer the move that costs the fewest cycles a byte, found anew where others' moves change it.

    Args:
        layers: candidates of each layer.
        whole: what is moved.
        with_code: the code that comes and goes counts, too.
    """

    def __init__(self, layers: Mapping[int, Candidates], whole: Whole, with_code: bool) -> None:
        self._layers = layers
        self._whole = whole
        self._with_code = with_code
        self._code = {
            node: frozenset(body for each in found.values() for body in each.bodies) for node, found in layers.items()
        }
        self._best = {node: self._best_of(node) for node in layers}

    def make_best(self) -> bool:
        """Move the layer where a byte costs least; whether there was one. Of equals it is the first."""
        able = {node: move for node, move in self._best.items() if move is not None}
        if not able:
            return False
        moved = min(able, key=lambda node: able[node][0])
        shared = self._whole.change(moved, self._layers[moved][able[moved][1]])
        for node in self._layers:
            if node == moved or (self._with_code and not shared.isdisjoint(self._code[node])):
                self._best[node] = self._best_of(node)
        return True

    def _best_of(self, node: int) -> tuple[float, str] | None:
        """(cycles a byte, format) of the best move to what is smaller."""
        now = self._whole.chosen[node]
        moves = [
            ((each.cycles - now.cycles) / less, name)
            for name, each in self._layers[node].items()
            if each.flash_bytes < now.flash_bytes and (less := self._saved(node, each)) > 0
        ]
        return min(moves, default=None)

    def _saved(self, node: int, each: Candidate) -> int:
        if self._with_code:
            return self._whole.saved(node, each)
        return self._whole.chosen[node].flash_bytes - each.flash_bytes


def _back(layers: Mapping[int, Candidates], whole: Whole, room: float) -> Whole:
    """Layers that gave way for nothing are as they were: the last moves made more room than needed."""
    for node, found in layers.items():
        fastest = _fastest(found)
        if whole.bytes - whole.saved(node, fastest) <= room:
            whole.change(node, fastest)
    return whole


def _bytes(whole: Whole) -> int:
    return whole.bytes


def _fastest(found: Candidates) -> Candidate:
    best, raw = min(found.values(), key=lambda each: each.cycles), found[RAW]
    return best if best.cycles <= FASTER * raw.cycles and best.flash_bytes < raw.flash_bytes else raw


def totals(steps: Sequence[Step], core: Core) -> tuple[float, int]:
    """(estimated cycles of all layers, bytes of their constants and code)."""
    found = [_candidate_of(step, core) for step in steps]
    code = core.costs.code.base + code_bytes(found, core.costs)
    return sum(each.cycles for each in found), sum(each.flash_bytes for each in found) + code


def _candidate_of(step: Step, core: Core) -> Candidate:
    if step.weights is None:
        return Candidate(RAW, step.variant, step.calls, estimate(step.view, step.calls, core))
    return Candidate(step.weights.storage, step.variant, step.calls, step.weights.cycles)
