"""The layers that are measured, and what they took."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.kernels import measure_cases
from edgewright import ops
from edgewright.compiler import CompileOptions, Core, compile_model
from edgewright.compiler.rewrites import ORDER, Prices, rewrite
from edgewright.compiler.select.kernels import best_kernel
from edgewright.errors import UserError
from edgewright.kernels.call import Call
from edgewright.kernels.channels import DECODER as CHANNELS
from edgewright.kernels.channels import with_coded_channels
from edgewright.kernels.record import REF
from edgewright.kernels.unpack import DECODER, decoded, unpacked
from edgewright.kernels.weight_formats import STORAGES
from edgewright.ops import table
from edgewright.tflite.graph import Graph, View
from testbench.host_build import HostModel
from testbench.kernels import cases, recurrent
from testbench.kernels.cases import RELU, TRAINED, TRAINED_LINEAR, Flavour
from testbench.kernels.image import BOARDS, Board, Case
from testbench.nets import VALID, Net

CORES = {
    "cortex-m0": "m0",
    "cortex-m0plus": "m0",
    "cortex-m3": "m3",
    "cortex-m4": "m4",
    "cortex-m7": "m7",
    "cortex-m33": "m33",
    "cortex-m55": "m55",
    "rv32imc": "rv32imc",
}
"""Emulated boards by core; a core that has none of its own runs on one of its instructions, at its own cycles."""

KINDS = (
    TRAINED,
    Flavour(-128, -128, RELU, bell=True, density=0.05),
    Flavour(-128, -128, RELU, bell=True, density=0.1, block=4),
    Flavour(-128, -128, RELU, clusters=8, density=0.3),
    Flavour(-128, -128, RELU, (-7, 8)),
    Flavour(-128, -128, RELU, (-3, 3), density=0.3),
)
"""Kinds of weights, for what they are stored in."""


@dataclass(frozen=True)
class Point:
    """What a kernel took for a layer.

    Attributes:
        kernel: its name.
        work: how much it did: what its call says, or multiply-accumulates and outputs.
        cycles: that it took.
        code_bytes: of the functions that ran.
        macs: multiply-accumulates; 0 for a decoder.
    """

    kernel: str
    work: Mapping[str, float]
    cycles: float
    code_bytes: int
    macs: int


Make = Callable[..., Case]
"""A case for a variant and a flavour."""

RAW: tuple[Make, ...] = (
    *(
        partial(cases.convolution, (1, *image), out_c, (kernel, kernel), stride=(stride, stride))
        for *image, out_c, kernel, stride in (
            (25, 5, 64, 64, 1, 1),
            (6, 6, 128, 128, 1, 1),
            (24, 24, 16, 32, 1, 1),
            (16, 16, 16, 16, 3, 1),
            (8, 8, 64, 64, 3, 1),
            (16, 16, 16, 32, 3, 2),
            (16, 16, 3, 16, 3, 1),
            (12, 12, 8, 10, 3, 1),
            (9, 9, 15, 13, 3, 1),
            (8, 8, 32, 20, 5, 1),
        )
    ),
    *(
        partial(cases.convolution, (1, *image), image[2], (kernel, kernel), stride=(stride, stride), depthwise=True)
        for *image, kernel, stride in (
            (25, 5, 64, 3, 1),
            (24, 24, 8, 3, 1),
            (16, 16, 32, 3, 2),
            (6, 6, 128, 3, 1),
            (12, 12, 32, 5, 1),
            (24, 24, 8, 5, 2),
            (14, 14, 16, 7, 1),
            (9, 9, 20, 4, 1),
        )
    ),
    *(
        partial(cases.fully_connected, rows, depth, out_c)
        for rows, depth, out_c in ((1, 640, 128), (1, 128, 128), (1, 64, 10), (1, 2048, 10), (2, 256, 33), (1, 16, 64))
    ),
)
INT16: tuple[Make, ...] = tuple(partial(make, dtype="int16") for make in RAW)
STORED: tuple[Make, ...] = (
    partial(cases.fully_connected, 1, 2048, 10),
    partial(cases.fully_connected, 1, 96, 40),
    partial(cases.convolution, (1, 8, 8, 32), 32, (3, 3)),
    partial(cases.convolution, (1, 14, 14, 8), 16, (3, 3)),
    partial(cases.convolution, (1, 5, 5, 64), 24, (1, 1)),
)
DECODED: tuple[Make, ...] = (
    partial(cases.fully_connected, 1, 512, 10),
    partial(cases.convolution, (1, 4, 4, 32), 24, (3, 3)),
    partial(cases.convolution, (1, 6, 6, 128), 128, (3, 3), depthwise=True),
)


FLOATS: tuple[Make, ...] = tuple(
    partial(cases.float_convolution, image, out_c, kernel)
    for image, out_c, kernel in (
        ((1, 1, 1, 128), 128, (1, 1)),
        ((1, 1, 1, 40), 10, (1, 1)),
        ((1, 6, 6, 32), 32, (1, 1)),
        ((1, 8, 8, 16), 16, (3, 3)),
        ((1, 12, 12, 3), 8, (3, 3)),
        ((1, 10, 10, 4), 10, (5, 5)),
    )
)
LSTMS = ((4, 32, 32), (2, 16, 64), (6, 8, 16), (3, 64, 24), (1, 40, 96))
"""Steps, inputs and units."""

SVDFS = ((64, 64, 2, 8), (40, 32, 1, 10), (16, 40, 1, 30), (96, 24, 3, 4), (128, 16, 1, 8))
"""Inputs, units, rank and memory."""


def measured(core: str, only: frozenset[str] = frozenset()) -> Iterator[Point]:
    """Every kernel of a core on every layer that it can do; `only` those named."""
    board = BOARDS[CORES[core]]
    board = replace(board, core=replace(board.core, name=core))
    with tempfile.TemporaryDirectory() as folder:
        found = [*_raw(board.core, only), *_stored(board.core, only)]
        found += [*_floats(board, only), *_recurrent(board.core, only)]
        if not only or any(kernel.startswith(_FUSED) for kernel in only):
            found += _fused(board.core, Path(folder))
        if not only or any(kernel.startswith(_SOFTMAX) for kernel in only):
            found += _softmaxes(board.core, Path(folder))
        yield from _points(board, [case for case in found if not only or case.calls[-1].kernel in only])
    if not only or CHANNELS in only:
        yield from _channel_decoders(board)
    if not only or DECODER in only:
        yield from _decoders(board)


_FUSED = ("conv_dense_s8", "fully_connected_sums_s8")
_SOFTMAX = "softmax_s8"
_RECURRENT = ("unidirectional_sequence_lstm", "svdf_s8")


def _points(board: Board, found: Sequence[Case]) -> Iterator[Point]:
    for case, row in zip(found, _rows(board, found), strict=True):
        (call,) = case.calls
        work = call.work or {"mac": case.macs, "output": case.expected.size}
        yield Point(call.kernel, work, row["cycles"], row["code_bytes"], case.macs)


def _rows(board: Board, found: Sequence[Case]) -> list[dict[str, Any]]:
    return measure_cases(board, [(case.name, case) for case in found])


def _wanted(variants: Sequence[str], only: frozenset[str]) -> list[str]:
    """The names of kernels among whose functions one of `only` is, which need not end with the name."""
    found = {kernel.name for kernel in table.kernels() if not only.isdisjoint(kernel.files)}
    return [name for name in variants if not only or name in found]


def known() -> set[str]:
    """Functions of kernels that may be named."""
    return {CHANNELS, DECODER, *(file for kernel in table.kernels() for file in kernel.files)}


def _raw_names(core: Core) -> list[str]:
    """Names of the kernels for raw weights that run on a core, best first."""
    return [name for isa in core.isas for name in cases.kernel_names(isa)]


def _raw(core: Core, only: frozenset[str]) -> Iterator[Case]:
    for variant in _wanted(_raw_names(core), only):
        for make in (*RAW, *INT16):
            for flavour in (TRAINED, TRAINED_LINEAR):
                yield from _able(make, core, variant, flavour)


def _floats(board: Board, only: frozenset[str]) -> Iterator[Case]:
    """Of cores with an FPU: what floats cost of others is what their C library does."""
    if "-mfloat-abi=hard" in board.flags:
        for variant in _wanted(("quads", REF), only):
            for make in FLOATS:
                yield make(variant=variant)


def _recurrent(core: Core, only: frozenset[str]) -> Iterator[Case]:
    if only and not any(kernel.startswith(_RECURRENT) for kernel in only):
        return
    for variant in _wanted([name for name in ("dsp", REF) if name == REF or name in core.isas], only):
        made = [recurrent.lstm(*sizes, variant) for sizes in LSTMS] + [
            recurrent.svdf(*sizes, variant) for sizes in SVDFS
        ]
        yield from filter(None, made)


def _stored(core: Core, only: frozenset[str]) -> Iterator[Case]:
    for storage in _wanted(STORAGES, only):
        for make in STORED:
            for flavour in KINDS:
                yield from _able(make, core, storage, flavour)


def _able(make: Make, core: Core, variant: str, flavour: Flavour) -> Iterator[Case]:
    """The case, where the variant can do it."""
    view = make(variant="ref", flavour=flavour).view
    with suppress(UserError):
        best_kernel(view, core, CompileOptions(), variant)
        case = make(variant=variant, flavour=flavour)
        if len(case.calls) == 1:
            yield case


def _decoders(board: Board) -> Iterator[Point]:
    """What decodes weights into scratch: the layer with it, less the layer alone."""
    raw = [case for make in DECODED for flavour in KINDS for case in _decodable(make, board.core, flavour)]
    both = [replace(case, calls=decoded(unpacked(case.calls) or ())) for case in raw]
    rows = _rows(board, [*raw, *both])
    for case, without, row in zip(both, rows, rows[len(raw) :], strict=False):
        work = _summed([call for call in case.calls if call.kernel == DECODER])
        code = row["code_bytes"] - without["code_bytes"]
        yield Point(DECODER, work, row["cycles"] - without["cycles"], code, 0)


def _channel_decoders(board: Board) -> Iterator[Point]:
    """What decodes biases and factors into scratch: the coded layer with it, less that layer alone."""
    alone = [case for make in STORED for flavour in KINDS for case in _able(make, board.core, "coded", flavour)]
    pairs = [(case, replace(case, calls=with_coded_channels(case.calls, folds=False))) for case in alone]
    coded = [(before, after) for before, after in pairs if len(after.calls) > len(before.calls)]
    rows = _rows(board, [case for both in zip(*coded, strict=True) for case in both])
    for (_, case), without, row in zip(coded, rows, rows[len(coded) :], strict=False):
        code = row["code_bytes"] - without["code_bytes"]
        yield Point(CHANNELS, case.calls[0].work or {}, row["cycles"] - without["cycles"], code, 0)


def _decodable(make: Make, core: Core, flavour: Flavour) -> Iterator[Case]:
    """The case of the core's first variant whose weights can be coded as they lie."""
    for variant in _raw_names(core):
        for case in _able(make, core, variant, flavour):
            if unpacked(case.calls) is not None:
                yield case
                return


