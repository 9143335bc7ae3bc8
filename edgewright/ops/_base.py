"""What an operator is to the compiler: checks, shapes, the kernel call, and facts for the memory planner.

An operator is one module `edgewright/ops/<op>.py`, named for the TFLite operator (CONV_2D -> conv_2d.py), with one
object `OP` of a class derived from `Op`, and its kernels `firmware/kernels/<op>_s8_<variant>.h`.

A kernel is one C function

    static inline void ew_<op>_s8_<variant>(const ew_<op>_s8_shape *shape, <arguments>);

`shape` holds what a kernel is specialised for: generated code wraps the kernel in one function for each distinct
shape, where it is a constant, and layers of equal shape share that function. The arguments differ from layer to
layer: operands, constant arrays, scratch, and numbers such as zero points. `Call` describes both.

Variants: `ref` is portable C99 and always there. A core lists the variants that its instructions allow, best first
(`Core.variants`). For each layer the compiler takes the first one for which there is a kernel file, for which
`Op.refuses` gives no reason against, and which is not overridden. A variant with the same arguments as `ref` needs
its kernel file only. One that wants other arguments (weights packed at build time, scratch) adds a method
`lower_<variant>(view)` to the operator.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from edgewright.arch import architecture_of
from edgewright.tflite.graph import View

HOST = "host"


@dataclass(frozen=True)
class Core:
    """What the compiler knows of a processor core.

    Attributes:
        name: for instance "cortex-m4"; "host" for the machine that builds.
        arch: as an architecture takes it (edgewright/arch/), for instance "armv7e-m"; or "host".
        has_dsp: has the DSP instructions (SMLAD ...).
        has_mve: has integer Helium.
    """

    name: str = "host"
    arch: str = HOST
    has_dsp: bool = False
    has_mve: bool = False

    @property
    def variants(self) -> tuple[str, ...]:
        """Kernel variants that run on the core, best first; always ends in "ref"."""
        if self.arch == HOST:
            return ("ref",)
        return (*architecture_of(self.arch).variants(self.arch, self.has_dsp, self.has_mve), "ref")


@dataclass(frozen=True)
class Input:
    """Argument: address of the node's input `index`, or of the element `offset` in it."""

    name: str
    index: int = 0
    ctype: str = "int8_t"
    offset: int = 0


@dataclass(frozen=True)
class Output:
    """Argument: address of the node's output `index`, or of the element `offset` in it."""

    name: str
    index: int = 0
    ctype: str = "int8_t"
    offset: int = 0


PLAIN, PAIRS, TAPS, SHIFTED_TAPS = range(4)


@dataclass(frozen=True)
class Packing:
    """Where weights lie in an array of something else too: [lead, body, tail] in bytes, again and again.

    Only bodies hold weights, in one of these forms:
        PLAIN: a byte each.
        PAIRS: bytes (low, high) that stand for 256 * high + low: high is one less where low < 0.
        TAPS: halfwords (w0, w1, w1, w2) for three weights, each doubled.
        SHIFTED_TAPS: the same, each shifted up by the last word of the lead.
    """

    lead: int
    body: int
    tail: int
    form: int = PAIRS

    @property
    def symbols(self) -> int:
        """Weights in a body."""
        return self.body * 3 // 8 if self.form in (TAPS, SHIFTED_TAPS) else self.body


@dataclass(frozen=True, eq=False)
class Const:
    """Argument: address of a constant array, flat, of its dtype; equal arrays of a model are stored once.

    `data` None passes a null pointer. `note` says in a few words what the array holds, for its comment in the C file.
    `packing` tells which bytes are weights, where not all are.
    """

    name: str
    data: NDArray[Any] | None
    note: str = ""
    ctype: str = "int8_t"
    packing: Packing | None = None


@dataclass(frozen=True, eq=False)
class Piece:
    """An array as it is stored coded, for firmware/kernels/ew_weights_unpack.h.

    Attributes:
        image: its bytes, as they are when it is unpacked.
        code: its weights, coded.
        plain: its other bytes, lead and tail in turn.
        packing: where they go.
        decisions: binary decisions of the decoder.
    """

    image: bytes
    code: bytes
    plain: bytes
    packing: Packing
    decisions: int

    @property
    def times(self) -> int:
        """How often lead, body and tail follow one another."""
        return len(self.image) // (self.packing.lead + self.packing.body + self.packing.tail)

    @property
    def bytes(self) -> int:
        """What it takes of flash, with its record."""
        return len(self.code) + len(self.plain) + PIECE_BYTES


PIECE_BYTES = 32
"""sizeof(ew_weights_piece) where pointers have four bytes."""


@dataclass(frozen=True, eq=False)
class Unpacked:
    """Argument: address of an array that is stored coded, and unpacked before the model runs."""

    name: str
    piece: Piece
    ctype: str = "int8_t"


@dataclass(frozen=True)
class Scalar:
    """Argument: a number known at build time."""

    name: str
    value: int | float
    ctype: str = "int32_t"


@dataclass(frozen=True)
class Scratch:
    """Argument: address of `bytes` of the arena that are a step's until its last call returns, aligned to 8 bytes.

    All calls of a step share its scratch; `offset` tells the place in it, a multiple of 8. `holds_weights` says that an
    earlier call of the step decoded them there, and that the kernel only reads.
    """

    name: str
    bytes: int
    ctype: str = "int8_t"
    offset: int = 0
    holds_weights: bool = False


