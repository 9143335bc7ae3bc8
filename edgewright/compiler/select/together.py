"""The kernels of all layers with raw weights, chosen together: code is there once for all of them, and so is RAM.

RAM is what the layer needs that needs most, for its inputs, its outputs and its scratch; the others' scratch is for
nothing. (The arena may be larger, where other tensors are alive.)

Every layer begins with the kernel that is best by itself. Then, again and again, each layer takes what costs least
beside what the others have, or a kernel goes whose layers do without it for less than its code costs: whichever lowers
the price of the whole the most.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from edgewright.compiler.ir import CompileOptions
from edgewright.compiler.select.candidate import Candidate
from edgewright.compiler.select.kernels import Kernels, kernels_for, shared_inputs
from edgewright.compiler.select.price import cycles_per_byte
from edgewright.kernels.core import Core
from edgewright.kernels.record import REF
from edgewright.tflite.graph import View

Body = tuple[str, object]
"""Code that there is once: of a kernel, and of portable ones of a shape."""


def best_kernels(views: Sequence[View], core: Core, options: CompileOptions) -> Mapping[int, tuple[Candidate, str]]:
    """By id of the node, (the candidate with raw weights, why).

    Raises:
        UserError: as `kernels_for`.
    """
    layers = [kernels_for(view, core, options) for view in views]
    ways = [
        [_way(view, each, core, options) for each in layer.found] for view, layer in zip(views, layers, strict=True)
    ]
    picks = _picks(layers, ways, options)
    return {id(view.node): found for view, found in zip(views, picks, strict=True)}


def _picks(
    layers: Sequence[Kernels], ways: Sequence[Sequence[_Way]], options: CompileOptions
) -> Iterator[tuple[Candidate, str]]:
    model = _Model(ways, [min(each, key=lambda way: way.alone) for each in ways])
    while (better := model.better).price < model.price:
        model = better
    for index, (layer, pick) in enumerate(zip(layers, model.picks, strict=True)):
        brought = {id(way.candidate): model.brought(index, way) for way in ways[index]}
        yield pick.candidate, layer.why(pick.candidate, options, brought)


def _way(view: View, each: Candidate, core: Core, options: CompileOptions) -> _Way:
    rate = cycles_per_byte(options)
    price = each.cycles + rate * each.constant_bytes
    return _Way(each, price, _bodies(each, core), _alive(view, each.variant) + each.scratch_bytes, rate)


def _alive(view: View, variant: str) -> int:
    """Bytes of a node's inputs and output, as far as they cannot be the same."""
    inputs = [each.bytes for each in view.inputs if each is not None and not each.is_constant]
    found = sum(inputs) + view.output().bytes
    return found - max((min(view.input(i).bytes, view.output().bytes) for i in shared_inputs(view, variant)), default=0)


@dataclass(frozen=True, eq=False)
class _Way:
    """A way to run a layer.

    Attributes:
        price: of its cycles and constants.
        bodies: bytes of its code.
        memory: bytes of RAM while it runs.
        rate: what a byte costs.
    """

    candidate: Candidate
    price: float
    bodies: Mapping[Body, int]
    memory: int
    rate: float

    @property
    def alone(self) -> float:
        """Its price for a layer that shares nothing."""
        return self.price + self.rate * self.candidate.scratch_bytes


@dataclass(frozen=True, eq=False)
class _Model:
    """The ways that all layers have, and what each takes."""

    ways: Sequence[Sequence[_Way]]
    picks: Sequence[_Way]

    @cached_property
    def users(self) -> Counter[Body]:
        """Layers of each piece of code that there is."""
        return Counter(body for pick in self.picks for body in pick.bodies)

    @cached_property
    def price(self) -> float:
        """Of the whole."""
        shared = {body: size * pick.rate for pick in self.picks for body, size in pick.bodies.items()}
        shared["RAM", ()] = max((pick.memory * pick.rate for pick in self.picks), default=0)
        return sum(pick.price for pick in self.picks) + sum(shared.values())

    @property
    def better(self) -> _Model:
        """The best of what one step leads to."""
        free = [body for body in self.users if self._is_choice(body)]
        return min((self._one_by_one(), *map(self._without, free)), key=lambda model: model.price)

    def brought(self, index: int, way: _Way) -> int:
        """Bytes of code and RAM that a layer brings with a way, and no other layer has."""
        own = self.picks[index].bodies
        code = sum(size for body, size in way.bodies.items() if self.users[body] == int(body in own))
        return code + max(way.memory - self._most_of_others(index), 0)

    @cached_property
    def _largest(self) -> tuple[int, int]:
        """The two largest needs of RAM."""
        first, second = sorted((0, 0, *(pick.memory for pick in self.picks)))[-2:]
        return second, first

    def _most_of_others(self, index: int) -> int:
        largest, second = self._largest
        return second if self.picks[index].memory == largest else largest

    def _is_choice(self, body: Body) -> bool:
        """Whether all layers could do without some code."""
        return all(any(body not in way.bodies for way in layer) for layer in self.ways)

    def _one_by_one(self) -> _Model:
        """Each layer in turn takes what costs least beside what the others have."""
        model = self
        for index, layer in enumerate(self.ways):
            if len(layer) > 1:
                model = model._with(index, layer)
        return model

    def _without(self, body: Body) -> _Model:
        """The layers that have some code take what costs least of what does without it."""
        model = self
        for index, layer in enumerate(self.ways):
            if body in self.picks[index].bodies:
                model = model._with(index, [way for way in layer if body not in way.bodies])
        return model

    def _with(self, index: int, layer: Sequence[_Way]) -> _Model:
        best = min(layer, key=lambda way: way.price + way.rate * self.brought(index, way))
        if best is self.picks[index]:
            return self
        return _Model(self.ways, [*self.picks[:index], best, *self.picks[index + 1 :]])


def _bodies(each: Candidate, core: Core) -> Mapping[Body, int]:
    found = {(call.kernel, call.shape if call.kernel.endswith(f"_{REF}") else ()): call.kernel for call in each.calls}
    return {body: core.costs.code_bytes(kernel) for body, kernel in found.items()}
