"""Builds of files with names that a shell or SCons would read something into; names that cannot be are refused."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from edgewright.errors import UserError, UserErrors
from edgewright.home import home
from edgewright.scons._command import command
from edgewright.spec import Project, load_project
from testbench.differential.builder import ModelBuilder
from testbench.scons import run_scons

BASE = Path(__file__).parents[1] / "failing/_base"

ODD = {'it\'s "a b" #1.tflite': "it_s_a_b_1", "modèle 日本.tflite": "mod_le", "~c;d&e.tflite": "c_d_e"}
WITH_COMMA = {"x,y.tflite": "x_y"}
REFUSED = ("a$HOME.tflite", "${1 + 1}.tflite", "`touch marker`.tflite", "a\nb.tflite", "a\x1b[31m.tflite", "-o.tflite")


def _tflite() -> bytes:
    net = ModelBuilder()
    x, y = net.tensor((1, 4), 0.5), net.tensor((1, 4), 0.5)
    return net.finish([x], [net.op("RELU", [x], [y], version=2)])


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project without a fault, in a folder that may be called anything."""
    folder = tmp_path / "it's ${1 + 1} $HOME `touch marker` é"
    shutil.copytree(BASE, folder)
    return folder


def test_odd_names_are_built(project: Path) -> None:
    for name in (*ODD, *WITH_COMMA):
        (project / name).write_bytes(_tflite())
    wanted = ",".join([*ODD, *(name.replace(",", "\\,") for name in WITH_COMMA)])
    done = run_scons(project, "cache=off", f"model={wanted}", "headers")
    assert done.returncode == 0, done.stdout + done.stderr
    for name, stem in (ODD | WITH_COMMA).items():
        assert f"check {name}\n" in done.stdout
        assert (project / f"build/pi/{stem}/{stem}_tflite.h").is_file()
    assert "is up to date" in run_scons(project, "cache=off", f"model={wanted}", "headers").stdout


def test_a_model_that_a_target_names_may_have_a_comma(project: Path) -> None:
    (project / "x,y.tflite").write_bytes(_tflite())
    target = project / "targets/pi.toml"
    target.write_text('model = "x,y.tflite"\n' + target.read_text())
    done = run_scons(project, "-n", "cache=off", "headers")
    assert (done.returncode, "check x,y.tflite" in done.stdout) == (0, True), done.stderr


@pytest.mark.parametrize("name", REFUSED)
def test_names_that_cannot_be_are_refused(project: Path, name: str) -> None:
    (project / name).write_bytes(_tflite())
    with pytest.raises(UserError, match="holds what no path may hold") as caught:
        Project(project, {}, {}).select_models(name)
    assert "\x1b" not in str(caught.value)
    (project / "targets/pi.toml").write_text(f'board = "pi-board"\ndescription = ""\nmodel = {json.dumps(name)}\n')
    with pytest.raises(UserErrors, match="model: holds"):
        load_project(project, home())


@pytest.mark.parametrize("stem", ["..", ".hidden", "-x", "a b", "a$b", "all", "models", "é", "a\nb"])
def test_names_of_targets_that_cannot_be_are_refused(project: Path, stem: str) -> None:
    shutil.copy(project / "targets/pi.toml", project / f"targets/{stem}.toml")
    with pytest.raises(UserErrors, match=r"no name for a target|means something else already"):
        load_project(project, home())


def test_descriptions_are_shown_as_they_are(project: Path) -> None:
    target = project / "targets/pi.toml"
    target.write_text(target.read_text().replace("a target without a fault", "costs $5 or ${1 + 1} $HOME `pwd`"))
    done = run_scons(project, "-h")
    assert "costs $5 or ${1 + 1} $HOME `pwd`" in done.stdout


def test_words_of_a_command_reach_the_program_as_they_are(tmp_path: Path) -> None:
    words = ["$HOME", "${1 + 1}", "`touch marker`", "a b", "'\"\\", "; touch marker", "é", "", "*", "\x1b"]
    code = f"import json, sys; open({str(tmp_path / 'said')!r}, 'w').write(json.dumps(sys.argv[1:]))"
    action = command([sys.executable, "-c", code, *words], "title", verbose=True)
    assert action.execfunction(env={"ENV": {}}) == 0
    assert json.loads((tmp_path / "said").read_text()) == words
    assert [path.name for path in tmp_path.iterdir()] == ["said"]


def test_the_signature_of_a_command_is_its_words() -> None:
    def signature(word: str, title: str = "t") -> bytes:
        return bytes(command(["python", word], title, verbose=False).get_contents([], [], {}))

    assert signature("a") != signature("b")
    assert signature("a", "t") == signature("a", "u")


def test_a_program_that_is_killed_has_a_status_as_in_a_shell() -> None:
    kill = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    assert subprocess.call([sys.executable, "-c", kill]) == -9
    assert command([sys.executable, "-c", kill], "t", verbose=False).execfunction(env={"ENV": {}}) == 137
