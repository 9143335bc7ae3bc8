"""TensorFlow Lite Micro's own interpreter, in a process of its own: it aborts where a model breaks its rules."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Sequence
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

_ARENA_BYTES = 8 << 20

Sample = Sequence[NDArray[Any]]
"""One array for each input of a model."""


class RefusedError(Exception):
    """The oracle does not run the model; `str()` is the end of what it said."""


class Oracle:
    """A worker that lives until it is closed, and is started again after a model that ended it."""

    def __init__(self) -> None:
        self._worker: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Oracle:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(self, model: bytes, samples: Sequence[Sample]) -> list[list[NDArray[Any]]]:
        """For each sample the model's outputs.

        Raises:
            RefusedError: TensorFlow Lite Micro refuses the model.
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
            raise RefusedError("TensorFlow Lite Micro aborted") from error
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
            command = [sys.executable, "-m", "benchmarks.differential.oracle"]
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
            answer: tuple[bool, Any] = (True, _run(model, samples))
        except Exception as error:  # noqa: BLE001 - whatever it is, the other side is told
            answer = (False, str(error))
        pickle.dump(answer, answers)
        answers.flush()


def _run(model: bytes, samples: Sequence[Sample]) -> list[list[NDArray[Any]]]:
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


if __name__ == "__main__":
    _serve()
