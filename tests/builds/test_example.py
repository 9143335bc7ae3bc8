"""examples/product: a board, an operator, a pass, a transport and a firmware of its own, built as its page says."""

from __future__ import annotations

import json
import shutil
import site
import subprocess
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples/product"
EXTRAS = "badge_extras-1.dist-info"

pytestmark = pytest.mark.skipif(shutil.which("arm-none-eabi-gcc") is None, reason="no arm-none-eabi-gcc")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("example") / "product"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("build", "__pycache__"))
    return folder


@pytest.fixture(scope="module")
def python(project: Path) -> Path:
    """Of an environment with all that this one has, and the project's extras as `pip install ./extras` leaves them."""
    folder = project.parent / "environment"
    venv.create(folder, symlinks=True)
    packages = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder), "platbase": str(folder)}))
    (packages / "all.pth").write_text("\n".join([*site.getsitepackages(), str(ROOT)]))
    shutil.copytree(project / "extras/badge_extras", packages / "badge_extras")
    (packages / EXTRAS).mkdir()
    (packages / EXTRAS / "METADATA").write_text("Metadata-Version: 2.1\nName: badge-extras\nVersion: 1\n")
    (packages / EXTRAS / "entry_points.txt").write_text(_entry_points(project))
    return folder / "bin/python"


def _entry_points(project: Path) -> str:
    """Those of its pyproject.toml, as an installed package has them."""
    lines = (project / "extras/pyproject.toml").read_text().splitlines()
    start = next(number for number, line in enumerate(lines) if "entry-points" in line)
    end = lines.index("[tool.setuptools]")
    text = "\n".join(lines[start:end]).replace('"', "")
    return text.replace("project.entry-points.", "")


def run(python: Path, project: Path, *words: str) -> str:
    done = subprocess.run([python, *words], cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_its_files_are_read_and_its_product_follows_the_model(python: Path, project: Path) -> None:
    said = run(python, project, "-m", "SCons", "cache=off", "-n", "product")
    order = [said.index(words) for words in ("round_weights wave", "build firmware of wave for badge", "badge.elf")]
    assert order == sorted(order)
    assert "-mcpu=cortex-m4" in said


@pytest.mark.slow
def test_the_product_runs(python: Path, project: Path) -> None:
    said = run(python, project, "-m", "SCons", "cache=off", "run", "report")
    assert "half a turn in 8 samples: slow, by signs slow\nhalf a turn in 3 samples: fast, by signs fast\n" in said
    report = json.loads((project / "build/badge/wave/report.json").read_text())
    assert report["accuracy"]["quantized"] > 0.9
    assert report["latency"]["place"] == "desk"
    assert [step["step"] for step in report["steps"]] == ["round_weights"]
    assert "up to date" in run(python, project, "-m", "SCons", "cache=off", "product")
