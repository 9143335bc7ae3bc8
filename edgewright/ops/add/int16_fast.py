"""int16 ADD and SUB for DSP cores and Helium: which input is which, and the constants of add_s16_dsp.h."""

from __future__ import annotations

from edgewright.kernels.broadcast import same_place
from edgewright.kernels.call import Call, Input, Scalar
from edgewright.kernels.quant import quantize_multiplier
from edgewright.kernels.record import Kernel
from edgewright.ops.add import dsp
from edgewright.ops.families.elements_int16 import sum_reals
from edgewright.ops.families.int16 import OUT, act_limits
from edgewright.tflite.graph import View


def unsupported(view: View) -> str | None:
    """Why the kernel cannot do the node, or None."""
    return dsp.unsupported(view, sum_reals(view))


def lower(view: View, isa: str, *, subtract: bool = False) -> tuple[Call, ...]:
    """The call of `ew_add_s16_<isa>`, or of `ew_sub_s16_<isa>`, which takes the second input away."""
    factors = [quantize_multiplier(real) for real in sum_reals(view)]
    a, b = (0, 1) if factors[0] == dsp.HALF else (1, 0)
    low, high = act_limits(view)
    shape = (
        ("count", view.output().elements),
        ("b_shift", -factors[b][1]),
        ("shift", -factors[2][1]),
        ("relu", int(low == 0)),
        ("act_min", low),
        ("act_max", high),
        ("a_minus", int(subtract and a == 1)),
        ("b_minus", int(subtract and b == 1)),
    )
    arguments = (
        Input("a", a, "int16_t"),
        Input("b", b, "int16_t"),
        OUT,
        Scalar("b_multiplier", factors[b][0]),
        Scalar("multiplier", factors[2][0]),
    )
    return (Call(f"{'sub' if subtract else 'add'}_s16_{isa}", f"ew_add_s16_{isa}_shape", shape, arguments),)


def record(isa: str, *, subtract: bool = False) -> Kernel:
    """The kernel for an instruction set."""
    op = "SUB" if subtract else "ADD"
    return Kernel(
        op,
        (f"{op.lower()}_s16_{isa}",),
        lambda view: lower(view, isa, subtract=subtract),
        isa,
        dtypes=("int16",),
        unsupported=unsupported,
        overlap=same_place,
    )


KERNELS = (record("dsp"), record("mve"))
