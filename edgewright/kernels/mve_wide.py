"""What int16 Helium kernels take: factors of four channels side by side, and the ends of a fused activation."""

from __future__ import annotations

import numpy as np

from edgewright.kernels import dsp_layout
from edgewright.kernels.call import Const
from edgewright.kernels.dsp_wide import WideChannels
from edgewright.kernels.mve_layout import LANES

VALUES = 8
"""int16 in a vector."""


def factors(of: WideChannels, lanes: int = LANES) -> Const:
    """int32 [blocks of so many channels][bias, multiplier][lanes], even channels before odd ones where there are eight.

    Channels that are missing are 0.
    """
    rows = np.stack([dsp_layout.wrapped(of.bias), of.factors()])
    rows = np.pad(rows, ((0, 0), (0, -rows.shape[1] % lanes))).astype(np.int32)
    blocks = rows.reshape(2, -1, lanes).transpose(1, 0, 2)
    if lanes == VALUES:
        blocks = np.concatenate([blocks[:, :, ::2], blocks[:, :, 1::2]], axis=2)
    note = f"bias, multiplier of {lanes} channels"
    return Const("factors", np.ascontiguousarray(blocks).reshape(-1), note, "int32_t")