def _summed(calls: Sequence[Call]) -> dict[str, float]:
    names = sorted({name for call in calls for name in call.work or {}})
    return {name: sum((call.work or {}).get(name, 0.0) for call in calls) for name in names}


def _fused(core: Core, folder: Path) -> Iterator[Case]:
    """Operators that no file holds: the compiler makes them of others."""
    for number, (image, filters, units, kept, block) in enumerate(
        (
            ((12, 12, 4), 16, 10, 0.05, 1),
            ((10, 10, 8), 24, 12, 0.2, 1),
            ((8, 8, 3), 32, 4, 0.02, 1),
            ((14, 14, 1), 16, 10, 0.1, 1),
            ((8, 8, 16), 8, 10, 0.3, 1),
            ((7, 7, 4), 12, 60, 0.5, 1),
            ((9, 9, 2), 8, 2, 0.2, 1),
            ((12, 12, 4), 16, 10, 0.5, 2),
            ((8, 8, 4), 24, 20, 0.9, 2),
            ((8, 8, 4), 24, 12, 0.1, 4),
        )
    ):
        view = _made(image, filters, units, kept, block)
        yield from _every_kernel(view, core, folder / str(number))


def _softmaxes(core: Core, folder: Path) -> Iterator[Case]:
    for number, (rows, depth, scale) in enumerate(((1, 2, 0.1447), (1, 12, 0.1719), (1, 40, 0.1022), (6, 10, 0.1986))):
        net = Net()
        x = net.input((rows, depth), scale, 4)
        graph = net.graph(net.op("SOFTMAX", [x], (rows, depth), 1 / 256, -128, 2, beta=1.0))
        yield from _every_kernel(next(iter(graph.views())), core, folder / f"softmax{number}")


