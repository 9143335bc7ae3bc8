"""The page docs/operators.md, made from the operators themselves: `python -m edgewright.ops.page`."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from types import ModuleType

from edgewright import ops, registry
from edgewright.kernels.record import RAW, REF
from edgewright.ops.base import Op

HEAD = """# Operators

What the compiler takes in a .tflite, made from the code by `python -m edgewright.ops.page > docs/operators.md`.
Every operator gives, byte for byte, what its oracle gives, and is tested against it with random cases and with cases
at the ends (`tests/ops`): TFLM is TensorFlow Lite Micro (PyPI package `tflite-micro`), LiteRT the reference kernels of
PyPI package `ai-edge-litert`, for what TFLM does not run. Kernels: `ref` is portable C99; `lut`, `sparse` and `coded`
are too, and read weights that are stored so; the others need the instructions that they are named for, `winograd` those
of `dsp`. All but `ref`, `dsp` and `mve` are for int8 alone, and are tested on emulated cores (`tests/kernels`).

Constants of int4 are read as int8, so every kernel of CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED takes them; with
`[compile] weights = "coded"` they take four bits or fewer in flash again.
Of an IF both branches are computed and the answer is picked, or one branch where the condition is constant; a WHILE
whose number of turns follows from constants is unrolled, and the lists in which Keras 3 gathers the turns of an LSTM
become one tensor. Others are refused, and so are their subgraphs with a state. A BIDIRECTIONAL_SEQUENCE_LSTM becomes
two LSTMs, one of them of the sequence back to front.

A transformer block of int8 (layer norm, attention, GELU) is exact: as TFLM has no GELU, LiteRT is its oracle. With
`rounding = "litert"` every byte is LiteRT's; without it FULLY_CONNECTED alone, which TFLM rounds twice, differs: of
`tests/models`' block 2.5 % of the outputs, by 1.

int16 is int16 activations with int8 weights (16x8). Sums of float32 go in the order of TFLM's kernels, in `quads`
too, so the bytes are the same where the C compiler fuses no multiplication with an addition (`-std=c99`,
`-ffp-contract=off`); what calls libm (LOGISTIC, TANH, SOFTMAX, ELU, EXP, LOG, SIN, COS, POW, LOG_SOFTMAX, GELU) has the
last bits of the target's. Tests hold these to the oracle's bytes where both use one libm, and GELU, where LiteRT has
functions of its own, to a millionth. hybrid is float32 data with int8 weights (dynamic range): each image or row is
quantized as it comes. Variables make the state that the caller of the generated code holds (`<MODEL>_STATE_BYTES`,
`<model>_reset`); tests feed streams in pieces (`tests/ops`).

SIGNAL_... are TensorFlow Lite Micro's custom operators of audio front ends (`SignalRfft` and so on). What they keep
from one call to the next (framing, stacking, delay, overlap, noise) is part of that state, so a front end has its
`_reset` and runs as often as there are states for it.

| operator | versions | types | what it is | kernels | oracle |
|---|---|---|---|---|---|
"""
_REST = """
## What is missing

Operators of TensorFlow Lite Micro's AllOpsResolver that the compiler refuses, by name, and others that are asked for.

| operator | types | why |
|---|---|---|
"""
_CUSTOM = "a custom operator: its options are no part of TensorFlow Lite's schema"
NOT_RUN: dict[tuple[str, ...], tuple[str, str]] = {
    ("ADD_N",): ("int8", "TFLM alone runs it, and counts the input's zero point once too often; converters write ADD"),
    ("SQRT", "NEG", "DIV"): ("int16", "LiteRT alone runs them; TFLiteConverter leaves them float32, which runs here"),
    ("FLOOR_DIV", "FLOOR_MOD"): (
        "int8, int16",
        "LiteRT alone runs them, and takes no notice of scales; TFLiteConverter leaves them float32, which runs here",
    ),
    ("CIRCULAR_BUFFER", "TFLM_DECODE", "ETHOSU"): ("-", _CUSTOM),
    ("CONV_3D", "Flex operators"): ("-", "TensorFlow Lite Micro does not run them either"),
}
"""Operators with the types and the reason."""


_TYPES = ("int8", "uint8", "int16", "int32", "uint32", "int64", "uint64", "bool", "float32", "hybrid")
"""In the order of rows."""


def page() -> str:
    """The whole page."""
    return HEAD + "".join(row for name in registry.ops.names() for row in _rows(registry.ops.load(name))) + _rest()


def _rest() -> str:
    """The operators that are missing."""
    rows = (f"| {', '.join(names)} | {types} | {why} |\n" for names, (types, why) in NOT_RUN.items())
    return _REST + "".join(rows)


def _rows(folder: ModuleType) -> Iterator[str]:
    """A row of the folder's operator, and one of each that takes other types."""
    op: Op = folder.OP
    yield _row(op, inspect.getdoc(folder) or "")
    for other in sorted(dict.fromkeys(ops.others(op.name).values()), key=lambda other: _TYPES.index(other.dtypes[0])):
        yield _row(other, (inspect.getdoc(type(other)) or "").split("\n\n")[0])


def _row(op: Op, what: str) -> str:
    sentence = " ".join(what.split()).removeprefix(f"{op.name}, ").removeprefix(f"{op.name}: ")
    versions = f"{op.versions.start}-{op.versions.stop - 1}" if len(op.versions) > 1 else str(op.versions.start)
    cells = (op.name, versions, ", ".join(op.dtypes), sentence, ", ".join(_kernels(op)), op.oracle)
    return f"| {' | '.join(cells)} |\n"


def _kernels(op: Op) -> list[str]:
    """Names of its kernels: portable, for instruction sets, for weights that are not raw."""
    ordered = sorted(op.kernels, key=lambda kernel: (kernel.storage != RAW, kernel.isa != REF, kernel.name))
    return [kernel.name for kernel in ordered]


if __name__ == "__main__":
    sys.stdout.write(page())
