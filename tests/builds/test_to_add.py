"""The table "to add X, edit Y" of docs/design.md, followed outside this repository: skeletons, and a build with them.

A target, a board and a model are files of a project; a data set, a kind of preprocessing, a pass and a command stand
in a package that is installed beside Edgewright and names them as entry points. Other rows are followed where their
kind is tested.
"""

from __future__ import annotations

import json
import os
import site
import subprocess
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PROJECT = {
    "SConstruct": """\
env = Environment(tools=["edge"], toolpath=[PyPackageDir("edgewright.scons")])
env.EdgeProject(target="shelf", model="halves")
""",
    "targets/shelf.toml": """\
description = "a target of one's own"
board = "drawer"
runtime = "aot"
[[compress]]
pass = "skeleton_pass"
share = 0.25
[quantize]
calibration_samples = 20
""",
    "targets/boards/drawer.toml": None,  # a board that Edgewright has, under a name and with a description of its own
    "models/halves/model.toml": """\
description = "a model of one's own"
[data]
dataset = "skeleton-data"
validation = 40
[preprocess]
kind = "skeleton-kind"
middle = 0.5
[train]
epochs = 1
batch_size = 20
""",
    "models/halves/model.py": """\
from tensorflow import keras


def build():
    return keras.Sequential([keras.layers.Flatten(input_shape=(4, 4, 1)), keras.layers.Dense(2, activation="softmax")])
""",
}
PACKAGE = {
    "skeleton/__init__.py": "",
    "skeleton/kind.py": """\
from edgewright.preprocessing import Plan, Raw, Scaling
from edgewright.sections.section import Section


class OPTIONS(Section):
    middle: float


def plan(options, shape):
    scaling = Scaling((options.middle * 255,), (1 / 255,), (0, 255))
    return Plan(Raw("uint8", 1 / 255), shape, shape, scaling)
""",
    "skeleton/data.py": """\
from edgewright.datasets import Dataset

LABELS = ("lower", "upper")
NUM_CLASSES = 2
INPUT_SHAPE = (4, 4, 1)
TRAIN_EXAMPLES = 200
TEST_EXAMPLES = 50


def sources():
    return []


def load():
    import numpy as np

    random = np.random.default_rng(7)
    y = random.integers(0, 2, 250)
    x = random.random((250, 4, 4, 1)).astype("float32") * 0.5
    x[y == 1, :2] += 0.5
    return Dataset(x[:200], y[:200], x[200:], y[200:])
""",
    "skeleton/limit.py": """\
def limit(np, kernel, share):
    return np.quantile(np.abs(kernel), share)
""",
    "skeleton/least.py": """\
from pydantic import BaseModel

from skeleton.limit import limit


class Options(BaseModel):
    share: float


OPTIONS = Options


def apply(model, data, options, context):
    import numpy as np

    kernel, bias = model.layers[-1].get_weights()
    kernel[np.abs(kernel) < limit(np, kernel, options.share)] = 0
    model.layers[-1].set_weights([kernel, bias])
    context.note("share", options.share)
    return model
""",
    "skeleton/count.py": """\
from pathlib import Path

SUMMARY = "count the files of a build"


def main(argv):
    print(sum(path.is_file() for path in Path(argv[0]).rglob("*")), "files")
    return 0
""",
    "skeleton-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: skeleton\nVersion: 1\n",
    "skeleton-1.dist-info/entry_points.txt": """\
[edgewright.preprocessing]
skeleton-kind = skeleton.kind
[edgewright.datasets]
skeleton-data = skeleton.data
[edgewright.passes]
skeleton_pass = skeleton.least
[edgewright.commands]
skeleton-count = skeleton.count
""",
}


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with all that this one has, and the package."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True)
    packages = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder), "platbase": str(folder)}))
    write(packages, {**PACKAGE, "all.pth": "\n".join([*site.getsitepackages(), str(ROOT)])})
    return folder / "bin/python"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    board = (ROOT / "targets/boards/mps2-an385.toml").read_text()
    write(folder, {name: text or board for name, text in PROJECT.items()})
    return folder


def run(python: Path, project: Path, *words: str) -> str:
    warm = str(python.parents[1] / "warm")  # of this Python: the session's would give way to it, and it to that again
    environment = {**os.environ, "EDGEWRIGHT_WARM": warm}
    done = subprocess.run([python, *words], cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_build_of_what_was_added(python: Path, project: Path) -> None:
    said = run(python, project, "-m", "SCons", "cache=off", "report")
    report = json.loads((project / "build/shelf/halves/report.json").read_text())
    assert report["accuracy"]["samples"] == 50
    assert 0.2 < 1 - report["size"]["nonzero_weights"] / report["size"]["weights"] < 0.4
    assert "skeleton_pass halves" in said
    assert (project / "build/shelf/halves/firmware.elf").is_file()

    source = Path(run(python, project, "-c", "import skeleton.limit as it; print(it.__file__)").strip())
    source.write_text(source.read_text().replace("share)\n", "share / 2)\n"))
    said = run(python, project, "-m", "SCons", "cache=off", "compress")
    assert "skeleton_pass halves" in said, "an edit of any file of the package is seen"
    assert "train halves" not in said


def test_a_command(python: Path, project: Path) -> None:
    words = ("-c", "import sys; from edgewright.cli import main; sys.exit(main())")
    assert "count the files of a build" in run(python, project, *words, "--help")
    assert run(python, project, *words, "skeleton-count", "targets") == "2 files\n"
