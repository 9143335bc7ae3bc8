"""Networks that mix operators, as firmware of every emulated board: each pair of operators meets in one model.

    python -m testbench.differential.pairs --seed 1

Operators are drawn until each pair of them has stood in one model for each board: kernels that are right alone may
still not compile beside one another. Each model is compiled and linked by the firmware stage, run in QEMU, and its
answers compared with those of the portable kernels on this machine. What fails is written as
<folder>/failing-<board>-<seed>-<number>.tflite; the exit code is 1 when there was one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgewright.compiler import CompileOptions, compile_model, host
from edgewright.errors import EdgewrightError
from edgewright.tflite.reader import parse_model
from testbench.differential import floats, hybrid, operators, recurrent, shorts, signals, typed
from testbench.differential.builder import Value
from testbench.differential.images import Emulated, answers, build_image, emulated_boards
from testbench.differential.network import Generator, Network, four_dimensions, goes_on

KINDS: dict[tuple[str, str], Generator] = {
    **{(op, "int8"): make for op, make in {**operators.GENERATORS, **operators.LITERT}.items()},
    **{(op, dtype): make for op, make in typed.GENERATORS.items() for dtype in ("int16", "float32")},
    **{(op, "int16"): make for op, make in {**shorts.GENERATORS, **shorts.LITERT}.items()},
    **{(op, "float32"): make for op, make in {**floats.GENERATORS, **recurrent.FLOAT}.items()},
    **signals.GENERATORS,
    **{(op, "hybrid"): make for op, make in {**hybrid.LITERT, **recurrent.HYBRID}.items()},
}
"""Operators by name and type: what a model is drawn from."""

WEIGHTS = ("raw", "raw", "auto", "lut", "sparse", "coded", "startup")
_SAMPLES = 2
_SHARE_OF_CHAINS = 0.5

Kind = tuple[str, str]


@dataclass(frozen=True)
class Mix:
    """A model of several operators.

    Attributes:
        model: the .tflite file.
        inputs: one array (n, *shape) for each input of the model.
        options: how it is compiled.
    """

    model: bytes
    inputs: list[NDArray[Any]]
    options: CompileOptions


@dataclass
class Pairs:
    """The pairs that have met, and models that bring those together that have not."""

    met: set[frozenset[Kind]] = field(default_factory=set)

    def left(self, kind: Kind, chosen: Sequence[Kind]) -> int:
        """How many new pairs an operator makes with those that are chosen."""
        return sum(frozenset((kind, other)) not in self.met for other in chosen)

    def draw(self, random: np.random.Generator, size: int) -> list[Kind]:
        """Operators of a model, in random order: the one with most pairs left, then those that add most."""
        chosen: list[Kind] = []
        while len(chosen) < size:
            kinds = [kind for kind in KINDS if kind not in chosen]
            random.shuffle(kinds)
            chosen.append(max(kinds, key=partial(self.left, chosen=chosen or kinds)))
        self.met |= {frozenset(pair) for pair in combinations(chosen, 2)}
        random.shuffle(chosen)
        return chosen

    @property
    def complete(self) -> bool:
        """Whether each pair has met."""
        return len(self.met) == len(KINDS) * (len(KINDS) - 1) // 2


def mixes(seed: int, size: int) -> Iterator[Mix]:
    """Models of `size` operators each until every pair has met in one."""
    pairs, random = Pairs(), np.random.default_rng([seed, size])
    while not pairs.complete:
        yield mix(random, pairs.draw(random, size))


def mix(random: np.random.Generator, kinds: Sequence[Kind]) -> Mix:
    """A model of these operators: some take the result of the one before, the others an input of their own."""
    net, last = Network(random), None
    for kind in kinds:
        x = _start(net, kind[1], last)
        last = KINDS[kind](net, x)
    model = net.builder.finish(net.inputs, net.builder.unread())
    inputs = [np.stack(arrays) for arrays in zip(*net.samples(_SAMPLES), strict=True)]
    return Mix(model, inputs, CompileOptions(weights=str(random.choice(WEIGHTS))))


def _start(net: Network, dtype: str, last: Value | None) -> Value:
    if dtype == "int8" and last is not None and goes_on(last) and net.chance(_SHARE_OF_CHAINS):
        return four_dimensions(net, last)
    shape = (1, net.between(2, 6), net.between(2, 6), net.pick(1, 2, 3, 4, 8))
    dtype = "float32" if dtype == "hybrid" else dtype
    return net.input(shape) if dtype == "int8" else typed.given(net, dtype, *shape)


def check(mixed: Mix, board: Emulated, folder: Path) -> str | None:
    """What is wrong with a model's firmware, None when its answers are those of this machine."""
    graph = parse_model(mixed.model)
    try:
        here = host.build(compile_model(graph, "model", options=mixed.options), folder / "host", flags=("-O1",))
        compiled = compile_model(graph, "model", board.core, mixed.options)
        got = answers(build_image(compiled, board, folder), board, mixed.inputs)
        wanted = here.run(mixed.inputs)
    except EdgewrightError as error:
        return str(error)
    different = [place for place, pair in enumerate(zip(got, wanted, strict=True)) if not _same(*pair)]
    return f"outputs {different} differ from this machine's" if different else None


def _same(a: NDArray[Any], b: NDArray[Any]) -> bool:
    """Equal to the bit; floats, whose functions come from a system's library, close."""
    if np.issubdtype(a.dtype, np.floating):
        return bool(np.allclose(a, b, rtol=1e-3, atol=1e-4, equal_nan=True))
    return bool(np.array_equal(a, b))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the campaign."""
    boards = emulated_boards()
    parser = argparse.ArgumentParser(prog="python -m testbench.differential.pairs", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", type=int, default=24, help="operators of a model")
    parser.add_argument("--boards", nargs="+", choices=sorted(boards), default=sorted(boards))
    parser.add_argument("--folder", type=Path, default=Path(), help="for the models that fail")
    arguments = parser.parse_args(argv)
    failed = sum(_run(boards[name], arguments) for name in arguments.boards)
    return int(failed > 0)


def _run(board: Emulated, arguments: argparse.Namespace) -> int:
    failed = count = 0
    for count, mixed in enumerate(mixes(arguments.seed, arguments.size), 1):
        with tempfile.TemporaryDirectory() as folder:
            problem = check(mixed, board, Path(folder))
        if problem:
            failed += 1
            path = arguments.folder / f"failing-{board.name}-{arguments.seed}-{count}.tflite"
            path.write_bytes(mixed.model)
            print(f"{board.name}: {path}, weights {mixed.options.weights}: {problem}", flush=True)
    print(f"{board.name}: {count} models, {len(KINDS)} operators, {failed} failed", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
