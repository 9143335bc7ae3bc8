"""What a build would do and why, as `edgewright explain` asks for it: real graph and record, stages that are stubs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from edgewright.commands._explain import show
from edgewright.commands._explain.ask import Node
from edgewright.times import Used
from tests.graph.conftest import Project

TRAIN, QUANTIZE, REPORT = "train tiny", "quantize tiny to int8", "report on tiny for micro"


def told(project: Project, *words: str) -> Mapping[str, Mapping[str, Any]]:
    path = project.folder / "explain.json"
    project.built("target=micro", *words, environment={"EDGEWRIGHT_EXPLAIN": str(path)})
    return {each["title"]: each for each in json.loads(path.read_text())}


def states(project: Project) -> dict[str, str]:
    return {title: each["state"] for title, each in told(project).items()}


def test_before_and_after_a_build(project: Project) -> None:
    assert set(states(project).values()) == {"runs"}
    assert not (project.folder / "build/micro").exists(), "nothing is built"
    project.built("target=micro")
    assert set(states(project).values()) == {"up to date"}


def test_an_edit_of_the_code_runs_what_reads_it_and_may_run_the_rest(project: Project) -> None:
    project.built("target=micro")
    (project.folder / "models/tiny/model.py").write_text("def build(): 1\n\n\ndef load(): ...\n")
    found = told(project)
    assert found[TRAIN]["state"] == "runs"
    assert "models/tiny/model.py has changed" in found[TRAIN]["why"]
    assert found[REPORT]["state"] == "follows"
    assert found[REPORT]["why"], "what it waits for"
    project.built("target=micro")
    assert set(states(project).values()) == {"up to date"}


def test_data_and_options(project: Project) -> None:
    project.built("target=micro")
    (project.folder / "models/tiny/data/a.csv").write_text("9\n")
    assert any(why == "models/tiny: its files changed" for why in told(project)[TRAIN]["why"])
    (project.folder / "models/tiny/data/a.csv").write_text("1,2,3\n")
    assert states(project)[TRAIN] == "up to date"
    target = project.folder / "targets/micro.toml"
    target.write_text(target.read_text() + "runs = 7\n")
    found = told(project)
    assert found["measure tiny on micro"]["why"] == ["its options have changed"]
    assert found[QUANTIZE]["state"] == "up to date"


def test_a_damaged_artifact(project: Project) -> None:
    project.built("target=micro")
    (project.folder / "build/models/tiny/float.h5").write_text("other")
    assert "build/models/tiny/float.h5 is not what was built" in told(project)[TRAIN]["why"]


NODES = [
    Node('load "x"', "runs", ("a.csv has changed",), (), ("a",), Used(1.5, 2.25, 3 << 20)),
    Node("train", "follows", ('load "x"',), (0,), ("b",)),
    Node("other", "up to date", (), (), ("c",)),
    Node("report", "follows", ("train",), (0, 1, 2), ("d",)),
]


def test_a_tree_tells_each_stage_once() -> None:
    assert show.tree(NODES, timing=True).splitlines() == [
        "4 stages: 1 up to date, 1 runs, 2 follow",
        "└── report: follows (not known)",
        "    ├── if the result of another is new: train",
        '    ├── load "x": runs (1.5 s of CPU, 2.2 s, 3.0 MiB)',
        "    │   └── because a.csv has changed",
        "    ├── train: follows (not known)",
        '    │   ├── if the result of another is new: load "x"',
        '    │   └── (above: load "x")',
        "    └── other: up to date (not known)",
    ]


@pytest.mark.parametrize("form", [show.mermaid, show.dot])
def test_languages_of_graphs(form: Any) -> None:
    text = form(NODES, timing=False)
    assert text.count("->" if form is show.dot else "-->") == 4
    assert '"load "x""' not in text, "a quote in a title ends no text"
