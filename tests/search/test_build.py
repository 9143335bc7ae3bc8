"""The build of a trial: what its messages say of the trial, and what of the machine alone."""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import pytest

from edgewright import search
from edgewright.commands import search as command
from edgewright.errors import GOES_ON, MachineError, is_of_machine, machine_error
from edgewright.search import Refused, SconsBuilder
from tests.search.conftest import Fake, planned, searched

pytest.importorskip("optuna", reason="it is of the extra search: ./sconsw --setup")

FULL = "error: /tmp/x: the disk is full\n  hint: make room there, or move the folder to another disk\n"


@dataclass(frozen=True)
class Stub(SconsBuilder):
    """A scons that says something and ends."""

    says: str = ""
    status: int = 2

    def _run(self, words: Sequence[str], out: TextIO) -> int:  # noqa: ARG002
        out.write(self.says)
        return self.status


def built(project: Path, says: str, status: int) -> Any:
    plan = planned(project)
    return Stub(project, plan.model, says=says, status=status)(["a.toml"], project / "a.log")


@pytest.mark.parametrize(
    ("says", "status", "is_choice"),
    [
        ("error: compress[0].pass: may not come first\n", 2, True),
        ("error: the converter failed\n", 4, False),
        ("error: there is no memory left\n  hint: close other programs\n", 4, False),
        ("error: edgewright.stages.training.train was killed by SIGKILL\n", 2, False),
    ],
)
def test_what_a_trial_died_of(project: Path, says: str, status: int, is_choice: bool) -> None:
    with pytest.raises(Refused) as caught:
        built(project, says, status)
    assert caught.value.is_choice == is_choice


@pytest.mark.parametrize(
    ("says", "status"),
    [
        (FULL, 4),
        (FULL, 2),
        (f"error: train digits: dask://127.0.0.1:1: the scheduler is gone\n  hint: {GOES_ON}\n", 4),
        ("error: executor=dask://127.0.0.1:1: no scheduler answers there\n", 4),
    ],
)
def test_what_the_machine_refused(project: Path, says: str, status: int) -> None:
    with pytest.raises(
        MachineError, match=r"\n  hint: the same command goes on after the .* have ended; a\.log says more$"
    ):
        built(project, says, status)


