"""Checkpoints of a training: beside the output while it runs, gone when it ends."""

from __future__ import annotations

import hashlib
import json
import sys
import zipfile
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from edgewright.files import canonical_json, sha256_file, staged

History = list[dict[str, float]]


LIBRARIES = ("tensorflow", "tf-keras", "numpy")


def key_of(options: Any, files: Iterable[Path]) -> str:
    """A key that changes with the options, the content of `files`, our code that is loaded, and the LIBRARIES."""
    ours = sorted(name for name in sys.modules if name.split(".")[0] == "edgewright")
    code = [Path(file) for file in (getattr(sys.modules[name], "__file__", None) for name in ours) if file]
    digests = [sha256_file(path) for path in [*files, *code]]
    return hashlib.sha256(canonical_json([options, digests, [*map(version, LIBRARIES)]]).encode()).hexdigest()


class Checkpoint:
    """The state of a training after its last whole epoch: weights, optimizer, history, and whether that was the end.

    Args:
        out: the artifact that the training makes; the checkpoint is a hidden file beside it.
        key: see `key_of`; a checkpoint with another key is never used.
        number: which of the trainings that make `out`.
    """

    def __init__(self, out: Path, key: str, number: int = 0) -> None:
        self.path = out.with_name(f".{out.name}.checkpoint{number}.npz")
        self._key = f"{key}-{number}"

    def save(self, model: Any, history: History, best: Sequence[Any] | None = None) -> None:
        """Replace the checkpoint by the state of the compiled `model`; `best`: weights of an earlier epoch to keep."""
        import numpy as np

        head = json.dumps({"key": self._key, "history": history, "ended": bool(model.stop_training)})
        arrays = {f"w{index}": value for index, value in enumerate(model.get_weights())}
        arrays |= {f"o{index}": variable.numpy() for index, variable in enumerate(model.optimizer.variables)}
        arrays |= {f"b{index}": value for index, value in enumerate(best or ())}
        with staged(self.path) as aside:
            np.savez(aside, head=np.array(head), **arrays)

    def restore(self, model: Any) -> tuple[History, list[Any] | None]:
        """Put the saved state into the compiled `model`; gives the history, empty without any, and `best`."""
        found = self._read()
        if not found:
            return [], None
        head, arrays = found
        model.set_weights([arrays[f"w{index}"] for index in range(len(model.get_weights()))])
        model.optimizer.build(model.trainable_variables)
        for index, variable in enumerate(model.optimizer.variables):
            variable.assign(arrays[f"o{index}"])
        model.stop_training = head["ended"]  # a callback ended it: what it went by is gone
        best = [arrays[f"b{index}"] for index in range(len(model.get_weights())) if f"b{index}" in arrays]
        return head["history"], best or None

    def remove(self) -> None:
        """Forget the checkpoint."""
        self.path.unlink(missing_ok=True)

    def _read(self) -> tuple[dict[str, Any], dict[str, Any]] | None:
        import numpy as np

        try:
            with np.load(self.path, allow_pickle=False) as file:
                arrays = dict(file)
        except (OSError, ValueError, EOFError, zipfile.BadZipFile):
            return None  # none, or damaged: as good as none
        head = json.loads(str(arrays["head"]))
        return (head, arrays) if head["key"] == self._key else None