@dataclass(frozen=True)
class Variable:
    """Argument: address of the node's input `index`, a state of the model, which the kernel reads and writes."""

    name: str
    index: int
    ctype: str = "int8_t"


Argument = Input | Output | Const | Unpacked | Scalar | Scratch | Variable


@dataclass(frozen=True, eq=False)
class Call:
    """The call of one kernel: a node is lowered to one or more of them.

    Attributes:
        kernel: kernel file's stem and, with "ew_" before it, C function: "conv_2d_s8_ref".
        shape: fields of the kernel's shape struct `ew_<op>_s8_shape` with their values, in order of declaration.
            The struct is the type of the kernel's first parameter; `shape_type` names it.
        arguments: in the order of the kernel's parameters.
        shape_type: C type of the shape struct.
        may_fail: the kernel returns an ew_status: weights that it decodes may be broken.
    """

    kernel: str
    shape_type: str
    shape: tuple[tuple[str, int], ...]
    arguments: tuple[Argument, ...]
    may_fail: bool = False

    @property
    def scratch_bytes(self) -> int:
        """Bytes of scratch that it reaches into, 0 for none."""
        return max((a.offset + a.bytes for a in self.arguments if isinstance(a, Scratch)), default=0)


class Op(ABC):
    """An operator. Its methods are pure; those other than `check` are called with checked nodes only."""

    name: ClassVar[str]
    """TFLite's name: "CONV_2D"."""

    versions: ClassVar[range] = range(1, 2)
    """Versions of the operator whose semantics the kernels have."""

    inputs: ClassVar[range] = range(1, 2)
    """How many inputs a node may have."""

    outputs: ClassVar[range] = range(1, 2)
    """How many outputs a node may have."""

    is_variadic: ClassVar[bool] = False
    """Whether inputs beyond the least number are further ones of their kind, of which none may be left out."""

    dtypes: ClassVar[tuple[str, ...]] = ("int8",)
    """Types of the data that it takes; the type that weights, indices and the like have goes without saying."""

    oracle: ClassVar[str] = "TFLM"
    """What the operator is tested against: "TFLM", or "LiteRT" where TensorFlow Lite Micro does not run it."""

    storages: ClassVar[tuple[str, ...]] = ()
    """Ways to store weights, other than raw, that there are variants for; see `_weights`."""

    @abstractmethod
    def check(self, view: View) -> Iterable[str]:
        """What is wrong or not supported with the node: one sentence each, lower case; nothing when all is well.

        Called after the counts of inputs and outputs are known to be in `inputs` and `outputs`.
        """

    @abstractmethod
    def lower_ref(self, view: View) -> tuple[Call, ...]:
        """The calls of portable kernels: one for most operators, several where an operator works piece by piece."""

    def lower(self, view: View, variant: str) -> tuple[Call, ...]:
        """The calls of a variant: `lower_<variant>` if the class has it, else those of `ref` with the other kernel."""
        method = getattr(self, f"lower_{variant}", None)
        if method is not None:
            lowered: tuple[Call, ...] = method(view)
            return lowered
        return tuple(
            replace(call, kernel=call.kernel.removesuffix("_ref") + f"_{variant}") for call in self.lower_ref(view)
        )

    def kernel_stem(self, view: View) -> str:
        """What the names of the operator's kernel files begin with, before "_<variant>.h"."""
        return f"{self.name.lower()}_s8"

    def refuses(self, view: View, variant: str, core: Core) -> str | None:
        """Why this variant cannot do this node, or None when it can."""
        return None

    def macs(self, view: View) -> int:
        """Multiply-accumulates of one run."""
        return 0

    def cycles(self, view: View, variant: str) -> float | None:
        """An estimate of the cycles of one run, for the choice between variants that gain speed for memory.

        By the model of Cortex-M4 with memory that never waits. None where the core's order of variants decides.
        """
        return None

    def alias(self, view: View) -> int | None:
        """The input whose bytes the output is (RESHAPE), or None.

        An alias is not lowered: planner and emitter give both tensors one address.
        """
        return None

    def overlap(self, view: View, variant: str) -> Mapping[int, int]:
        """How far an input and output 0 may share memory while the kernel runs, by input index.

        The value d says: it is safe when `address(input) - address(output) >= d`, and when they do not overlap at all.
        d <= 0 includes in place (equal addresses). Inputs that are not in the mapping must not overlap the output.
        d holds for each input by itself while the others stay clear of the output; two inputs may both overlap the
        output when both keep their distance. It comes from the exact order of the kernel's reads and writes
        (`write_distance`), after Blacker et al., "Diagonal memory optimisation", 2020 (arXiv 2010.01668).
        """
        return {}

    def in_place(self, view: View, variant: str) -> int | None:
        """The input that may have the very address of output 0 where `overlap` allows nothing nearby, or None.

        For kernels that go through memory in an order that only equal addresses survive. Input and output have the
        same size. The compiler gives both one buffer where the node is the input's last reader.
        """
        return None


def write_distance(written: Sequence[int] | NDArray[np.int64], needed: Sequence[int] | NDArray[np.int64]) -> int:
    """The smallest safe `address(input) - address(output)` of a kernel that works block by block.

    Args:
        written: for each block in order, end of the output bytes that are written when the block is done.
        needed: for each block, the lowest input byte that is still read after the block's first write; a huge number
            where nothing is read any more.

    Returns: max over blocks of written - needed. It may be far below 0: any overlap is safe then.
    """
    return int(np.max(np.asarray(written, np.int64) - np.asarray(needed, np.int64)))
