"""Imports a file, quantizes and compiles what comes out, and holds the C against TensorFlow Lite Micro."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from edgewright.errors import EdgewrightError
from edgewright.home import home
from edgewright.tflite.reader import read_model
from testbench.differential.images import Emulated
from testbench.stages import import_commands, module_of
from testbench.zoo.check import Checker

SAMPLES = 32


@dataclass(frozen=True)
class Result:
    """What became of a file.

    Attributes:
        imported: "keras" (a Keras model, which passes work on), "tflite" or "refused".
        error: the largest difference from the origin on random inputs, as a part of the greatest magnitude.
        transposes: TRANSPOSE operators in the float .tflite.
        int8: what testbench.zoo says of the C beside an oracle: "exact", "close", ...; "refused"; None: not imported.
        oracle: which oracle.
        why: of what is refused.
        seconds: of the import, as a stage of a build.
    """

    imported: str
    error: float | None = None
    transposes: int | None = None
    int8: str | None = None
    oracle: str = ""
    why: str = ""
    seconds: float = 0.0


@contextmanager
def warm() -> Iterator[Mapping[str, str]]:
    """The environment of stages that share one process with TensorFlow, as in a build."""
    with TemporaryDirectory() as folder:
        yield {**os.environ, "EDGEWRIGHT_WARM": f"{folder}/warm", "EDGEWRIGHT_WARM_OWNER": str(os.getpid())}


def check(source: str, checker: Checker, board: Emulated | None, environment: Mapping[str, str]) -> Result:
    """Import, quantize, compile and compare; `board` runs the C, or this machine."""
    with TemporaryDirectory() as folder:
        work, begun = Path(folder), time.monotonic()
        failed = _imported(source, work / "net.tflite", environment)
        seconds = round(time.monotonic() - begun, 1)
        if failed is not None:
            return Result("refused", why=failed, seconds=seconds)
        facts = json.loads((work / "import.json").read_text())
        graph = read_model(work / "net.tflite")
        np.savez(work / "inputs.npz", **_inputs(graph))
        model = work / "net.tflite"
        if facts["becomes"] == "keras":
            model = work / "net.h5"
            _imported(source, model, environment)
        int8, oracle, why = _quantized(model, checker, board, environment)
        transposes = sum(node.op == "TRANSPOSE" for node in graph.nodes)
        form = "keras" if facts["becomes"] == "keras" else "tflite"
        return Result(form, facts["error"]["random"], transposes, int8, oracle, why, seconds)


def _imported(source: str, out: Path, environment: Mapping[str, str]) -> str | None:
    """None, or the message of what failed."""
    failed = (_stage(*map(str, words), environment=environment) for words in import_commands(source, out))
    return next((each for each in failed if each is not None), None)


def _quantized(
    model: Path, checker: Checker, board: Emulated | None, environment: Mapping[str, str]
) -> tuple[str, str, str]:
    work = model.parent
    files = ("--model", str(model), "--calibration", f"{work}/inputs.npz", "--out", f"{work}/int8.tflite")
    options = json.dumps({"data": {}, "quantize": {"qat": "never"}})
    failed = _stage("quantize", *files, "--stats", f"{work}/int8.json", "--options", options, environment=environment)
    if failed is not None:
        return "refused", "", failed
    try:
        outcome = checker.check((work / "int8.tflite").read_bytes(), board)
    except EdgewrightError as error:
        return "refused", "", anywhere(str(error).splitlines()[0])
    return outcome.result, outcome.oracle, anywhere(outcome.reason)


def _inputs(graph: Any) -> dict[str, Any]:
    random = np.random.default_rng(3)
    found = {}
    for number in graph.inputs:
        tensor = graph.tensors[number]
        shape = (SAMPLES, *tensor.shape[1:])
        floats = tensor.dtype.startswith("float")
        found[tensor.name] = random.standard_normal(shape) if floats else random.integers(0, 8, shape)
    return found


def _stage(name: str, *arguments: str, environment: Mapping[str, str]) -> str | None:
    """None, or the message of a stage that failed."""
    command = [sys.executable, "-m", module_of(name), *arguments]
    done = subprocess.run(command, cwd=home(), env=environment, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return None
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    return anywhere(errors[0].removeprefix("error: ")) if errors else f"exit code {done.returncode}"


def anywhere(message: str) -> str:
    """A message without the folders of this machine, the same on any other."""
    return re.sub(r"(?<![\w.])(?:/[^/\s:]+)+/(?=[^/\s:]+)", "", message)
