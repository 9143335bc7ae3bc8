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
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import ClassVar

from edgewright.kernels.call import Call
from edgewright.kernels.core import Core
from edgewright.tflite.graph import View


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
