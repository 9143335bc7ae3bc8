"""What becomes of a file: compiled, run, and held against what its oracle answers."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgewright.compiler import CompileOptions, compile_model, host
from edgewright.errors import UserError
from edgewright.tflite import differences
from edgewright.tflite.graph import Graph, Tensor
from edgewright.tflite.reader import parse_model
from testbench.differential.images import Emulated, answers, build_image
from testbench.differential.oracle import Oracle, RefusedError
from testbench.zoo.keras_networks import VOCABULARY

EXACT, CLOSE, ALONE, DIFFERS, REFUSED = "exact", "close", "alone", "differs", "refused"
ROUNDING = {"TFLM": "tflm", "LiteRT": "litert"}
"""What the compiler is asked for, by oracle."""
_FLAGS = ("-std=c99", "-O0", "-w", "-ffp-contract=off")
_SAMPLES = 4
_TOLERANCE = 1e-5
"""Of the largest value: floats come from the functions of a system's library, and from sums in another order."""

_STEPS = 2
"""Of LiteRT's 16x8 kernels, which round otherwise than TensorFlow Lite Micro's and ours do."""

Answers = Sequence[NDArray[Any]]
"""One array (n, *shape) for each output."""


@dataclass(frozen=True)
class Outcome:
    """What came of a file.

    Attributes:
        oracle: "TFLM", "LiteRT", or "" where neither runs it.
        result: EXACT; CLOSE, floats within a hundred-thousandth, or int16 within 2 of LiteRT's; ALONE, compiled and
            run, but no oracle runs it; DIFFERS; REFUSED.
        reason: the line of the refusal that says what of the model it is for.
    """

    oracle: str
    result: str
    reason: str = ""


class Checker:
    """Oracles that live until it is closed."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._oracles = {kind: self._stack.enter_context(Oracle(kind)) for kind in ROUNDING}

    def __enter__(self) -> Checker:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def wanted(self, model: bytes, graph: Graph, inputs: Answers) -> tuple[str, Answers]:
        """The first oracle that runs a model, and its answers; ("", ()) when neither does.

        A runtime is none where it is known to answer nonsense (docs/runtimes.md).
        """
        nonsense = {
            "TFLM": differences.is_nonsense_of_micro(graph),
            "LiteRT": any(differences.found(graph, "litert", "refuses")),
        }
        for kind, oracle in self._oracles.items():
            if nonsense[kind]:
                continue
            try:
                found = oracle.run(model, list(zip(*inputs, strict=True)))
            except RefusedError:
                continue
            return kind, [np.stack(arrays) for arrays in zip(*found, strict=True)]
        return "", ()

    def check(self, model: bytes, board: Emulated | None = None) -> Outcome:
        """Compile and run a model on this machine, or as firmware of a board.

        Raises:
            ToolError: a compiler refuses what was made of it.
        """
        try:
            graph = parse_model(model)
            inputs = samples(graph)
        except UserError as error:
            return Outcome("", REFUSED, reason(error))
        oracle, wanted = self.wanted(model, graph, inputs)
        options = CompileOptions(rounding=ROUNDING.get(oracle, "tflm"))
        try:
            got = _run(graph, options, inputs, board)
        except UserError as error:
            return Outcome(oracle, REFUSED, reason(error))
        return Outcome(oracle, _same(got, wanted, oracle) if oracle else ALONE)


def _run(graph: Graph, options: CompileOptions, inputs: Answers, board: Emulated | None) -> Answers:
    with tempfile.TemporaryDirectory() as folder:
        if board is None:
            return host.build(compile_model(graph, "net", options=options), Path(folder), flags=_FLAGS).run(inputs)
        compiled = compile_model(graph, "net", board.core, options)
        return answers(build_image(compiled, board, Path(folder)), board, inputs)


def _same(got: Answers, wanted: Answers, oracle: str) -> str:
    pairs = [(a.reshape(b.shape), b) for a, b in zip(got, wanted, strict=True)]
    if all(a.tobytes() == b.tobytes() for a, b in pairs):
        return EXACT
    return CLOSE if all(_close(a, b, oracle) for a, b in pairs) else DIFFERS


def _close(a: NDArray[Any], b: NDArray[Any], oracle: str) -> bool:
    if np.issubdtype(b.dtype, np.floating):
        return bool(np.abs(a - b).max() <= _TOLERANCE * max(1.0, np.abs(b).max()))
    steps = _STEPS if b.dtype == np.int16 and oracle == "LiteRT" else 0
    return bool(np.abs(a.astype(np.int64) - b).max() <= steps)


def reason(error: UserError) -> str:
    """Of a message, what it says of the model: its first fault."""
    lines = [line.strip() for line in str(error).splitlines()]
    found = next((line for line in lines if line.startswith("operator")), lines[0])
    return found.removeprefix("error: ")


def samples(graph: Graph) -> Answers:
    """Random inputs, (n, *shape) each, the same each time; the last two are at both ends of their type."""
    random = np.random.default_rng(7)
    return tuple(_sample(random, graph.tensors[number]) for number in graph.inputs)


def _sample(random: np.random.Generator, tensor: Tensor) -> NDArray[Any]:
    shape = (_SAMPLES, *tensor.shape)
    if tensor.dtype == "float32":
        return (2 * random.standard_normal(shape)).astype(np.float32)
    if tensor.dtype in ("int32", "int64", "bool"):
        return random.integers(0, 2 if tensor.dtype == "bool" else VOCABULARY, shape).astype(tensor.dtype)
    limits = np.iinfo(tensor.dtype)
    found = random.integers(limits.min, limits.max, shape, endpoint=True)
    found[-2], found[-1] = limits.min, limits.max
    return found.astype(tensor.dtype)
