"""An operator: SIGN of float32, which Edgewright itself does not compile."""

from edgewright.kernels.call import Call
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.ops.families.float32 import IN, OUT, float32_ends


class Sign(Op):
    """-1, 0 or 1 for each element."""

    name = "SIGN"
    versions = range(1, 3)
    dtypes = ("float32",)
    files = ("sign_f32_ref",)

    def check(self, view):
        """What is wrong with a node."""
        yield from float32_ends(view)
        yield from checks.shape(view.output(), "the output", view.input(0).shape)

    def lower_ref(self, view):
        """The call in C."""
        shape = (("count", view.output().elements),)
        return (Call("sign_f32_ref", "ew_sign_f32_shape", shape, (IN, OUT)),)


OP = Sign()
