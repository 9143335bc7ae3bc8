"""What is imported when nothing is done yet: `scons -h` and a build with nothing to do never pay for TensorFlow."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "edgewright"
HEAVY = ["ai_edge_litert", "keras", "tensorflow", "tensorflow_model_optimization", "tf_keras", "tflite_runtime"]


def dotted(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_importing_everything_loads_neither_tensorflow_nor_a_runtime() -> None:
    names = [dotted(path) for path in sorted(PACKAGE.rglob("*.py")) if path.name != "__main__.py"]
    program = (
        "import importlib, sys\n"
        f"for name in {names}: importlib.import_module(name)\n"
        f"print(sorted(set({HEAVY}) & set(sys.modules)))"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=PACKAGE.parent, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[]\n", "")


PLANS = """\
import sys
from edgewright.home import home
from edgewright.scons import _options
from edgewright.scons._chosen import planned
plan = planned(home(), _options.options("rpi", "fashion_cnn"), {"target": "all", "model": "all"})
print(len(plan.stages) > 100, sorted({"numpy", "tflite", "jinja2", "rich"} & set(sys.modules)))
"""


def test_a_build_that_has_nothing_to_do_does_without_numpy() -> None:
    command = [sys.executable, "-c", PLANS]
    done = subprocess.run(command, cwd=PACKAGE.parent, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("True []\n", "")
