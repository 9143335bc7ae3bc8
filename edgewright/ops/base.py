"""What an operator is to the compiler: checks, shapes, its kernels, and facts for the memory planner.

An operator is a folder `edgewright/ops/<op>/`, named for the TFLite operator (CONV_2D -> conv_2d). Its `__init__.py`
has one object `OP` of a class derived from `Op`: what a node must be, and the calls of its portable kernel, which is
always there. Further modules of the folder hold

    KERNELS    records (kernels/record.py) of faster kernels, and of those whose weights are stored in other ways
    TYPED      operators of the same name for data of other types

and are found by being there. C headers lie in `firmware/kernels/<op>/`. A core has instruction sets (`Core.isas`), best
first. For each layer the compiler takes the first kernel in their order that supports it, unless an estimate says that
another one is worth more, or the user names one.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import ClassVar

from edgewright.errors import UserError
from edgewright.kernels.call import Call
from edgewright.kernels.core import Core
from edgewright.kernels.record import DIRECT, RAW, Kernel
from edgewright.kernels.weight_formats import STORAGES
from edgewright.ops.folder import kernels_of
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

    @abstractmethod
    def check(self, view: View) -> Iterable[str]:
        """What is wrong or not supported with the node: one sentence each, lower case; nothing when all is well.

        Called after the counts of inputs and outputs are known to be in `inputs` and `outputs`.
        """

    @property
    def files(self) -> tuple[str, ...]:
        """Headers of its portable kernels, without their suffix."""
        return (f"{self.name.lower()}_s8_ref",)

    @abstractmethod
    def lower_ref(self, view: View) -> tuple[Call, ...]:
        """The calls of portable kernels: one for most operators, several where an operator works piece by piece."""

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        """`Kernel.overlap` of portable kernels."""
        return {}

    @cached_property
    def kernels(self) -> tuple[Kernel, ...]:
        """All its kernels, by name; the portable one first."""
        portable = Kernel(
            self.name,
            self.files,
            self.lower_ref,
            dtypes=self.dtypes,
            overlap=self.overlap_ref,
        )
        others = (kernel for kernel in kernels_of(self.name) if set(kernel.dtypes) & set(self.dtypes))
        found: dict[str, Kernel] = {portable.name: portable}
        for kernel in others:
            if kernel.name in found:
                where = f"kernel {kernel.name} of {self.name}"
                raise UserError(where, "two kernels have this name", hint="give one of them an algorithm of its own")
            found[kernel.name] = kernel
        return tuple(found.values())

    def kernels_on(self, core: Core) -> list[Kernel]:
        """Its kernels for raw weights that run on a core, best first; the portable one is the last."""
        isas = core.isas
        able = [kernel for kernel in self.kernels if kernel.storage == RAW and kernel.isa in isas]
        return sorted(able, key=lambda kernel: (isas.index(kernel.isa), kernel.algorithm == DIRECT))

    def find_kernel(self, name: str) -> Kernel | None:
        """Its kernel of a name, None when there is none."""
        return next((kernel for kernel in self.kernels if kernel.name == name), None)

    def kernel(self, name: str) -> Kernel:
        """As `find_kernel`, of a kernel that there is."""
        found = self.find_kernel(name)
        if found is None:
            raise ValueError(f"{self.name} has no kernel {name}")
        return found

    @property
    def storages(self) -> tuple[str, ...]:
        """Ways to store weights, other than raw, that there are kernels for."""
        found = {kernel.storage for kernel in self.kernels}
        return tuple(storage for storage in STORAGES if storage in found)

    def lower(self, view: View, variant: str) -> tuple[Call, ...]:
        """The calls of a kernel, by its name."""
        return self.kernel(variant).lower(view)

    def unsupported(self, view: View, variant: str, core: Core) -> str | None:
        """Why a kernel cannot do this node, or None when it can."""
        return self.kernel(variant).unsupported(view)

    def macs(self, view: View) -> int:
        """Multiply-accumulates of one run."""
        return 0

    def alias(self, view: View) -> int | None:
        """The input whose bytes the output is (RESHAPE), or None.

        An alias is not lowered: planner and emitter give both tensors one address.
        """
        return None

    def overlap(self, view: View, variant: str) -> Mapping[int, int]:
        """How far inputs and output 0 may share memory while a kernel runs: see `Kernel.overlap`."""
        return self.kernel(variant).overlap(view)

    def in_place(self, view: View, variant: str) -> int | None:
        """The input that may have the very address of output 0, or None: see `Kernel.in_place`."""
        return self.kernel(variant).in_place(view)
