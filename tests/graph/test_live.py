"""What a build tells of itself while it runs, seen when it is over."""

from __future__ import annotations

from edgewright import live
from edgewright.server import state
from tests.graph.conftest import Project


def test_a_build_tells_which_stages_ran_and_one_without_work_tells_nothing(project: Project) -> None:
    path = project.folder / "build" / live.FILE
    project.built("target=linux", "quantize")
    found = state(path)
    assert (found["state"], found["command"]) == ("done", "scons cache=off target=linux quantize")
    assert {stage["state"] for stage in found["stages"]} == {"done"}
    before = path.read_bytes()
    project.built("target=linux", "quantize")
    assert path.read_bytes() == before
    project.built("target=linux", "headers")
    states = {stage["title"]: stage["state"] for stage in state(path)["stages"]}
    assert states["write tiny as C"] == "done"
    assert states["train tiny"] == "kept"
