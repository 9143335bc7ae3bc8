"""The ways to store a layer's weights, and what each costs.

Weights are coded in two ways: for a kernel that decodes them as it multiplies, where the operator has one, or for a raw
kernel, behind calls that decode its array into scratch. The cheaper is taken, scratch counted as `optimize` says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from edgewright import ops
from edgewright.compiler.choose import CYCLES_PER_BYTE, Choice, choose
from edgewright.compiler.lowered import CompileOptions, Weights
from edgewright.errors import UserError
from edgewright.kernels.core import Core
from edgewright.kernels.unpack import decoded, decoding_cycles, pieces_of, unpacked
from edgewright.kernels.weight_formats import DECISION_CYCLES, UNPACKED
from edgewright.tflite.graph import View

RAW_CYCLES = {"mve": 0.3, "winograd": 0.9, "dsp": 1.4, "m3": 2.5, "m0": 4.0, "ref": 4.7}
"""Of a multiply-accumulate, where an operator has no estimate of its own."""


@dataclass(frozen=True, eq=False)
class Way:
    """A way to store a layer's weights.

    Attributes:
        storage: its name.
        choice: variant and calls.
        cycles: estimate of a run on Cortex-M4.
        ram: bytes of RAM that the layer needs more than with raw weights, at most.
    """

    storage: str
    choice: Choice
    cycles: float
    ram: int = 0

    @property
    def bytes(self) -> int:
        """Constants, and in flash what they are unpacked to."""
        return self.choice.constant_bytes + (self.unpacked_bytes if self.storage == "install" else 0)

    @property
    def unpacked_bytes(self) -> int:
        """What codes are unpacked to before the model runs."""
        return sum(len(piece.image) for piece in pieces_of(self.choice.calls))

    @property
    def unpack_cycles(self) -> float:
        """An estimate of the unpacking, on Cortex-M4."""
        found = pieces_of(self.choice.calls)
        return sum(DECISION_CYCLES * piece.decisions + UNPACK_CYCLES * len(piece.image) for piece in found)


UNPACK_CYCLES = 60.0
"""Of an unpacked byte, beside its decisions (46 instructions, counted)."""

Ways = Mapping[str, Way]
"""By storage; always with "raw"."""


@dataclass(frozen=True)
class Spare:
    """RAM that there is beside what raw weights need.

    Attributes:
        layers: by id of the node, bytes that a layer may need more while it runs; any number where it is not named.
        startup: bytes that all layers together may unpack at start-up.
    """

    layers: Mapping[int, float] = field(default_factory=dict)
    startup: float = 0

    def of(self, view: View) -> float:
        """Of a layer."""
        return self.layers.get(id(view.node), float("inf"))

    def less(self, count: float) -> Spare:
        """So many bytes less, down to none."""
        layers = {node: max(room - count, 0) for node, room in self.layers.items()}
        return Spare(layers, max(self.startup - count, 0))


@dataclass(frozen=True, eq=False)
class Stored:
    """How a layer's weights are stored, what raw ones would be, and why."""

    way: Way
    raw: Way
    why: str

    @property
    def costs(self) -> Weights:
        """What it costs."""
        way, raw = self.way, self.raw
        return Weights(
            storage=way.storage,
            bytes=way.choice.constant_bytes,
            raw_bytes=raw.bytes,
            extra_scratch_bytes=way.choice.scratch_bytes - raw.choice.scratch_bytes,
            cycles=round(way.cycles),
            raw_cycles=round(raw.cycles),
            unpacked_bytes=way.unpacked_bytes,
            unpack_cycles=round(way.unpack_cycles),
        )


def ways(view: View, core: Core, options: CompileOptions, spare: Spare) -> Ways:
    """Every way in which the weights of a layer can be stored; "coded" is the better of two that fit into `spare`."""
    op = ops.get_for(view)
    raw, _ = choose(op, view, core, options)
    found = {"raw": raw_way(view, raw)}
    if view.node.index in options.variants:
        return found
    for storage in op.storages:
        if op.refuses(view, storage, core) is None:
            choice = Choice(storage, op.lower(view, storage), op.cycles(view, storage) or 0.0)
            found[storage] = _way(view, storage, choice, found["raw"])
    coding = _coding(view, found["raw"], core, options)
    if coding is not None:
        found |= {way.storage: way for way in _unpacked(coding)}
        if op.macs(view):
            both = [found["coded"]] if "coded" in found else []
            both.append(_decoded(view, coding, found["raw"]))
            found["coded"] = _better(both, spare.of(view), options)
    return found


def _way(view: View, storage: str, choice: Choice, raw: Way) -> Way:
    more = choice.scratch_bytes - raw.choice.scratch_bytes + _no_longer_shared(view, raw.choice.variant, choice.variant)
    return Way(storage, choice, choice.cycles or 0.0, max(more, 0))


def _no_longer_shared(view: View, raw: str, variant: str) -> int:
    """Bytes that input and output of the raw kernel may have in common, where those of the variant may have none."""
    if _shared(view, variant):
        return 0
    return max((min(view.input(i).bytes, view.output().bytes) for i in _shared(view, raw)), default=0)


def _shared(view: View, variant: str) -> set[int]:
    """Inputs that may lie where the output does."""
    op = ops.get_for(view)
    same = op.in_place(view, variant)
    return {*op.overlap(view, variant), *(() if same is None else (same,))}


def _coding(view: View, raw: Way, core: Core, options: CompileOptions) -> Choice | None:
    """The fastest kernel whose weights can be coded as they lie, with its arrays unpacked; None where there is none."""
    for choice in _raw_choices(view, raw, core, options):
        calls = unpacked(choice.calls)
        if calls is not None:
            return replace(choice, calls=calls, cycles=raw_way(view, choice).cycles)
    return None


def _raw_choices(view: View, raw: Way, core: Core, options: CompileOptions) -> Iterator[Choice]:
    """All kernels of a layer that take raw weights, the one that is chosen first."""
    yield raw.choice
    op = ops.get_for(view)
    for kernel in op.kernels_on(core):
        if kernel.name != raw.choice.variant:
            with suppress(UserError):
                yield choose(op, view, core, options, kernel.name)[0]


def _unpacked(coding: Choice) -> Iterator[Way]:
    """Codes that are unpacked once."""
    yield from (Way(storage, coding, coding.cycles or 0.0) for storage in UNPACKED)


def _decoded(view: View, coding: Choice, raw: Way) -> Way:
    """Codes that are decoded into scratch in each inference."""
    cycles = (coding.cycles or 0.0) + sum(map(decoding_cycles, pieces_of(coding.calls)))
    return _way(view, "coded", replace(coding, calls=decoded(coding.calls), cycles=cycles), raw)


def _better(found: Sequence[Way], spare: float, options: CompileOptions) -> Way:
    """The cheaper one of those that need no more RAM than there is; where none does, the one that needs least."""
    rate = CYCLES_PER_BYTE[options.optimize]
    fitting = [way for way in found if way.ram <= spare]
    return min(fitting, key=lambda w: w.cycles + rate * w.choice.bytes) if fitting else min(found, key=lambda w: w.ram)


def raw_way(view: View, choice: Choice) -> Way:
    """A layer with raw weights, of a kernel."""
    macs = ops.get_for(view).macs(view)
    return Way("raw", choice, choice.cycles or RAW_CYCLES.get(choice.variant, RAW_CYCLES["ref"]) * macs)


def raw_stored(view: View, choice: Choice) -> Stored:
    """The same as how its weights are stored."""
    raw = raw_way(view, choice)
    return Stored(raw, raw, "")
