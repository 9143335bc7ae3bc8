"""The call of a kernel as data: the function, its shape, its arguments.

A kernel is one C function

    static inline void ew_<op>_s8_<variant>(const ew_<op>_s8_shape *shape, <arguments>);

`shape` holds what a kernel is specialised for: generated code wraps the kernel in one function for each distinct
shape, where it is a constant, and layers of equal shape share that function. The arguments differ from layer to
layer: operands, constant arrays, scratch, and numbers such as zero points. `Call` describes both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from edgewright.c_constants import PIECE_BYTES


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


PLAIN, PAIRS, TAPS, SHIFTED_TAPS, LISTS = range(5)


@dataclass(frozen=True)
class Packing:
    """Where weights lie in an array of something else too: [lead, body, tail] in bytes, again and again.

    Only bodies hold weights, in one of these forms:
        PLAIN: a byte each.
        PAIRS: bytes (low, high) that stand for 256 * high + low: high is one less where low < 0.
        TAPS: halfwords (w0, w1, w1, w2) for three weights, each doubled.
        SHIFTED_TAPS: the same, each shifted up by the last word of the lead.
        LISTS: none of these, but lists of the weights (blocks, channels, units) that are not zero. For each block the
            number of channels that have such; for each of them the channel, how many it has, and pairs (unit, weight).
            `lead` is then how many channels there are, `body` how many units, `tail` how many blocks.
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
    `packing` tells which bytes are weights, where not all are; `sums` are those of the rows of coded weights.
    """

    name: str
    data: NDArray[Any] | None
    note: str = ""
    ctype: str = "int8_t"
    packing: Packing | None = None
    sums: NDArray[Any] | None = None


@dataclass(frozen=True, eq=False)
class Piece:
    """An array as it is stored coded, for ew_weights_unpack.h.

    Attributes:
        image: its bytes, as they are when it is unpacked.
        code: its weights, coded.
        plain: its other bytes, lead and tail in turn; or their code.
        packing: where they go.
        decisions: binary decisions of the decoder.
        plain_is_coded: whether `plain` is the code of those bytes.
    """

    image: bytes
    code: bytes
    plain: bytes
    packing: Packing
    decisions: int
    plain_is_coded: bool = False

    @property
    def times(self) -> int:
        """How often lead, body and tail follow one another; bytes of all LISTS."""
        if self.packing.form == LISTS:
            return len(self.image)
        return len(self.image) // (self.packing.lead + self.packing.body + self.packing.tail)

    @property
    def plain_bytes(self) -> int:
        """Of the code of its other bytes; 0 where these stand as they are."""
        return len(self.plain) if self.plain_is_coded else 0

    @property
    def bytes(self) -> int:
        """What it takes of flash, with its record."""
        return len(self.code) + len(self.plain) + PIECE_BYTES


@dataclass(frozen=True, eq=False)
class Unpacked:
    """Argument: address of an array that is stored coded, and unpacked before the model runs.

    `lists` is the same array as LISTS, where it is such: smaller, but only what decodes into scratch makes them.
    """

    name: str
    piece: Piece
    ctype: str = "int8_t"
    lists: Piece | None = None


@dataclass(frozen=True)
class Scalar:
    """Argument: a number known at build time."""

    name: str
    value: int | float
    ctype: str = "int32_t"


@dataclass(frozen=True)
class Scratch:
    """Argument: address of `bytes` of the arena that are a step's until its last call returns, aligned to 8 bytes.

    All calls of a step share its scratch; `offset` tells the place in it, a multiple of 8. `is_read` says that the
    kernel only reads: weights that an earlier call decoded there, or rows of an image.
    """

    name: str
    bytes: int
    ctype: str = "int8_t"
    offset: int = 0
    is_read: bool = False


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
        constant: fields of the shape that the kernel takes as constants where one function serves several shapes;
            others it reads from memory about as fast, so that such functions are worth their bytes. None where speed
            hangs on the whole shape.
        work: how much it does, as counts by name, of which a core's costs have the cycles each. None for kernels whose
            place in the core's order of kernels decides when they are taken.
    """

    kernel: str
    shape_type: str
    shape: tuple[tuple[str, int], ...]
    arguments: tuple[Argument, ...]
    may_fail: bool = False
    constant: tuple[str, ...] | None = None
    work: Mapping[str, float] | None = None

    @property
    def scratch_bytes(self) -> int:
        """Bytes of scratch that it reaches into, 0 for none."""
        return max((a.offset + a.bytes for a in self.arguments if isinstance(a, Scratch)), default=0)