def _every_kernel(view: View, core: Core, folder: Path) -> Iterator[Case]:
    """A case of each kernel that can do a node; the portable one says what is right."""
    x, y = _answers(view, folder)
    for kernel in ops.get_for(view).kernels:
        with suppress(UserError):
            best = best_kernel(view, core, CompileOptions(), kernel.name)
            given = np.frombuffer(x.tobytes(), np.int8)
            macs = ops.get_for(view).macs(view)
            yield Case(f"{view.node.op} {folder.name}", best.calls, (given,), y, {}, macs, view)


def _made(image: tuple[int, int, int], filters: int, units: int, kept: float, block: int) -> View:
    """A convolution and a FULLY_CONNECTED as one, or the latter on sums of blocks."""
    random, net = np.random.default_rng(filters), Net()
    height, width, channels = image
    x = net.input((1, *image), 0.02, -128)
    weights = random.integers(-127, 128, (filters, 3, 3, channels))
    x = net.conv(x, weights, random.integers(-500, 500, filters), 0.05, -128, padding=VALID, act=RELU)
    rows, columns = height - 2, width - 2
    small = random.integers(-127, 128, (units, -(-rows // block), -(-columns // block), filters))
    small = small * (random.random(small.shape) < kept)
    dense = small.repeat(block, axis=1)[:, :rows].repeat(block, axis=2)[:, :, :columns].reshape(units, -1)
    x = net.reshape(x, (1, dense.shape[1]))
    graph = net.graph(net.dense(x, dense, random.integers(-500, 500, units), 3.0))
    name = "skip_unread" if block == 1 else "pool_blocks"
    found = rewrite(graph, frozenset(ORDER) - {name}, prices=Prices(lambda _: 0.0, 1.0))[0]
    return next(view for view in found.views() if view.node.op in ("CONV_2D_FULLY_CONNECTED", "FULLY_CONNECTED_SUMS"))


def _answers(view: View, folder: Path) -> tuple[NDArray[Any], NDArray[np.int8]]:
    """An input of an operator, and what its portable kernel makes of it on this machine."""
    folder.mkdir()
    graph = Graph("net", "0" * 64, view.graph.tensors, (view.node,), view.node.inputs[:1], view.node.outputs[:1])
    compiled = compile_model(graph, "net", Core(), CompileOptions(without=frozenset(ORDER)))
    given = view.input(0)
    x = np.random.default_rng(3).integers(-128, 128, given.shape).astype(given.dtype)
    model = HostModel(compiled.files, "net", folder)
    (y,) = model.run([x], view.output().shape, compiled.program.plan.arena_bytes)
    return x, y
