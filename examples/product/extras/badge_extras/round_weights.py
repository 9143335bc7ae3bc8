"""A pass: rounds the kernels of layers to a number of bits, so that they pack better."""

from pydantic import BaseModel, Field


class Options(BaseModel, extra="forbid"):
    """Keys of its [[compress]] entry."""

    bits: int = Field(default=6, ge=2, le=8, description="bits of a weight, its sign among them")


OPTIONS = Options


def apply(model, _data, options, context):
    """Round each kernel to steps of its largest weight."""
    import numpy as np

    steps = 2 ** (options.bits - 1) - 1
    for layer in model.layers:
        weights = layer.get_weights()
        if weights:
            step = np.abs(weights[0]).max() / steps
            layer.set_weights([np.round(weights[0] / step) * step, *weights[1:]])
    context.note("bits", options.bits)
    return model
