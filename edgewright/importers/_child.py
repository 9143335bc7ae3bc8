"""A converter's own process, in an environment of its own, which does what it is asked.

It reads a verb a line and answers each with a line, "done" or "error: ..."; arrays go through files of a folder that
both know. It ends with its standard input, so with the process that asks, or where its memory is wanted elsewhere.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgewright.errors import UserError
from edgewright.importers._environment import Environment

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Child:
    """A script of this folder in an environment, with a model.

    Attributes:
        folder: where it puts what it makes.
    """

    def __init__(self, environment: Environment, script: Path, model: Path, folder: Path, source: str) -> None:
        """Nothing runs yet.

        Args:
            environment: where it runs.
            script: which it runs.
            model: the file that it works on.
            folder: where it puts what it makes.
            source: place for messages.
        """
        self.folder, self._source = folder, source
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 - it lives as long
        self._command = [str(environment.program), "-I", str(script), str(model), str(folder)]
        self._process: Any = None

    def do(self, verb: str) -> None:
        """Have it do something; it is started where it does not run. UserError: it cannot, for its own reason."""
        process, told = self._process or self._started(), ""
        try:
            process.stdin.write(f"{verb}\n")
            process.stdin.flush()
            told = process.stdout.readline().strip()
        except BrokenPipeError:
            pass
        if told != "done":
            raise UserError(self._source, told.removeprefix("error: ") or self._last_words(process))

    def answers(self, columns: Sequence[NDArray[Any]], verb: str = "answer") -> list[NDArray[Any]]:
        """The model's own outputs, each with one row an example, of inputs of that form; or what another verb gives."""
        import numpy as np

        np.savez(self.folder / "inputs.npz", **{str(number): column for number, column in enumerate(columns)})
        self.do(verb)
        with np.load(self.folder / "outputs.npz", allow_pickle=False) as found:
            return [found[str(number)] for number in range(len(found.files))]

    def end(self) -> None:
        """Let it go, and its memory, until there is more to do."""
        if self._process is not None:
            self._process.stdin.close()
            self._process.wait()
        self._process = None

    def _started(self) -> Any:
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": self._errors}
        self._process = subprocess.Popen(self._command, text=True, **pipes)
        return self._process

    def _last_words(self, process: Any) -> str:
        process.wait()
        self._errors.seek(0)
        lines = self._errors.read().strip().splitlines()
        return lines[-1].removeprefix("error: ")[:400] if lines else f"its process ended with {process.returncode}"
