"""The examples of docs/models.md: each section is one that is taken, load() loads, and the whole one becomes C."""

from __future__ import annotations

import random
import re
import sys
from pathlib import Path

import pytest

from edgewright.datasets import load_data
from edgewright.registry import datasets
from edgewright.sections.data import Data
from edgewright.spec import Model
from testbench.scons import run_scons

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PAGE = (Path(__file__).parents[2] / "docs/models.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"`(models/\w+/model\.\w+)`:\n\n```\w+\n(.*?)```", PAGE, re.DOTALL))
SECTIONS = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)

SCONSTRUCT = """\
env = Environment(tools=["edge"], toolpath=[PyPackageDir("edgewright.scons")])
env.EdgeProject(target="mcu-m0", model="motion")
"""


@pytest.mark.parametrize("text", SECTIONS, ids=range(len(SECTIONS)))
def test_every_section_is_taken(text: str) -> None:
    model = Model.model_validate({"description": "an example", **tomllib.loads(text)})
    if model.data.dataset is None:
        return
    datasets.load(str(model.data.dataset)).OPTIONS.model_validate(model.data.more)


def test_load_gives_what_the_page_says(tmp_path: Path) -> None:
    source = tmp_path / "model.py"
    source.write_text(FILES["models/points/model.py"])
    found = load_data(Data(), source)
    assert [len(part) for part in found] == [640, 640, 160, 160, 200, 200]
    assert found.train_x.shape[1:] == (2,)


def test_the_whole_example_becomes_c_with_its_labels(tmp_path: Path) -> None:
    (tmp_path / "SConstruct").write_text(SCONSTRUCT)
    folder = tmp_path / "models/motion"
    folder.mkdir(parents=True)
    for name in ("model.toml", "model.py"):
        (folder / name).write_text(FILES[f"models/motion/{name}"])
    (folder / "readings.csv").write_text(readings())
    done = run_scons(tmp_path, "headers", "cache=no", timeout_s=600)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "data of motion: 180 train, 60 validation, 60 test examples of shape (2,)" in done.stdout
    assert "warning" not in done.stdout
    assert '"run", "walk"' in (tmp_path / "build/mcu-m0/motion/c/motion.h").read_text()


def readings() -> str:
    """Thirty readings of each of ten people."""
    draw = random.Random(1)
    lines = ["person,mean,deviation,kind"]
    for number in range(300):
        run = number % 2
        mean, deviation = draw.gauss(0.5 + run, 0.2), draw.gauss(0.2 + 0.6 * run, 0.1)
        lines.append(f"p{number // 30},{mean:.3f},{deviation:.3f},{'run' if run else 'walk'}")
    return "\n".join(lines) + "\n"
