"""The warm server of a build: imports TensorFlow once, and forks a child for each stage that a client hands over.

    python -m edgewright.training._warm_server LISTENER OWNER FINGERPRINT       (see warm, which starts it)

It ends with the process OWNER, when nobody needed it for a while, or when a client shows it to be out of date or
would have loaded other packages. Children import Edgewright's own code anew, so edited code is never missed.
"""

from __future__ import annotations

import gc
import importlib
import math
import os
import signal
import socket
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

from edgewright.forked.server import Request, Server, Work
from edgewright.hidden import hidden
from edgewright.training import tensorflow
from edgewright.training.warm import IDLE, worker_anew

IDLE_S = 60.0  # unless the environment says otherwise
OWN = {"edgewright", "__main__"}

# all that a stage imports besides our own code, including what TensorFlow itself imports late
PACKAGES = (
    "numpy",
    "h5py",
    "pydantic.main",
    "pydantic.fields",
    "pydantic.functional_validators",
    "rich.console",
    "rich.progress",
    "tflite",
    "tf_keras",
    "tensorflow_model_optimization",
)

UNUSED = ("keras",)
"""Keras 3, which tensorflow-model-optimization imports to look for a module that it lacks: a second and 50 MB."""


class Loaded:
    """The modules that this process has loaded, without our own, which children import anew.

    Args:
        path: where it looked for them; packages add to `sys.path` what is theirs.
    """

    def __init__(self, path: Sequence[str]) -> None:
        self._path = set(path)
        tops = {name: module for name, module in sys.modules.items() if "." not in name and name not in OWN}
        self._names = set(tops)
        files = (Path(file) for module in tops.values() if (file := getattr(module, "__file__", None)))
        self._places = {str(file.parents[file.name == "__init__.py"]) for file in files}

    def are_those_of(self, path: Sequence[str]) -> bool:
        """Whether a process that looks for modules in `path` would have loaded the same."""
        if self._places & (self._path - set(path)):
            return False
        return not any(self._names & _modules_in(Path(folder)) for folder in set(path) - self._path)


def _modules_in(folder: Path) -> set[str]:
    """Names of the modules and packages in a folder; none where there is no folder."""
    try:
        entries = list(folder.iterdir())
    except OSError:
        return set()
    modules = {entry.name.partition(".")[0] for entry in entries if entry.suffix in {".py", ".so"}}
    return modules | {entry.name for entry in entries if (entry / "__init__.py").is_file()}


def _child(request: Request, files: list[int]) -> int:
    """Become the stage that the client asked for."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    sys.path[:] = request["path"]
    code: int = worker_anew().work(request["stage"], request["argv"], *files)
    return code


def _idle_s() -> float | None:
    idle_s = float(os.environ.get(IDLE, IDLE_S))
    return None if math.isinf(idle_s) else idle_s


def main() -> None:
    """Import, then serve."""
    warnings.simplefilter("ignore")  # of libraries; nobody would read them
    listener = socket.socket(fileno=int(sys.argv[1]))
    fingerprint = sys.argv[3]
    path = list(sys.path)
    tensorflow.import_tensorflow()
    with hidden(*UNUSED):
        for package in PACKAGES:
            importlib.import_module(package)
    gc.collect()
    gc.freeze()  # children share the pages of what is imported
    loaded = Loaded(path)

    def takes(request: Request) -> bool:
        return request["fingerprint"] == fingerprint and loaded.are_those_of(request["path"])

    Server(listener, int(sys.argv[2]), Work(takes, _child), _idle_s()).serve()


if __name__ == "__main__":
    main()
