"""The interpreters that say what is right, in processes of their own: they abort where a model breaks their rules."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Sequence
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from edgewright.training.litert import reference

_ARENA_BYTES = 8 << 20

Sample = Sequence[NDArray[Any]]
"""One array for each input of a model."""


class RefusedError(Exception):
    """The oracle does not run the model; `str()` is the end of what it said."""


class Oracle:
    """A worker that lives until it is closed, and is started again after a model that ended it.

    Args:
        kind: "TFLM" for TensorFlow Lite Micro, "LiteRT" for LiteRT with its reference kernels.
    """

    def __init__(self, kind: str = "TFLM") -> None:
        self._kind = kind
        self._worker: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Oracle:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(self, model: bytes, samples: Sequence[Sample]) -> list[list[NDArray[Any]]]:
        """For each sample the model's outputs.

        Raises:
            RefusedError: the interpreter refuses the model.
        """
        worker = self._start()
        if worker.stdin is None or worker.stdout is None:
            raise RefusedError("no pipes to the oracle")
        try:
            pickle.dump((model, samples), worker.stdin)
            worker.stdin.flush()
            ok, result = pickle.load(worker.stdout)  # noqa: S301 - from our own process
        except (EOFError, BrokenPipeError) as error:
            self.close()
            raise RefusedError(f"{self._kind} aborted") from error
        if not ok:
            raise RefusedError(result)
        outputs: list[list[NDArray[Any]]] = result
        return outputs

    def close(self) -> None:
        """End the worker."""
        if self._worker is None:
            return
        if self._worker.stdin and self._worker.stdout:
            self._worker.stdout.close()
            self._close_quietly(self._worker.stdin)
        self._worker.wait(timeout=30)
        self._worker = None

    @staticmethod
    def _close_quietly(pipe: IO[bytes]) -> None:
        try:
            pipe.close()
        except BrokenPipeError:
            return

    def _start(self) -> subprocess.Popen[bytes]:
        if self._worker is None:
            command = [sys.executable, "-m", "testbench.differential.oracle", self._kind]
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
            self._worker = subprocess.Popen(command, **pipes)  # type: ignore[call-overload]
        return self._worker


def _serve() -> None:
    """Answer (model, samples) with (True, outputs) or (False, message), until the input ends."""
    answers = sys.stdout.buffer
    while True:
        try:
            model, samples = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our own process
        except EOFError:
            return
        try:
            answer: tuple[bool, Any] = (True, _RUN[sys.argv[1]](model, samples))
        except Exception as error:  # noqa: BLE001 - whatever it is, the other side is told
            answer = (False, str(error))
        pickle.dump(answer, answers)
        answers.flush()


def _run_tflm(model: bytes, samples: Sequence[Sample]) -> list[list[NDArray[Any]]]:
    from tflite_micro import runtime

    interpreter = runtime.Interpreter.from_bytes(model, arena_size=_ARENA_BYTES + 4 * len(model))
    found = []
    for sample in samples:
        for place, array in enumerate(sample):
            interpreter.set_input(array, place)
        interpreter.invoke()
        found.append([np.array(interpreter.get_output(place)) for place in range(_outputs_of(model))])
    return found


def _outputs_of(model: bytes) -> int:
    from tflite.Model import Model

    return int(Model.GetRootAs(model, 0).Subgraphs(0).OutputsLength())


def _run_litert(model: bytes, samples: Sequence[Sample]) -> list[list[NDArray[Any]]]:
    interpreter = reference(model)
    found = []
    for sample in samples:
        for details, array in zip(interpreter.get_input_details(), sample, strict=True):
            interpreter.set_tensor(details["index"], array)
        interpreter.invoke()
        found.append([np.array(interpreter.get_tensor(d["index"])) for d in interpreter.get_output_details()])
    return found


_RUN = {"TFLM": _run_tflm, "LiteRT": _run_litert}

if __name__ == "__main__":
    _serve()
