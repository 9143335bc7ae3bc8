"""Every int16 operator over scales, zero points and saturation, byte for byte against TensorFlow Lite Micro.

    python -m testbench.differential.int16 --cases 3000 --seed 1 [--litert]

A case is one operator with scales, options and weights of its own; it is run on all of int16, on small numbers and on
the ends. With --litert LiteRT's reference kernels run the same models, and the table says how often and by how much
they differ from TensorFlow Lite Micro. A case that differs from what is compiled is written as
<folder>/failing-<operator>-<seed>-<case>.tflite; the exit code is 1 when there was one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgewright.compiler import CompileOptions, compile_model
from edgewright.compiler.host import build
from edgewright.compiler.rewrites import ORDER
from edgewright.errors import UserError
from edgewright.tflite.reader import parse_model
from testbench.differential import shorts, typed
from testbench.differential.builder import Value
from testbench.differential.network import Generator, Network
from testbench.differential.oracle import Oracle, RefusedError, Sample
from testbench.differential.recurrent import lstm_operands

_FLAGS = ("-std=c99", "-O0", "-fsanitize=undefined", "-fno-sanitize-recover=all")
_AS_IT_IS = CompileOptions(without=frozenset(ORDER), memory="quick")
_TANH = 4
_BATCH = 100
"""Cases of a model."""


def quantize(net: Network, x: Value) -> Value:
    """From int16 to int8, int16 and int32, and from int8 and float32 to int16, with zero points."""
    start, to = [("int16", "int8"), ("int16", "int16"), ("int16", "int32"), ("int8", "int16"), ("float32", "int16")][
        net.between(0, 4)
    ]
    scale = float(np.float32(2.0 ** net.random.uniform(-14, -2)))
    source = net.builder.tensor(x.shape, 0.0 if start == "float32" else scale, _zero(net, start), start)
    net.inputs.append(source)
    out_scale = float(np.float32(scale * 2.0 ** net.random.uniform(-8, 12)))
    y = net.builder.tensor(x.shape, out_scale, _zero(net, to), to)
    return net.builder.op("QUANTIZE", [source], [y], version=2)


def dequantize(net: Network, x: Value) -> Value:
    """To float32, with zero points."""
    source = net.builder.tensor(x.shape, x.scale, _zero(net, "int16"), "int16")
    net.inputs.append(source)
    return net.builder.op("DEQUANTIZE", [source], [net.builder.tensor(x.shape, dtype="float32")], version=2)


def lstm(net: Network, x: Value) -> Value:
    """Of one to five units."""
    n, steps, _, depth = x.shape
    units, hidden_scale = net.between(1, 5), float(np.float32(2.0 ** net.random.uniform(-16, -13)))
    start = net.builder.tensor((n, steps, depth), x.scale, 0, "int16")
    net.inputs.append(start)
    operands = lstm_operands(net, start, units, n, hidden_scale, 0)
    y = net.builder.tensor((n, steps, units), hidden_scale, 0, "int16")
    options: dict[str, Any] = {"fused_activation_function": _TANH, "time_major": False, "cell_clip": 0.0}
    return net.builder.op("UNIDIRECTIONAL_SEQUENCE_LSTM", operands, [y], version=4, **options)


def _zero(net: Network, dtype: str) -> int:
    if dtype == "int8":
        return net.zero_point()
    return net.between(-(1 << 15), (1 << 15) - 1) if dtype == "int16" and net.chance(0.3) else 0


OPERATORS: dict[str, Generator] = {
    **typed.GENERATORS,
    **shorts.GENERATORS,
    "QUANTIZE": quantize,
    "DEQUANTIZE": dequantize,
    "UNIDIRECTIONAL_SEQUENCE_LSTM": lstm,
}
"""By name: operators with arithmetic on int16, and two that only move it."""


@dataclass
class Tally:
    """What became of an operator's cases.

    Attributes:
        same, refused: cases; `refused` by the oracle, or by both.
        differ: numbers of the cases that are not what the oracle says, and of those that only the oracle takes.
        litert: cases on which LiteRT differs from TensorFlow Lite Micro.
        litert_most: the largest such difference.
    """

    same: int = 0
    refused: int = 0
    differ: list[str] = field(default_factory=list)
    litert: int = 0
    litert_most: float = 0.0


@dataclass(frozen=True)
class Batch:
    """Cases of one operator as one model."""

    op: str
    seed: int
    numbers: Sequence[int]
    net: Network
    outputs: Sequence[Value]

    @property
    def model(self) -> bytes:
        """The .tflite file."""
        return self.net.builder.finish(self.net.inputs, self.outputs)

    def samples(self) -> list[Sample]:
        """All of int16, small numbers, and the ends."""
        uniform = self.net.samples(2)
        small = [[_small(array) for array in sample] for sample in self.net.samples(1)]
        ends = [[_end(array, high) for array in uniform[0]] for high in (False, True)]
        return [*uniform, *small, *ends]


def _small(array: NDArray[Any]) -> NDArray[Any]:
    return (array / 512).astype(array.dtype) if array.dtype == np.int16 else array


def _end(array: NDArray[Any], high: bool) -> NDArray[Any]:
    if array.dtype.kind == "f":
        return array
    info = np.iinfo(array.dtype)
    return np.full_like(array, info.max if high else info.min)


def batch(op: str, seed: int, numbers: Sequence[int]) -> Batch:
    """The cases of these numbers: the same alone as among others."""
    net, outputs = Network(np.random.default_rng(seed)), []
    for number in numbers:
        net.random = np.random.default_rng([seed, number, *op.encode()])
        shape = (net.pick(1, 1, 2), net.between(1, 5), net.between(1, 6), net.between(1, 6))
        outputs.append(OPERATORS[op](net, _start(net, op, shape)))
    return Batch(op, seed, numbers, net, outputs)


def _start(net: Network, op: str, shape: tuple[int, ...]) -> Value:
    """The operator's input; those of OPERATORS that make one of their own take its shape and scale alone."""
    x = typed.given(net, "int16", *shape)
    if op in ("QUANTIZE", "DEQUANTIZE", "UNIDIRECTIONAL_SEQUENCE_LSTM"):
        net.inputs.pop()
    return x


