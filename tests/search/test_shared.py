"""Searches that share a storage, a project or a moment."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from edgewright import search
from edgewright.commands import adopt_trial
from edgewright.commands import search as command
from edgewright.errors import UserError
from edgewright.home import home
from edgewright.search import Progress, _space, _study
from edgewright.spec import load_project
from tests.search.conftest import Fake, planned, searched

pytest.importorskip("optuna", reason="it is of the extra search: ./sconsw --setup")


@pytest.fixture
def other(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same project in another folder."""
    return shutil.copytree(project, tmp_path_factory.mktemp("others") / "other")


def test_two_folders_share_a_storage(
    project: Path, fake: Fake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A trial of the one counts in the other, and is adopted there."""
    url = f"sqlite:///{project.parent / 'shared.db'}"
    other = project.parent / "other"
    shutil.copytree(project, other)
    here = search.search(planned(project, trials=3), project, fake, command="", storage=url)
    monkeypatch.chdir(other)
    there = search.search(planned(other, trials=4), other, Fake(), command="", storage=url)
    assert [trial.values for trial in there.trials[:3]] == [trial.values for trial in here.trials]
    assert there.new == 4
    number = here.trials[0].number
    assert adopt_trial.main([str(number), "--name", "taken"]) == 0
    adopted = load_project(other, home()).targets["taken"]
    assert adopted.spec.build == {"width": here.trials[0].values["build.width"]}
    capsys.readouterr()


@pytest.mark.parametrize("url", ["journal:{0}/shared.log", "sqlite:///{0}/shared.db"])
def test_two_folders_search_at_once(project: Path, other: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """They choose other trials than each other, and one that is killed in the middle of a line costs no other's."""
    storage = url.format(other.parent)

    def run(root: Path, build: Fake, trials: int) -> Progress:
        monkeypatch.chdir(root)
        return search.search(planned(root, trials=trials), root, build, command="", storage=storage)

    seen: list[Progress] = []

    class Both(Fake):
        """While the first folder builds a trial, the other one searches."""

        def __call__(self, files: Any, log: Path) -> Any:
            if not seen:
                seen.append(run(other, Fake(), 3))
                monkeypatch.chdir(project)
                if url.startswith("journal"):
                    with (other.parent / "shared.log").open("a") as file:
                        file.write('{"op_code":')
            return super().__call__(files, log)

    here = run(project, Both(), 6)
    assert [trial.again for trial in (*here.trials, *seen[0].trials)] == [None] * (6 + 3)
    assert len({json.dumps(trial.values) for trial in here.trials}) == here.new == 6
    assert run(other, Fake(), 6).trials == here.trials


def test_what_others_have_found_is_taken_over_as_the_hint_says(
    project: Path, other: Path, fake: Fake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder that never searched adopts a trial of another one."""
    url = f"sqlite:///{other.parent / 'shared.db'}"
    search.search(planned(project, trials=3), project, fake, command="", storage=url)
    monkeypatch.chdir(other)
    with pytest.raises(UserError, match=r"no search was made here(.|\n)*--storage URL --trials 1 it takes over"):
        adopt_trial.main(["0"])
    assert command.main(["mcu", "tiny", "--storage", url, "--trials", "1"]) == 0
    said = capsys.readouterr()
    assert "goes on after 3 trials" in said.err
    assert "trial 3" not in said.err
    assert adopt_trial.main(["0"]) == 0
    assert load_project(other, home()).targets["mcu-trial-0"].spec.description


def test_two_searches_of_a_project_at_once_are_refused(project: Path) -> None:
    """Of another model and space, too: their builds would remove what each other reads."""
    with command._alone(project / "build/search"), pytest.raises(UserError, match="a search runs already, process"):
        command.main(["mcu,rpi", "tiny", "--no-advise"])


def test_two_that_make_the_tables_of_a_database_at_once(
    project: Path, fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one that comes second finds them there, and goes on."""
    monkeypatch.setattr(_study, "_PAUSE_S", 0.0)
    storage, says = _study._storage, ['relation "studies" already exists', "duplicate key value"]

    def late(optuna: Any, url: str) -> Any:
        if says:
            raise RuntimeError(says.pop())
        return storage(optuna, url)

    monkeypatch.setattr(_study, "_storage", late)
    assert searched(project, fake, trials=1).new == 1
    says += ["no route to host", "already exists"]
    with pytest.raises(UserError, match="cannot be opened: no route to host"):
        searched(project, fake, trials=1)


def test_what_another_folder_is_building_is_not_begun(project: Path, fake: Fake) -> None:
    """Trials that were begun elsewhere, and are not ended, stand for themselves."""
    (project / "search/tiny.toml").write_text(
        '[search]\nobjectives = ["metric", "flash"]\n[search.vary]\n"compile.weights" = ["raw", "sparse"]\n'
    )
    plan = planned(project, trials=1)
    study = _study.opened(None, project / plan.folder, Path(plan.folder).name, [True, False])
    theirs = _space.choose(plan.dimensions, _study.next_trial(study, "tpe", 0, "another folder"))
    mine = searched(project, fake, trials=1).trials[0].values
    assert {*mine.values(), *theirs.values()} == {"raw", "sparse"}
