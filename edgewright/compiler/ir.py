"""A model between graph and C: ordered steps, buffers with addresses, and what the whole needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from edgewright.compiler.memory.states import States, lay_out
from edgewright.kernels.call import Call, Const
from edgewright.kernels.core import Core
from edgewright.kernels.rows import Rows
from edgewright.kernels.weight_formats import UNPACKED
from edgewright.ops.made.rows import ROWS
from edgewright.sections.compile import Compile
from edgewright.tflite.graph import Graph, View

ALIGNMENT = 16
"""Bytes that the arena, and every buffer and scratch in it, is aligned to where the plan does not overlap them."""

_SECTION = Compile()


@dataclass(frozen=True)
class CompileOptions:
    """What a user may choose.

    Attributes:
        optimize: "speed", "size" or "balanced".
        variants: variant by layer number, where the user overrides the choice.
        without: names of rewrites to leave out.
        rounding: "tflm" or "litert": whose answers are given, to the bit, where the two differ.
        weights: how weights are stored: "raw", "lut", "sparse", "coded", "startup", "install", or "auto".
        layer_weights: the same by layer number, where it is not what `weights` says.
        flash_bytes: flash that "auto" may use, None for any.
        ram_bytes: RAM that "auto" and "coded" may use, None for any.
        beside_bytes: of the constants of models that are compiled beside this one.
        constant_bytes: of all constants, those of this model as its operators read them; None for any number.
        input: "whole": the model is given its input at once; "rows": row by row, and its first layers run by rows;
            "auto": so where the plan of the whole needs more than `ram_bytes`.
        coded_channels: whether biases and factors beside coded weights may be coded, too.
        memory: "least": the lowest arena is searched for; "quick": buffers are placed as they come, in no time.
    """

    optimize: str = _SECTION.optimize
    variants: Mapping[int, str] = field(default_factory=dict)
    without: frozenset[str] = frozenset()
    rounding: str = _SECTION.rounding
    weights: str = _SECTION.of_others
    layer_weights: Mapping[int, str] = field(default_factory=dict)
    flash_bytes: int | None = None
    ram_bytes: int | None = None
    beside_bytes: int = 0
    constant_bytes: int | None = None
    input: str = _SECTION.input
    coded_channels: bool = True
    memory: Literal["least", "quick"] = "least"


@dataclass(frozen=True)
class Weights:
    """How the weights of a layer are stored, and what that costs.

    Attributes:
        storage: "raw", "lut", "sparse", "coded"; "startup" or "install" where codes are unpacked before the model runs.
        bytes: constants of the layer: weights, tables, biases and factors.
        raw_bytes: the same, stored raw.
        extra_scratch_bytes: scratch more than with raw weights; below 0 for less.
        cycles, raw_cycles: estimates of a run, by the costs of the core (edgewright/arch/costs/).
        unpacked_bytes: RAM, or flash, that unpacked weights take beside.
        unpack_cycles: estimate of the unpacking.
    """

    storage: str
    bytes: int
    raw_bytes: int
    extra_scratch_bytes: int
    cycles: int
    raw_cycles: int
    unpacked_bytes: int = 0
    unpack_cycles: int = 0


@dataclass(frozen=True, eq=False)
class Step:
    """One node in the order of running; its number is its place in the list.

    Attributes:
        view: node and tensors.
        variant: chosen kernel variant.
        calls: kernel calls, in order.
        macs: multiply-accumulates.
        overlap: input index -> smallest safe address(input) - address(output 0); see `Op.overlap`.
        why: why this variant, in a few words.
        weights: how its weights are stored; None for operators whose weights are always raw.
    """

    view: View
    variant: str
    calls: tuple[Call, ...]
    macs: int
    overlap: Mapping[int, int]
    why: str = ""
    weights: Weights | None = None

    @property
    def constant_bytes(self) -> int:
        """Bytes of the constant arrays that its calls are given: weights, biases, factors, tables."""
        given = {id(a.data): a.data for call in self.calls for a in call.arguments if isinstance(a, Const)}
        return sum(int(data.nbytes) for data in given.values() if data is not None)

    @property
    def scratch_bytes(self) -> int:
        """Scratch that its calls share."""
        return max((call.scratch_bytes for call in self.calls), default=0)


@dataclass(frozen=True, eq=False)
class Buffer:
    """Tensors that are the same bytes: one tensor, or several through aliases (RESHAPE).

    Attributes:
        id: number of the first of its tensors.
        tensors: their numbers.
        bytes: size.
        first: step that writes it; -1 for an input of the model.
        last: last step that reads it; number of steps for an output of the model.
        input: place among the model's inputs, None for others.
        output: place among the model's outputs, None for others.
        outside: it never lies in the arena: an input that comes by rows.
        shrinks: (step, bytes): from which step on it holds no more, where it is the output of a kernel that wrote over
            a larger input; in order, bytes falling.
    """

    id: int
    tensors: tuple[int, ...]
    bytes: int
    first: int
    last: int
    input: int | None = None
    output: int | None = None
    outside: bool = False
    shrinks: tuple[tuple[int, int], ...] = ()

    def bytes_from(self, step: int) -> int:
        """Bytes that it holds during a step, and at most after it."""
        return next((size for first, size in reversed(self.shrinks) if first <= step), self.bytes)


@dataclass(frozen=True, eq=False)
class Schedule:
    """What the planner is given: buffers with life spans, steps with scratch and overlap facts (in a fixed order)."""

    steps: tuple[Step, ...]
    buffers: tuple[Buffer, ...]

    def buffer_of(self, tensor: int) -> Buffer | None:
        """The buffer that holds a tensor; None for constants."""
        return self._holders.get(tensor)

    @cached_property
    def _holders(self) -> Mapping[int, Buffer]:
        return {number: buffer for buffer in self.buffers for number in buffer.tensors}


@dataclass(frozen=True, eq=False)
class Plan:
    """Addresses in the arena.

    The model's inputs and outputs have addresses too: the caller may put them there (`<MODEL>_INPUT_OFFSET`,
    `<MODEL>_OUTPUT_OFFSET`) or anywhere outside the arena; both are safe.

    Attributes:
        offsets: buffer id -> byte offset.
        scratch: step number -> byte offset of its scratch.
        arena_bytes: size of the arena.
        peak_step: the step that sets the size, -1 when there is none.
        bound_bytes: no plan of these steps in this order needs less; equal to `arena_bytes` when that is proven to be
            the lowest.
        why: what stops the arena from being smaller, in one sentence.
    """

    offsets: Mapping[int, int]
    scratch: Mapping[int, int]
    arena_bytes: int
    peak_step: int
    bound_bytes: int = 0
    why: str = ""


@dataclass(frozen=True, eq=False)
class Program:
    """A model ready to be written as C."""

    name: str
    graph: Graph
    core: Core
    steps: tuple[Step, ...]
    buffers: tuple[Buffer, ...]
    plan: Plan

    @property
    def unpack(self) -> str | None:
        """When weights are unpacked: "startup", "install"; None where none are."""
        stored = {step.weights.storage for step in self.steps if step.weights}
        return next((when for when in UNPACKED if when in stored), None)

    @property
    def rows(self) -> Rows | None:
        """The layers that run by rows as the input comes; None where it comes whole."""
        found = (step.view.option(ROWS) for step in self.steps[:1] if step.view.node.op == "ROWS")
        return next(found, None)

    def place_of(self, tensor: int) -> int | None:
        """Where in the arena a tensor lies; None for an input that comes by rows."""
        buffer = next(each for each in self.buffers if tensor in each.tensors)
        return None if buffer.outside else self.plan.offsets[buffer.id]

    @cached_property
    def states(self) -> States:
        """Where its states lie."""
        return lay_out(self.graph)
