"""Random networks against TensorFlow Lite Micro, byte for byte; what that does not run, against LiteRT.

    python -m testbench.differential --cases 1000 --seed 1

A case that differs is written as <folder>/failing-<seed>-<case>.tflite, cut after the first operator whose output
differs and without operators that this output does not need. The exit code is 1 when there was one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgewright.compiler import compile_model
from edgewright.compiler.host import build
from edgewright.errors import UserError
from edgewright.tflite.reader import parse_model
from testbench.differential import floats, hybrid, recurrent, shorts, typed, whole
from testbench.differential.builder import Value
from testbench.differential.network import Generator, Network, four_dimensions, goes_on
from testbench.differential.operators import GENERATORS, LITERT
from testbench.differential.oracle import Oracle, RefusedError

_SAMPLES = 3
_FLAGS = ("-std=c99", "-O1", "-fsanitize=undefined", "-fno-sanitize-recover=all")

Samples = Sequence[Sequence[NDArray[np.generic]]]


_LITERT_SHARE = 0.03
_TYPED_SHARE = 0.2
_CLOSE = 1e-5
"""How far float32 may be from its oracle: last bits are those of a libm."""

Kind = tuple[str, str, str]


def _typed() -> dict[Kind, Generator]:
    """By oracle, type and operator, those that take data of a type of their own."""
    made = {("TFLM", dtype): typed.GENERATORS for dtype in ("int16", "float32")}
    kinds = {(*kind, op): make for kind, makes in made.items() for op, make in makes.items()}
    more: dict[tuple[str, str], Mapping[str, Generator]] = {
        ("TFLM", "int16"): shorts.GENERATORS,
        ("LiteRT", "int16"): shorts.LITERT,
        ("TFLM", "float32"): {**floats.GENERATORS, **recurrent.FLOAT},
        ("LiteRT", "float32"): {**floats.LITERT, **floats.CLOSE},
        ("LiteRT", "hybrid"): {**hybrid.LITERT, **recurrent.HYBRID},
    }
    kinds |= {(*kind, op): make for kind, makes in more.items() for op, make in makes.items()}
    for oracle, whole_makes in (("TFLM", whole.TFLM), ("LiteRT", whole.LITERT)):
        kinds |= {(oracle, dtype, op): partial(_whole, make, dtype) for (op, dtype), make in whole_makes.items()}
    return kinds


def _whole(make: whole.Make, dtype: str, net: Network, _: Value) -> Value:
    return make(net, dtype)


TYPED = _typed()


@dataclass(frozen=True)
class Case:
    """A random network, its result, what goes in, and which oracle runs it."""

    net: Network
    output: Value
    samples: Samples
    oracle: str

    def model(self, operators: int | None = None) -> bytes:
        """The .tflite file, or one of the first operators alone, whose output is that of the last of them."""
        if operators is None:
            return self.net.builder.finish(self.net.inputs, [self.output])
        cut = self.net.builder.upto(operators)
        return cut.finish(self.net.inputs, [cut.written()[-1]])

    def minimal(self, operators: int) -> bytes:
        """The last of the first operators with those alone that it needs; inputs stay, so that samples fit."""
        cut = self.net.builder.upto(operators)
        return cut.needed().finish(self.net.inputs, [cut.written()[-1]])


def random_case(seed: int, number: int) -> Case:
    """A chain of one to six operators, some of which take earlier results too; it ends where one is not int8."""
    net = Network(np.random.default_rng([seed, number]))
    if net.chance(_TYPED_SHARE):
        return typed_case(net)
    x = net.input((net.pick(1, 1, 1, 2), net.between(1, 9), net.between(1, 9), net.between(1, 7)))
    oracle, generators = ("LiteRT", LITERT) if net.chance(_LITERT_SHARE) else ("TFLM", GENERATORS)
    for _ in range(net.between(1, 6)):
        x = four_dimensions(net, x)
        net.values.append(x)
        x = generators[str(net.random.choice(sorted(generators)))](net, x)
        if not goes_on(x):
            break
    return Case(net, x, net.samples(_SAMPLES), oracle)


def typed_case(net: Network) -> Case:
    """One operator on data of another type than int8."""
    kind = sorted(TYPED)[net.between(0, len(TYPED) - 1)]
    dtype = "float32" if kind[1] == "hybrid" else kind[1]
    shape = (net.pick(1, 1, 2), net.between(1, 6), net.between(1, 6), net.between(1, 5))
    x = net.builder.tensor(shape, dtype="float32")
    if dtype in ("int16", "float32"):
        x = typed.given(net, dtype, *shape)
    y = TYPED[kind](net, x)
    return Case(net, y, net.samples(_SAMPLES), kind[0])


def differs(oracle: Oracle, model: bytes, samples: Samples) -> bool:
    """Whether the compiled model gives other bytes than the oracle. RefusedError as `Oracle.run`."""
    expected = oracle.run(model, samples)
    with tempfile.TemporaryDirectory() as folder:
        program = build(compile_model(parse_model(model), "model"), Path(folder), flags=_FLAGS)
        (got,) = program.run([np.stack(arrays) for arrays in zip(*samples, strict=True)])
    wanted = np.stack([outputs[0] for outputs in expected]).reshape(got.shape)
    if got.dtype == np.float32:
        return not np.allclose(got, wanted, rtol=_CLOSE, atol=_CLOSE, equal_nan=True)
    return got.tobytes() != wanted.tobytes()


def first_difference(oracle: Oracle, case: Case) -> int:
    """How many of the first operators show the difference."""
    count = len(case.net.builder.written())
    cuts = (cut for cut in range(1, count) if differs(oracle, case.model(cut), case.samples))
    return next(cuts, count)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the cases."""
    parser = argparse.ArgumentParser(prog="python -m testbench.differential", description=__doc__)
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path(), help="for the cases that differ")
    arguments = parser.parse_args(argv)
    counts = {"same": 0, "differ": 0, "refused": 0}
    with Oracle() as tflm, Oracle("LiteRT") as litert:
        oracles = {"TFLM": tflm, "LiteRT": litert}
        for number in range(arguments.cases):
            counts[_run(oracles, arguments.seed, number, arguments.folder)] += 1
    print(f"seed {arguments.seed}: " + ", ".join(f"{count} {what}" for what, count in counts.items()))
    return int(counts["differ"] > 0)


def _run(oracles: Mapping[str, Oracle], seed: int, number: int, folder: Path) -> str:
    case = random_case(seed, number)
    oracle = oracles[case.oracle]
    try:
        if not differs(oracle, case.model(), case.samples):
            return "same"
        cut = first_difference(oracle, case)
    except RefusedError as error:
        print(f"case {number} is refused by its oracle: {error}")
        return "refused"
    except UserError as error:
        print(f"case {number} is not taken: {error}")
        return "differ"
    path = folder / f"failing-{seed}-{number}.tflite"
    path.write_bytes(case.minimal(cut))
    print(f"case {number} differs from operator {cut - 1} ({case.net.builder.name_of(cut - 1)}) on: {path}")
    return "differ"


if __name__ == "__main__":
    sys.exit(main())