def test_a_search_that_could_build_nothing_shows_no_front(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(search, "SconsBuilder", lambda *_: Stub(project, planned(project).model, says=FULL, status=4))
    with pytest.raises(MachineError, match=r"^/tmp/x: the disk is full\n  hint: make room there"):
        command.main(["mcu", "tiny", "--no-advise"])
    assert capsys.readouterr().out == ""


def test_machine_errors_are_known_by_their_words() -> None:
    assert is_of_machine(str(machine_error(OSError(28, "full", "x"))))
    assert not is_of_machine(str(machine_error(MemoryError())))


def test_a_trial_that_the_machine_refused_does_not_count(
    project: Path, fake: Fake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The search ends with what is to be done, and the same command builds the same trial."""
    whole = [trial.values for trial in searched(project, fake, trials=4).trials]
    shutil.rmtree(project / "build")

    class Full(Fake):
        def __call__(self, files: Sequence[str], log: Path) -> Any:
            if len(self.built) == 2:
                raise MachineError("/tmp/x: the disk is full")
            return super().__call__(files, log)

    builds = [Full(), Fake()]
    monkeypatch.setattr(search, "SconsBuilder", lambda *_: builds.pop(0))
    words = ["mcu", "tiny", "--trials", "4", "--no-advise"]
    with pytest.raises(MachineError, match="the disk is full"):
        command.main(words)
    said = capsys.readouterr()
    assert "the front of tiny on mcu; 2 trials" in said.out
    assert "failed" not in said.out + said.err
    assert command.main(words) == 0
    said = capsys.readouterr()
    assert "1 trial that was cut off is chosen again, with another number\ngoes on after 2 trials in" in said.err
    _, found = search.recalled(project)
    assert [trial["values"] for trial in found["trials"]] == whole
    assert {trial["outcome"] for trial in found["trials"]} <= {"full", "infeasible"}


def test_one_trial_is_no_trials(project: Path, fake: Fake, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr(search, "SconsBuilder", lambda *_: fake)
    for _ in range(2):
        assert command.main(["mcu", "tiny", "--trials", "1", "--no-advise"]) == 0
    said = capsys.readouterr()
    assert "the front of tiny on mcu; 1 trial\n" in said.out
    assert "goes on after 1 trial in" in said.err


def test_where_and_cache_are_handed_on(project: Path) -> None:
    build = SconsBuilder(project, planned(project).model, executor="local", cache="/mnt/shared", is_readonly=True)
    assert build._where() == ["--cache-readonly", "executor=local", "cache=/mnt/shared"]


def test_a_cache_that_is_read_alone_is_asked_for(project: Path, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[SconsBuilder] = []

    def builder(*given: Any) -> Fake:
        made.append(SconsBuilder(*given))
        return fake

    monkeypatch.setattr(search, "SconsBuilder", builder)
    words = ["mcu", "tiny", "--trials", "1", "--no-advise", "--cache", str(project / "shared"), "--cache-readonly"]
    assert command.main(words) == 0
    assert made[0]._where() == ["--cache-readonly", f"cache={project / 'shared'}"]


GONE = "warning: the cache http://127.0.0.1:9 cannot be used: Connection refused; the build goes on without"


@pytest.mark.parametrize("status", [0, 2])
def test_a_warning_of_the_builds_is_told_once(project: Path, status: int) -> None:
    told: list[str] = []
    says = f"x.c:1: warning: of a compiler\n{GONE}\nerror: of a stage\n"
    build = Stub(project, planned(project).model, tell=told.append, says=says, status=status)
    for number in range(2):
        with nullcontext() if status == 0 else pytest.raises(Refused):
            build.trained("a.toml", "float.h5", project / f"{number}.log")
    assert told == [GONE]


def test_a_search_that_is_not_read_is_told_of(
    project: Path, fake: Fake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(search, "SconsBuilder", lambda *_: fake)
    (project / "targets").mkdir()
    for name, weights in (("one", "lut"), ("two", "sparse"), ("same", "lut")):
        own = f'[search]\ntrials = 1\n[search.vary]\n"compile.weights" = ["raw", "{weights}"]\n'
        (project / f"targets/{name}.toml").write_text(f'extends = "mcu"\n{own}')
    assert command.main(["one,two,same", "tiny", "--no-advise"]) == 0
    assert capsys.readouterr().err.count("is not read") == 1
    assert command.main(["two,one", "tiny", "--no-advise", "--space", "tiny", "--trials", "1"]) == 0
    said = capsys.readouterr().err
    assert "note: [search] of two is not read, but search/tiny.toml\n" in said


def test_an_end_is_passed_on_to_the_build(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the signal that a build passes on to its stages, and that no shell has had it ignore."""
    sent: list[int] = []

    class Process:
        """A scons that nobody told of the end."""

        def __init__(self, *_: object, **__: object) -> None:
            self.ends = [KeyboardInterrupt(), subprocess.TimeoutExpired("scons", 2)]

        def __enter__(self) -> Any:
            return self

        def __exit__(self, *_: object) -> None:
            return

        def wait(self, _: float = 0) -> int:
            if self.ends:
                raise self.ends.pop(0)
            return 130

        def poll(self) -> int | None:
            return 130 if sent else None

        def send_signal(self, number: int) -> None:
            sent.append(number)

    monkeypatch.setattr("edgewright.search._build.subprocess.Popen", Process)
    with pytest.raises(KeyboardInterrupt):
        SconsBuilder(project, planned(project).model)(["a.toml"], project / "a.log")
    assert sent == [signal.SIGTERM]


def test_sigterm_ends_as_ctrl_c_does(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Ended(Fake):
        def __call__(self, files: Sequence[str], log: Path) -> Any:
            if self.built:
                signal.raise_signal(signal.SIGTERM)
            return super().__call__(files, log)

    monkeypatch.setattr(search, "SconsBuilder", lambda *_: Ended())
    before = signal.getsignal(signal.SIGTERM)
    try:
        assert command.main(["mcu", "tiny", "--no-advise"]) == 130
    finally:
        signal.signal(signal.SIGTERM, before)
    said = capsys.readouterr()
    assert "; 1 trial\n" in said.out
    assert said.err.endswith("interrupted: the same command goes on after the trials that have ended\n")
