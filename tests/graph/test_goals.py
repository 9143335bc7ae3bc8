"""Goals are what the stages of the graph say; targets share what is the same for them."""

from __future__ import annotations

import os
from fnmatch import fnmatch
from pathlib import Path

import pytest

from edgewright.pipeline import GOALS
from tests.graph.conftest import Project

MADE = {
    "train": "build/models/tiny/float.h5",
    "compress": "build/models/tiny/cluster-",
    "quantize": "build/linux/tiny/tiny.tflite",
    "headers": "build/micro/tiny/c/compile.json",
    "firmware": "build/micro/tiny/firmware.elf",
    "app": "build/mobile/tiny/app/tiny.tflite",
    "bundle": "build/micro/tiny/bundle/bundle.json",
    "transmit": "build/models/tiny/*/transmit-",
    "measure": "build/linux/tiny/latency.json",
    "report": "build/linux/tiny/report.json",
    "flash": "build/board/tiny/flash.json",
}

BOARD = """\
description = "a board that can be flashed"
extends = "micro"
board = "pico"
measure = { transport = "none" }
"""


@pytest.mark.parametrize("goal", GOALS)
def test_each_goal_builds_its_stages(project: Project, goal: str) -> None:
    (project.folder / "targets/board.toml").write_text(BOARD)
    target = "target=board" if goal == "flash" else "target=linux,mobile,micro"
    ran = project.built(target, goal).ran
    assert any(fnmatch(name, f"{MADE[goal]}*") for name in ran), ran


def test_a_goal_of_no_chosen_stage_is_refused(project: Project) -> None:
    result = project.build("target=linux", "firmware")
    assert result.status == 2
    assert "error: scons firmware: nothing to do for the chosen targets and models" in result.out
    assert ", allowed: compress, headers, measure, quantize, report, train, transmit\n" in result.out
    assert result.ran == []


def test_targets_share_what_is_the_same_for_them(project: Project) -> None:
    names = [f"micro{number}" for number in range(6)]
    for number, name in enumerate(names):
        board = ("mps2-an386", "mps2-an385", "mps2-an500")[number % 3]
        text = (
            f'description = "one of six"\nextends = "micro"\nboard = "{board}"\n[budget]\nram = "{64 + number} KiB"\n'
        )
        (project.folder / f"targets/{name}.toml").write_text(text)
    result = project.built(f"target={','.join(names)}")
    assert result.out.count("quantize tiny to int8") == 1
    assert result.out.count("size what tiny costs to send") == 1
    assert result.out.count("evaluate tiny as aot runs it") == 1
    assert result.out.count("compile tiny to C for") == 6


def test_another_compiler_builds_the_firmware_anew(project: Project, tmp_path: Path) -> None:
    compiler = tmp_path / "bin/arm-none-eabi-gcc"
    compiler.parent.mkdir()
    environment = {"PATH": f"{compiler.parent}:{os.environ['PATH']}"}
    for version in ("12", "13"):
        compiler.write_text(f"#!/bin/sh\necho {version}\n")
        compiler.chmod(0o755)
        ran = project.built("target=micro", "firmware", environment=environment).ran
        assert "build/micro/tiny/firmware.elf" in ran
        assert ("build/micro/tiny/c/compile.json" in ran) == (version == "12")
    assert project.built("target=micro", "firmware", environment=environment).ran == []


def test_a_name_that_is_a_keyword_of_c_is_refused_at_once(project: Project) -> None:
    (project.folder / "sub dir").mkdir()
    (project.folder / "sub dir/int.tflite").touch()
    result = project.build("target=micro", "model=sub dir/int.tflite")
    assert (result.status, result.ran) == (2, [])
    assert "error: model=sub dir/int.tflite: int is a keyword of C\n  hint: rename it" in result.out
    assert project.build("-n", "target=linux", "model=sub dir/int.tflite").status == 0


OWN = """\
env = Environment(tools=["edge"], toolpath=[PyPackageDir("edgewright.scons")])
built = env.EdgeProject(target="linux", model="tiny")
tiny = env.EdgeModel("tiny", target="micro")
own = Environment(tools=[])
note = own.Command("product/note.txt", [tiny.library, tiny.header], Copy("$TARGET", "$SOURCE"))
own.Alias("product", note)
print("flags", tiny.flags, str(tiny.include), str(built["linux"]["tiny"].report))
"""


def test_a_project_builds_on_the_nodes_of_a_model(project: Project) -> None:
    (project.folder / "SConstruct").write_text(OWN)
    result = project.built("product")
    assert "flags ['-mcpu=cortex-m4', " in result.out
    assert "build/micro/tiny/c build/linux/tiny/report.json" in result.out.replace(f"{project.folder}/", "")
    assert (project.folder / "product/note.txt").is_file()
    assert any(name.endswith("libtiny.a") for name in result.ran)
    assert not any("/linux/" in name for name in result.ran), "the product needs nothing of it"
    assert project.built("product").ran == []
    assert project.built("product/note.txt").ran == [], "a file of its own is a goal, built or not"


def test_a_misspelt_goal_is_told_with_one_of_the_project(project: Project) -> None:
    (project.folder / "SConstruct").write_text(OWN)
    result = project.build("prodct")
    assert result.status == 2
    assert "error: scons prodct: no such goal" in result.out
    assert "did you mean 'product'?" in result.out
    assert result.ran == []


def test_a_page_of_all_builds_and_a_pair_that_both_ask_for(project: Project) -> None:
    (project.folder / "SConstruct").write_text(OWN)
    result = project.built("target=micro,linux")
    assert any(name == "build/report.html" for name in result.ran)
    assert len(result.ran) == len(set(result.ran))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('built["micro"]', "target 'micro' is not built, as the command line or EdgeProject chooses linux"),
        ('built["linux"]["tiny"].library', "tiny for linux has no 'library', allowed: tflite, report, header"),
        ('env.EdgeModel("tiny", target="micr")', "did you mean 'micro'?"),
        ('env.EdgeModel("tiny", target="micro,linux")', "names several, allowed: one target and one model"),
    ],
)
def test_mistakes_in_an_sconstruct(project: Project, line: str, said: str) -> None:
    (project.folder / "SConstruct").write_text(f"{OWN}{line}\n")
    result = project.build()
    assert result.status == 2
    assert said in result.out
    assert "Traceback" not in result.out