def compare(made: Batch, oracle: Oracle, litert: Oracle | None, tally: Tally, folder: Path) -> None:
    """Add what becomes of a batch to the tally; a batch that is refused is halved."""
    samples = made.samples()
    try:
        expected = oracle.run(made.model, samples)
        got = _run(made.model, samples)
    except (RefusedError, UserError) as error:
        if len(made.numbers) > 1:
            half = len(made.numbers) // 2
            for numbers in (made.numbers[:half], made.numbers[half:]):
                compare(batch(made.op, made.seed, numbers), oracle, litert, tally, folder)
        elif isinstance(error, RefusedError):
            tally.refused += 1
        else:
            tally.differ.append(f"{made.numbers[0]} is refused: {error}")
        return
    _count(made, got, expected, tally, folder)
    if litert is not None:
        _count_litert(made, samples, expected, litert, tally)


def _run(model: bytes, samples: Sequence[Sample]) -> list[NDArray[Any]]:
    with tempfile.TemporaryDirectory() as folder:
        program = build(compile_model(parse_model(model), "model", options=_AS_IT_IS), Path(folder), flags=_FLAGS)
        return program.run([np.stack(arrays) for arrays in zip(*samples, strict=True)])


def _count(made: Batch, got: Sequence[NDArray[Any]], expected: Any, tally: Tally, folder: Path) -> None:
    for place, number in enumerate(made.numbers):
        want = np.stack([outputs[place] for outputs in expected]).reshape(got[place].shape)
        if np.array_equal(got[place], want):
            tally.same += 1
            continue
        most = np.abs(got[place].astype(float) - want.astype(float)).max()
        tally.differ.append(f"{number} differs by up to {most:g}")
        (folder / f"failing-{made.op}-{made.seed}-{number}.tflite").write_bytes(
            batch(made.op, made.seed, [number]).model
        )


def _count_litert(made: Batch, samples: Sequence[Sample], expected: Any, litert: Oracle, tally: Tally) -> None:
    try:
        others = litert.run(made.model, samples)
    except RefusedError:
        return
    for place in range(len(made.numbers)):
        pairs = [(a[place].astype(float), b[place].astype(float)) for a, b in zip(expected, others, strict=True)]
        most = max(float(np.abs(a.reshape(-1) - b.reshape(-1)).max()) for a, b in pairs)
        tally.litert += most > 0
        tally.litert_most = max(tally.litert_most, most)


def campaign(op: str, seed: int, cases: int, oracle: Oracle, litert: Oracle | None, folder: Path) -> Tally:
    """Run an operator's cases."""
    tally = Tally()
    for first in range(0, cases, _BATCH):
        compare(batch(op, seed, range(first, min(first + _BATCH, cases))), oracle, litert, tally, folder)
    return tally


def main(argv: Sequence[str] | None = None) -> int:
    """Run the campaign."""
    parser = argparse.ArgumentParser(prog="python -m testbench.differential.int16", description=__doc__)
    parser.add_argument("--cases", type=int, default=3000, help="of each operator")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--operators", nargs="+", choices=sorted(OPERATORS), default=sorted(OPERATORS))
    parser.add_argument("--litert", action="store_true", help="compare TensorFlow Lite Micro with LiteRT, too")
    parser.add_argument("--folder", type=Path, default=Path(), help="for the cases that differ")
    arguments = parser.parse_args(argv)
    failed = 0
    with Oracle() as oracle, Oracle("LiteRT") as other:
        litert = other if arguments.litert else None
        for op in arguments.operators:
            tally = campaign(op, arguments.seed, arguments.cases, oracle, litert, arguments.folder)
            _tell(op, tally, arguments.litert)
            failed += len(tally.differ)
    return int(failed > 0)


def _tell(op: str, tally: Tally, with_litert: bool) -> None:
    theirs = f"; LiteRT differs in {tally.litert}, by up to {tally.litert_most:g}" if with_litert else ""
    print(f"{op}: {tally.same} same, {len(tally.differ)} differ, {tally.refused} refused{theirs}", flush=True)
    for line in tally.differ[:5]:
        print(f"  case {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
