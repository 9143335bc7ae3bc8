"""The table "to add X, edit Y" of docs/design.md, followed outside this repository by what its pages show.

A target, a board and a model are files of a project; a data set, a kind of preprocessing, a pass, a command, a flash
tool and an importer stand in a package that is installed beside Edgewright and names them as entry points. Operators
and kernels are in tests/integration/test_out_of_tree.py, a transport in test_example.py.
"""

from __future__ import annotations

import gzip
import json
import os
import site
import subprocess
import sysconfig
import venv
from pathlib import Path

import pytest

from testbench import howto

ROOT = Path(__file__).parents[2]

PAGES = tuple(
    f"adding-{name}.md"
    for name in (
        *("a-target", "a-model", "a-data-set", "a-kind-of-preprocessing", "a-pass", "a-command"),
        *("a-flash-tool", "an-importer"),
    )
)
SCONSTRUCT = """\
env = Environment(tools=["edge"], toolpath=[PyPackageDir("edgewright.scons")])
env.EdgeProject(target="shelf", model="halves")
"""
PACKAGE = {
    "skeleton/__init__.py": "",
    "skeleton-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: skeleton\nVersion: 1\n",
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
    shown = {name: text for name, text in howto.files(*PAGES).items() if name.startswith("skeleton/")}
    found = {"skeleton-1.dist-info/entry_points.txt": howto.entry_points(*PAGES)}
    write(packages, {**PACKAGE, **shown, **found, "all.pth": "\n".join([*site.getsitepackages(), str(ROOT)])})
    return folder / "bin/python"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    shown = {name: text for name, text in howto.files(*PAGES).items() if not name.startswith("skeleton/")}
    write(folder, {"SConstruct": SCONSTRUCT, **shown})
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
    assert "least halves" in said
    assert (project / "build/shelf/halves/firmware.elf").is_file()

    source = Path(run(python, project, "-c", "import skeleton.limit as it; print(it.__file__)").strip())
    source.write_text(source.read_text().replace("share)\n", "share / 2)\n"))
    said = run(python, project, "-m", "SCons", "cache=off", "compress")
    assert "least halves" in said, "an edit of any file of the package is seen"
    assert "train halves" not in said


def test_a_command(python: Path, project: Path) -> None:
    words = ("-c", "import sys; from edgewright.cli import main; sys.exit(main())")
    assert "count the files of a folder" in run(python, project, *words, "--help")
    assert run(python, project, *words, "count", "targets") == "2 files\n"


def test_a_flash_tool(python: Path, project: Path) -> None:
    words = ("-m", "SCons", "cache=off", "flash")
    environment = {**os.environ, "EDGEWRIGHT_WARM": str(python.parents[1] / "warm")}
    done = subprocess.run([python, *words], cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "no drive at drive\n  hint: plug the board in, and mount it" in done.stderr
    (project / "drive").mkdir()
    run(python, project, *words)
    flashed = (project / "drive/firmware.bin").read_bytes()
    assert flashed == (project / "build/shelf/halves/firmware.bin").read_bytes()


def test_an_importer(python: Path, project: Path) -> None:
    """Of a model that was built before: the C is the same."""
    built = project / "build/shelf/halves/halves.tflite"
    (project / "net.tflite.gz").write_bytes(gzip.compress(built.read_bytes()))
    write(project, {"targets/plain.toml": 'description = "without passes"\nboard = "drawer"\nruntime = "aot"\n'})
    run(python, project, "-m", "SCons", "cache=off", "target=plain", "model=net.tflite.gz", "headers")
    assert (project / "build/plain/net_tflite/net_tflite.tflite").read_bytes() == built.read_bytes()
