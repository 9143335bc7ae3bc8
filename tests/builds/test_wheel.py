"""The wheel: built, installed where nothing of a checkout is, and used from a folder of one's own."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import jinja2
import pytest

from testbench.differential.builder import ModelBuilder

ROOT = Path(__file__).parents[2]
SCONSTRUCT = """
env = Environment(tools=["edge"], toolpath=[PyPackageDir("edgewright.scons")])
env.EdgeProject(target="mcu")
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made of the files that git has, or would take: a checkout holds more."""
    folder = tmp_path_factory.mktemp("wheel")
    listed = subprocess.run(
        ["git", "ls-files", "-coz", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file() and not name.startswith(("tests/", "testbench/", "benchmarks/")):
            (folder / "source" / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / "source" / name).write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "uv", "build", "--quiet", "--out-dir", str(folder), str(folder / "source")]
    subprocess.run(command, check=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def scons(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command, in an environment that has the wheel, and the packages that it needs from this one."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    (packages / "jinja2").symlink_to(Path(jinja2.__file__).parent)  # beside ours, as installed packages lie
    # behind the wheel's own; this environment's editable install of the checkout would be a further entry, read by
    # `site` alone, which paths of a .pth file are not
    (packages / "others.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return [str(folder / "bin" / "python"), "-m", "SCons"]


def test_all_that_is_no_python_is_in_it(wheel: Path) -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    wanted = {name for name in listed if name.startswith("edgewright/")}
    wanted |= {f"edgewright/_home/{n}" for n in listed if n.startswith(("firmware/", "targets/", "templates/"))}
    assert wanted - held == set()
    assert "edgewright/_home/LICENSE" in held


def test_a_project_elsewhere_builds(scons: list[str], tmp_path: Path) -> None:
    builder = ModelBuilder()
    x, y = builder.tensor((1, 8), 0.5), builder.tensor((1, 8), 0.5)
    builder.op("RELU", [x], [y], version=2)
    (tmp_path / "net.tflite").write_bytes(builder.finish([x], [y]))
    (tmp_path / "SConstruct").write_text(SCONSTRUCT)
    done = run([*scons, "model=net.tflite", "firmware", "bundle"], tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "build/mcu/net/firmware.elf").is_file()
    assert (tmp_path / "build/mcu/net/bundle/LICENSE").read_text() == (ROOT / "LICENSE").read_text()
    code = "import edgewright; print(edgewright.__file__)"
    where = run([scons[0], "-c", code], tmp_path).stdout
    assert str(ROOT) not in where
    looked_at = (tmp_path / "build/.contents.json").read_text()
    assert "/edgewright/" in looked_at
    assert "/jinja2/" not in looked_at


def test_without_a_model_it_says_how_to_give_one(scons: list[str], tmp_path: Path) -> None:
    (tmp_path / "SConstruct").write_text(SCONSTRUCT)
    done = run(scons, tmp_path)
    assert done.returncode == 2
    assert "model=all: the project has no model\n  hint: bring one: model=path/to/net.tflite" in done.stderr


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment["EDGEWRIGHT_CACHE"] = str(folder / "cache")
    return subprocess.run(command, cwd=folder, env=environment, check=False, capture_output=True, text=True)
