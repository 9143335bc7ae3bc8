"""FULLY_CONNECTED with weights that are not raw: sparse, as indices, coded."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels import weight_formats
from edgewright.kernels.call import Argument, Call, Scalar, Scratch
from edgewright.kernels.record import Kernel
from edgewright.ops.fully_connected import OP
from edgewright.tflite.graph import View


def lower(view: View, storage: str, ref: Call) -> Call:
    """The call of a storage's kernel, made of that of `ref`.

    Raises:
        UnfitError: the weights cannot be stored so.
    """
    rows, outputs = weight_rows(view), view.output().elements
    times = outputs // len(rows)
    inner = tuple((f"fc.{name}", value) for name, value in ref.shape)
    if storage == "sparse":
        found, blocks = _sparse(rows)
        shape, arguments = (*inner, ("blocks", int(blocks))), _with(ref, found.arguments)
        work = {"output": outputs, "block_word" if blocks else "word": times * len(found.words)}
        return Call("fully_connected_s8_sparse", "ew_fully_connected_s8_sparse_shape", shape, arguments, work=work)
    if storage == "lut":
        lut = weight_formats.lut(rows)
        shape, arguments = (*inner, *lut.fields), _with(ref, lut.arguments)
        work = {"output": outputs, "product": outputs * rows.shape[1]}
        return Call("fully_connected_s8_lut", "ew_fully_connected_s8_lut_shape", shape, arguments, work=work)
    code = weight_formats.coded(rows, image_channels(view))
    shape = (*inner, ("bytes", code.bytes), ("channels", code.channels))
    scratch = Scratch("scratch", weight_formats.DECODER_BYTES)
    arguments = (*_with(ref, code.arguments), Scalar(weight_formats.FOLD, 0), scratch)
    nonzero = int(np.count_nonzero(rows))
    work = {"output": outputs, "decision": times * code.decisions, "nonzero": times * nonzero}
    name = "fully_connected_s8_coded"
    return Call(name, f"ew_{name}_shape", shape, arguments, may_fail=True, work=work)


def _sparse(rows: NDArray[np.int8]) -> tuple[weight_formats.Sparse, bool]:
    """(the smaller of the two forms, whether it is that in blocks)."""
    single = weight_formats.sparse(rows)
    try:
        blocks = weight_formats.sparse_blocks(rows)
    except weight_formats.UnfitError:
        return single, False
    return (blocks, True) if len(blocks.words) < len(single.words) else (single, False)


def overlap(view: View) -> Mapping[int, int]:
    """A row of the input is read until the row's last output is written."""
    out_c, depth = view.input(1).shape
    rows = np.arange(view.output().elements // out_c)
    return {0: int(np.max((rows + 1) * out_c - rows * depth))}


def weight_rows(view: View) -> NDArray[np.int8]:
    """The weights as (output channels, all others)."""
    data = view.input(1).data
    if data is None:
        raise ValueError("weights are not constant: the operator's check let them through")
    return data.astype(np.int8).reshape(view.input(1).shape[0], -1)


def image_channels(view: View) -> int:
    """Channels of the image that the input is, as far as the graph tells; 1 where it does not."""
    shape = view.input(0).shape
    source = next((node for node in view.graph.nodes if view.node.inputs[0] in node.outputs), None)
    if source is not None and source.op == "RESHAPE":
        shape = view.graph.tensors[source.inputs[0]].shape
    return shape[-1] if len(shape) == 4 and view.input(1).shape[1] % shape[-1] == 0 else 1


def _with(ref: Call, weights: tuple[Argument, ...]) -> tuple[Argument, ...]:
    """The arguments of `ref` with other weights."""
    return tuple(new for old in ref.arguments for new in (weights if old.name == "weights" else (old,)))


def _kernel(storage: str) -> Kernel:
    def found(view: View) -> tuple[Call, ...]:
        return (lower(view, storage, *OP.lower_ref(view)),)

    return Kernel(
        "FULLY_CONNECTED",
        (f"fully_connected_s8_{storage}",),
        found,
        storage=storage,
        unsupported=lambda view: weight_formats.unsupported(lambda: found(view)),
        overlap=overlap,
    )


KERNELS = tuple(map(_kernel, weight_formats.STORAGES))
