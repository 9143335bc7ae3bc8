"""int8 SVDF with a state of int16 for DSP cores: filters side by side."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edgewright.kernels import dsp_quads
from edgewright.kernels.call import Argument, Call, Const, Scratch, Variable
from edgewright.kernels.constant import constant_data
from edgewright.kernels.record import Kernel
from edgewright.ops.svdf import OP
from edgewright.tflite.graph import View

_FIELDS = ("batches", "inputs", "units", "rank", "memory")


def lower(view: View) -> tuple[Call, ...]:
    """The call of `ew_svdf_s8_dsp`: that of the portable kernel with features in another order."""
    (ref,), features = OP.lower_ref(view), constant_data(view.input(1)).astype(np.int8)
    shape = tuple((name, value) for name, value in ref.shape if name in _FIELDS)
    arguments = [_of_int16(argument) for argument in ref.arguments if argument.name != "state_zp"]
    for place, argument in enumerate(arguments):
        if argument.name == "features":
            arguments[place] = dsp_quads.blocks("features", features, "weights of 4 filters")
        if isinstance(argument, Const) and argument.name == "feature_bias":
            missing = -len(features) % dsp_quads.ROWS
            arguments[place] = replace(argument, data=np.pad(np.asarray(argument.data), (0, missing)))
    scratch = Scratch("scratch", dsp_quads.widened_bytes(features.shape[1]))
    return (Call("svdf_s8_dsp", "ew_svdf_s8_dsp_shape", shape, (*arguments, scratch), work=ref.work),)


def _of_int16(argument: Argument) -> Argument:
    """With the types that the portable kernel leaves open."""
    is_open = isinstance(argument, Const | Variable) and argument.ctype == "void"
    return replace(argument, ctype="int16_t") if is_open else argument


def _unsupported(view: View) -> str | None:
    return None if view.input(4).dtype == "int16" else "a state of int8"


KERNELS = (Kernel("SVDF", ("svdf_s8_dsp",), lower, "dsp", unsupported=_unsupported, overlap=OP.overlap_ref),)
