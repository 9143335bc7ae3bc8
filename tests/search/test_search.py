"""A search chooses, builds, judges and keeps trials; what ends one is no end of the search."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edgewright import search
from edgewright.commands import adopt_trial
from edgewright.errors import ToolError, UserError
from edgewright.home import home
from edgewright.search import Advised, Found, Progress, Refused, _space, _study
from edgewright.search._judge import judged
from edgewright.search._wanted import beside
from edgewright.search._words import words
from edgewright.spec import load_project
from edgewright.units import format_bytes
from tests.search.conftest import SPACE, Fake, planned, searched

pytest.importorskip("optuna", reason="it is of the extra search: ./sconsw --setup")


def told(progress: Progress) -> list[Any]:
    return [(trial.values, trial.outcome, trial.costs) for trial in progress.trials]


def space(root: Path, text: str) -> None:
    (root / "search/tiny.toml").write_text(text)


def test_the_front_is_of_trials_that_hold_all_limits(project: Path, fake: Fake) -> None:
    progress = searched(project, fake, trials=20)
    assert progress.new == 20
    assert "ended" not in search.as_table(progress)
    assert {trial.outcome for trial in progress.trials} == {"full", "infeasible"}
    over = next(trial for trial in progress.trials if trial.outcome == "infeasible")
    assert over.message == "over mcu: ram at most 8.0 KiB (8.1 KiB)"
    assert over.values["build.width"] == 64
    costs = [trial.costs for trial in progress.front]
    assert len(costs) > 2
    assert costs == sorted(costs)
    assert [flash for _, flash in costs] == sorted((flash for _, flash in costs), reverse=True)


def test_a_left_out_pass_has_no_options(project: Path, fake: Fake) -> None:
    progress = searched(project, fake)
    for trial in progress.trials:
        assert ("compress[0].schedule.final" in trial.values) == trial.values["compress[0]"]
        assert ("no prune" in trial.words) != trial.values["compress[0]"]


@pytest.mark.parametrize("sampler", ["tpe", "nsga2", "random"])
def test_a_seed_gives_the_same_trials(project: Path, fake: Fake, sampler: str) -> None:
    first = told(searched(project, fake, sampler=sampler, trials=14))
    (project / "build").rename(project / "before")
    assert told(searched(project, fake, sampler=sampler, trials=14)) == first


def test_a_search_that_was_killed_goes_on_as_if_it_had_not_been(project: Path, fake: Fake) -> None:
    whole = told(searched(project, fake, trials=14))
    (project / "build").rename(project / "before")

    class Killed(Fake):
        def __call__(self, files: Any, log: Path) -> Any:
            if len(self.built) == 12:
                raise KeyboardInterrupt
            return super().__call__(files, log)

    with pytest.raises(KeyboardInterrupt):
        searched(project, Killed(), trials=14)
    again = Fake()
    went_on = searched(project, again, trials=14)
    assert told(went_on) == whole
    assert len(again.built) == 2
    assert went_on.cut_off == 1


def test_more_trials_are_added_to_those_that_there_are(project: Path, fake: Fake) -> None:
    searched(project, fake, trials=5)
    assert searched(project, fake, trials=8).new == 8
    assert len(fake.built) == 8


def test_a_trial_that_was_there_is_not_built_again(project: Path, fake: Fake) -> None:
    space(project, '[search]\nobjectives = ["metric", "flash"]\n[search.vary]\n"compile.weights" = ["raw", "sparse"]\n')
    progress = searched(project, fake, trials=10)
    assert progress.new == len(fake.built) == 2
    assert sum(trial.again is not None for trial in progress.trials) == len(progress.trials) - 2
    assert sum(trial.on_front for trial in progress.trials) == 1
    assert "ended after 2 of 10 trials: nothing new in 30 trials" in search.as_table(progress)


def test_what_a_trial_dies_of_is_kept(project: Path, fake: Fake) -> None:
    fake.refuses = {"sparse": Refused("compress[0].pass: may not come first", is_choice=True)}
    progress = searched(project, fake)
    refused = [trial for trial in progress.trials if trial.outcome == "refused"]
    assert refused
    assert all(trial.message == "compress[0].pass: may not come first" for trial in refused)
    assert progress.new == 12
    assert "refused" in search.as_table(progress)


def test_a_figure_that_no_report_has_fails_the_trial(project: Path, fake: Fake) -> None:
    space(project, SPACE.replace('"flash"]', '"instructions"]'))
    progress = searched(project, fake, trials=1)
    assert progress.trials[0].outcome == "failed"
    assert progress.trials[0].message == "the report of mcu has no instructions"
    assert "no trial was built that is within all limits" in search.as_table(progress)


@pytest.mark.parametrize("targets", ["mcu", "rpi,mcu"])
@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('"flash"]', '"least size.tflite_byte"]'),
        ('"ram", most = "8 KiB"', '"size.tflite_byte", most = 8'),
        ('"flash"]', '"least quantization.validation"]'),
    ],
)
def test_a_path_that_no_report_has_ends_the_search(
    project: Path, fake: Fake, targets: str, right: str, wrong: str
) -> None:
    """After one trial: each further one would train for nothing."""
    space(project, SPACE.replace(right, wrong))
    with pytest.raises(UserError, match=r"^\[search\]: the report of (mcu|rpi) has no number there, got") as caught:
        searched(project, fake, targets)
    near = "size.tflite_bytes" if "size" in wrong else "quantization.validation.quantized"
    assert f"allowed: {near}" in str(caught.value)
    assert f"did you mean {near!r}?" in str(caught.value)
    assert len({Path(name).name.split("-")[1] for name in fake.built}) == 1


def test_a_cheap_look_comes_first(project: Path, fake: Fake) -> None:
    space(project, SPACE.replace("[search.over]", "quick = { epochs = 1, examples = 100, first = 3 }\n[search.over]"))
    progress = searched(project, fake, trials=16)
    dropped = [trial for trial in progress.trials if trial.outcome == "dropped"]
    assert dropped
    assert not any(f"trial-{trial.number}-mcu" in name for trial in dropped for name in fake.built)
    (title, rho, count), (flash, same, _) = progress.worth()
    assert (title, flash, same) == ("accuracy", "flash", 1.0)
    assert rho is not None
    assert rho > 0.99
    assert count == 16 - len(dropped)
    assert "rank correlation of the cheap look with the whole training, accuracy: 1.00" in search.as_table(progress)


def test_a_cheap_look_trains_less(project: Path) -> None:
    space(project, SPACE.replace("[search.over]", "quick = { epochs = 1, examples = 100 }\n[search.over]"))
    plan = planned(project)
    (text,) = plan.files("trial-0-quick", {}, plan.search.quick).values()
    assert "epochs = 1\nexamples = 100" in text
    entries = [{"pass": "prune_channels", "final_epochs": 40}, {"pass": "latent", "epochs": 12}, {"pass": "prune"}]
    whole = replace(plan, bases={"mcu": {**plan.bases["mcu"], "compress": entries}})
    (text,) = whole.files("trial-0-quick", {}, plan.search.quick).values()
    assert text.count("epochs = 1\n") == 3
    assert "40" not in text


def test_one_search_over_several_targets(project: Path, fake: Fake) -> None:
    progress = searched(project, fake, "rpi,mcu", trials=3)
    assert [objective.title for objective in progress.plan.objectives] == ["accuracy, rpi", "flash, mcu"]
    assert sorted(Path(name).name for name in fake.built)[:2] == ["trial-0-mcu.toml", "trial-0-rpi.toml"]


@pytest.mark.parametrize("least", ["0.97", '"97 %"'])
def test_a_bound_of_the_metric(project: Path, fake: Fake, least: str) -> None:
    space(project, SPACE.replace('"ram", most = "8 KiB"', f'"metric", least = {least}'))
    progress = searched(project, fake, trials=10)
    over = [trial for trial in progress.trials if trial.outcome == "infeasible"]
    assert 0 < len(over) < progress.new
    for trial in over:
        assert trial.message == f"over mcu: metric at least 97.00 % ({trial.figures[0]})"


def test_a_budget_that_is_broken_is_told_with_its_value(project: Path, fake: Fake) -> None:
    plan = planned(project)
    ((name, text),) = plan.files("trial-0", {}).items()
    Path(name).parent.mkdir(parents=True)
    Path(name).write_text(text)
    (report,) = fake([name], project / "none.log")
    assert isinstance(report, dict)
    report["budget"] = [{"name": "ram", "limit": 1024, "value": 2048, "ok": False}]
    found, _ = judged(plan, Found(0, "failed", {}, ""), {"mcu": report})
    assert found.message.startswith("over mcu: budget ram at most 1.0 KiB (2.0 KiB)")


def test_a_value_close_to_its_limit_is_told_to_the_last_digit() -> None:
    assert beside(8192, 8193, format_bytes) == "8192 (8193)"
    assert beside(8192, 9216, format_bytes) == "8.0 KiB (9.0 KiB)"


SEVERAL = SPACE.replace('"flash"]', '"bytes"]').replace("high = 64", "high = 128")


def test_each_of_several_targets_has_a_front_of_its_own(project: Path, fake: Fake) -> None:
    space(project, SEVERAL)
    progress = searched(project, fake, "rpi,mcu", trials=30)
    widths = {name: {trial.values["build.width"] for trial in best} for name, best in progress.fronts.items()}
    assert max(widths["rpi"]) > 64
    assert max(widths["mcu"]) <= 63
    some = next(trial for trial in progress.trials if trial.outcome == "some")
    assert some.holds_on == ("rpi",)
    assert some.message.startswith("over mcu: ram at most 8.0 KiB (")
    assert some.targets["mcu"].message == some.message.replace("mcu: ", "")
    assert some.targets["rpi"].costs[1] == some.targets["mcu"].costs[1] + 1000, "one is the .tflite, one is flash"
    assert all(trial.outcome == "full" for trial in progress.front)
    table = search.as_table(progress)
    assert "the front within the limits of all targets: tiny on rpi, mcu; 30 trials\n" in table
    assert "the front of tiny on rpi\n" in table
    assert "the front of tiny on mcu\n" in table
    assert "holds on rpi (over mcu: ram at most 8.0 KiB (" in search.line(progress, some)


def test_what_one_target_cannot_be_built_for_is_a_point_of_the_other(project: Path, fake: Fake) -> None:
    space(project, SEVERAL)
    fake.too_wide_for_mcu = 0
    progress = searched(project, fake, "mcu,rpi", trials=6)
    assert {trial.outcome for trial in progress.trials} == {"some"}
    assert progress.trials[0].message == "mcu: does not fit"
    assert not progress.front
    assert progress.fronts["rpi"]
    assert not progress.fronts["mcu"]
    assert recorded(project, progress) == recorded(project, searched(project, fake, "mcu,rpi", trials=6))
    adopt_trial.main(["0"])
    assert sorted(path.name for path in (project / "targets").iterdir()) == ["rpi-trial-0.toml"]
    with pytest.raises(UserError, match="trial 0: was not built for mcu: does not fit"):
        adopt_trial.main(["0", "--target", "mcu"])
    with pytest.raises(UserError, match="--target: was not searched, got 'phone', allowed: mcu, rpi"):
        adopt_trial.main(["0", "--target", "phone"])


def recorded(root: Path, progress: Progress) -> Any:
    return json.loads((root / progress.plan.folder / "front.json").read_text())["trials"]


def test_all_targets_must_hold_where_that_is_said(project: Path, fake: Fake) -> None:
    """The sampler learns of the limits of each; else of how far the nearest target is."""
    space(project, SEVERAL)
    learnt = {}
    for hold in ("any", "all"):
        space(project, SEVERAL.replace("trials = 12", f'trials = 12\nhold = "{hold}"'))
        progress = searched(project, fake, "rpi,mcu", trials=12)
        study = _study.opened(None, project / progress.plan.folder, Path(progress.plan.folder).name, [True, False])
        over = [trial.constraints for trial in study.get_trials() if progress.trials[trial.number].outcome == "some"]
        learnt[hold] = {value > 0 for each in over for value in each.values()}
    assert learnt == {"any": {False}, "all": {True, False}}


def test_a_trial_file_is_a_target(project: Path, fake: Fake) -> None:
    progress = searched(project, fake, trials=2)
    path = Path(progress.plan.folder) / "trial-1-mcu.toml"
    target = load_project(project, home(), [path]).targets["trial-1-mcu"]
    assert target.folder == str(path).removesuffix(".toml")
    assert target.spec.build["width"] == progress.trials[1].values["build.width"]
    assert target.spec.search is None


def test_a_trial_becomes_a_target_file(project: Path, fake: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    trial = searched(project, fake).front[0]
    assert adopt_trial.main([str(trial.number), "--name", "best"]) == 0
    assert capsys.readouterr().out == "targets/best.toml: written; scons target=best model=tiny builds it\n"
    adopted = load_project(project, home()).targets["best"]
    assert adopted.spec.build == {"width": trial.values["build.width"]}
    assert "trial" in adopted.spec.description
    with pytest.raises(UserError, match=r"^targets/best\.toml: is there already"):
        adopt_trial.main([str(trial.number), "--name", "best"])


def test_only_what_was_built_becomes_a_target(project: Path, fake: Fake) -> None:
    with pytest.raises(UserError, match="no search was made here"):
        adopt_trial.main(["0"])
    fake.refuses = {"raw": Refused("no", is_choice=True), "sparse": Refused("no", is_choice=True)}
    searched(project, fake, trials=1)
    with pytest.raises(UserError, match=r"trial 0: was not built in full, refused: no"):
        adopt_trial.main(["0"])
    with pytest.raises(UserError, match=r"no such trial, got 7, allowed: 0$"):
        adopt_trial.main(["7"])


def test_what_is_kept_is_json(project: Path, fake: Fake) -> None:
    progress = searched(project, fake, trials=3)
    kept = json.loads((project / progress.plan.folder / "front.json").read_text())
    assert kept == json.loads(json.dumps(progress.as_json("edgewright search mcu tiny")))
    assert len(kept["trials"]) == 3


def test_what_shapes_the_trials_names_the_folder(project: Path) -> None:
    first = planned(project).folder
    assert planned(project, trials=99).folder == first
    assert planned(project, seed=1).folder != first
    (project / "models/tiny/model.py").write_text("def build(width=17): ...\n\n\ndef load(): ...\n")
    assert planned(project).folder != first


def test_a_storage_that_cannot_be_opened(project: Path, fake: Fake) -> None:
    with pytest.raises(UserError, match=r"^--storage nonsense://x: cannot be opened"):
        search.search(planned(project), project, fake, command="", storage="nonsense://x")


@pytest.mark.parametrize("url", ["journal:trials.log", "sqlite:///trials.db"])
def test_other_storages_keep_trials_too(project: Path, fake: Fake, url: str) -> None:
    for trials in (1, 2):
        search.search(planned(project, trials=trials), project, fake, command="", storage=url)
    assert len(fake.built) == 2


def test_half_a_line_of_the_journal_is_cut_off(project: Path, fake: Fake) -> None:
    journal = project / searched(project, fake, trials=2).plan.folder / "trials.journal"
    with journal.open("a") as file:
        file.write('{"op_code":')
    journal.with_name("trials.journal.lock").symlink_to(journal)
    assert searched(project, fake, trials=3).new == 3
    assert searched(project, fake, trials=4).new == 4


ADVISED = [
    Advised("wide, all zeros", {"build.width": 40, "compress[0]": True, "compress[0].schedule.final": 0.9}),
    Advised("no zeros", {"compress[0]": False, "compile.weights": "sparse"}),
]


def test_a_search_begins_with_what_is_advised(project: Path, fake: Fake) -> None:
    asked: list[int] = []

    def advise() -> list[Advised]:
        asked.append(1)
        return ADVISED

    class Killed(Fake):
        def __call__(self, files: Any, log: Path) -> Any:
            if self.built:
                raise KeyboardInterrupt
            return super().__call__(files, log)

    def run(build: Fake) -> Progress:
        return search.search(planned(project, trials=4), project, build, command="", advise=advise)

    with pytest.raises(KeyboardInterrupt):
        run(Killed())
    progress = run(fake)
    first, second = progress.trials[:2]
    assert first.values == {**ADVISED[0].values, "compile.weights": first.values["compile.weights"]}
    assert ADVISED[1].is_in(second.values)
    assert progress.new == 4
    assert asked == [1]
    kept = json.loads((project / progress.plan.folder / "front.json").read_text())
    assert [each["what"] for each in kept["advised"]] == ["wide, all zeros", "no zeros"]


def test_a_choice_for_each_layer_in_one_line(project: Path, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgewright.search._plan.layers_of", lambda *_: ["first", "a/b"])
    space(project, SPACE.replace('"compress[0].schedule.final"', '"compress[0].layers.*"'))
    progress = searched(project, fake, trials=8)
    names = ["compress[0].layers.first", "compress[0].layers.a/b"]
    trial = next(trial for trial in progress.trials if trial.values["compress[0]"])
    assert [name for name in trial.values if "layers" in name] == names
    target = load_project(project, home(), [Path(progress.plan.folder) / f"trial-{trial.number}-mcu.toml"])
    (step,) = target.targets[f"trial-{trial.number}-mcu"].steps
    assert step.options["layers"] == {"first": trial.values[names[0]], "a/b": trial.values[names[1]]}
    rates = _space.by_layer("compress[2].layers.*.rate", [1e-6, 2e-6], ["dense"])
    assert [each.key for each in rates] == [("compress", 2, "layers", "dense", "rate")]


def test_a_password_in_a_url_is_kept_nowhere(project: Path, fake: Fake) -> None:
    url = "sqlite:///trials.db"
    command = "edgewright search mcu tiny --storage postgresql://me:s3cret@db.lab/trials --json"
    progress = search.search(planned(project, trials=1), project, fake, command=command, storage=url)
    kept = (project / progress.plan.folder / "front.json").read_text()
    assert "postgresql://me:***@db.lab/trials --json" in kept
    with pytest.raises(UserError) as caught:
        search.search(planned(project), project, fake, command="", storage="nonsense://me:s3cret@x/y")
    assert "s3cret" not in str(caught.value)


def test_a_storage_that_goes_away_ends_the_search_with_a_word(project: Path) -> None:
    class Broken(Fake):
        def __call__(self, files: Any, log: Path) -> Any:
            if self.built:
                Path("trials.db").write_text("no database any more, and longer than its header: " * 40)
            return super().__call__(files, log)

    with pytest.raises(ToolError, match=r"the storage of the trials answers no more: .*the same command goes on"):
        search.search(planned(project, trials=4), project, Broken(), command="", storage="sqlite:///trials.db")


def test_a_whole_entry_is_told_by_its_own_pass(project: Path) -> None:
    said = words(
        replace(planned(project), dimensions=(_space.Dimension("compress[0]", ("compress", 0), [{}]),)),
        {"compress[0]": {"pass": "cluster", "clusters": 8}},
    )
    assert said == "cluster { clusters = 8 }"


def test_a_search_with_a_cheap_look_that_was_killed_goes_on(project: Path, fake: Fake) -> None:
    """Killed in the cheap look at a trial, and after it."""
    space(project, SPACE.replace("[search.over]", "quick = { epochs = 1, examples = 100, first = 3 }\n[search.over]"))
    whole = told(searched(project, fake, trials=10))
    for killed_at in (8, 9):
        shutil.rmtree(project / "build")

        class Killed(Fake):
            def __call__(self, files: Any, log: Path, last: int = killed_at) -> Any:
                if len(self.built) == last:
                    raise KeyboardInterrupt
                return super().__call__(files, log)

        with pytest.raises(KeyboardInterrupt):
            searched(project, Killed(), trials=10)
        assert told(searched(project, Fake(), trials=10)) == whole


def test_time_that_ends_in_a_trial(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That trial is built to its end and counts; no other is begun."""
    passed = [0.0]
    monkeypatch.setattr("edgewright.search._run.time.monotonic", lambda: passed[0])

    class Slow(Fake):
        def __call__(self, files: Any, log: Path) -> Any:
            passed[0] += 40
            return super().__call__(files, log)

    progress = searched(project, Slow(), time=60.0)
    assert progress.new == 2
    assert "left" not in search.line(progress, progress.trials[-1])
    assert "ended after 2 of 12 trials: the time is over: the same command goes on\n" in search.as_table(progress)
    assert searched(project, Slow(), time=30.0).new == 3, "the same command goes on"
