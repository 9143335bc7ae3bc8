"""What is wrong with a search is told before anything is built, with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgewright.commands import search as command
from edgewright.errors import UserError
from tests.search.conftest import SPACE, planned

WRONG = [
    (
        '"flash"]',
        '"flsh"]',
        "search/tiny.toml:2: search.objectives[1]: no such figure, got 'flsh'",
        "did you mean 'flash'?",
    ),
    (
        '"flash"]',
        '"flash.code_bytes"]',
        "search.objectives[1]: a path does not tell which way is better",
        "least flash.code",
    ),
    ('"flash"]', '"rpi: flash"]', "is none of the targets that are searched, got 'rpi', allowed: mcu", ""),
    ('"8 KiB"', "8192", "search/tiny.toml:4: search.bounds[0]: a size has no unit, got 8192", "a number and one of B"),
    ('"raw", "sparse"', '"raw", "spars"', "compile.weights: no way to store weights: 'spars', got 'spars'", "'sparse'"),
    ('"build.width"', '"build.depth"', "build.depth: build() of models/tiny/model.py takes no such", "allowed: width"),
    ("low = 0.3", "low = -1.0", "compress[0].schedule.final: is out of range, got -1.0, allowed: more than 0", ""),
    (
        '"compress[0].schedule.final"',
        '"compress[1].layers.*"',
        "there is no such place in the target, got 'compress[1]'",
        "",
    ),
    ('"prune", schedule = { final = 0.5 }', '"fold"', "pass fold has no options by layer", "cluster, latent, prune"),
    ('"compress[0]" =', '"compress[1]" =', "there is no such place in the target, got 'compress[1]'", ""),
    ('["raw", "sparse"]', '["raw"]', "leaves nothing to choose", "two values or more"),
    ('"compile.weights"', '"compile..weights"', "is no key of a target file", ""),
    ("low = 8, high = 64", "low = 8, high = 8", "low 8 is not below high 8", ""),
    ("low = 8, high = 64, step", "lo = 8, high = 64, step", "vary.build.width.low: is missing", "did you mean 'low'?"),
    ("low = 8, high = 64, step = 8", "step = 8", "is no range, allowed: a list of values, or a table with low and", ""),
    ('"build.width" =', "build.width =", "search.vary.build: is no range", 'stands in quotes: "quantize.scheme" = ['),
    ("[true, false]", "1", "has the wrong type, got 1, allowed: a table, a list", ""),
    (
        '"raw", "sparse"',
        '"raw", 2026-01-01',
        "weights[1]: has the wrong type",
        "true or false, a number, text, a list, a table",
    ),
    (
        '"flash"]',
        '"flash", "mcu: bytes"]',
        "search.objectives[2]: is a figure that is an objective already",
        'is "flash"',
    ),
    ('"flash"]', '"metric"]', "search.objectives[1]: is a figure that is an objective already, got 'metric'", "once"),
    (
        '"flash"]',
        '"least flash.total_bytes", "flash"]',
        "is an objective already, got 'flash', allowed: each figure",
        "",
    ),
    (
        '"8 KiB" }',
        '"8 KiB" }, { figure = "ram", most = "9 KiB" }',
        "search.bounds[1]: mcu: ram at most is said by bounds[0]",
        "",
    ),
    (
        '"8 KiB" }',
        '"8 KiB" }, { figure = "ram", least = "9 KiB" }',
        "bounds[1]: mcu: no ram is within this and bounds[0]",
        "",
    ),
    (
        '"raw", "sparse"',
        '"raw", "sparse", "raw"',
        "holds a value twice, got ['raw', 'sparse', 'raw'], allowed: each value once",
        "",
    ),
    (
        '"compile.weights"',
        '"compress[00]"',
        'means what "compress[0]" means',
        "allowed: each key of a target file once",
    ),
    (
        '"compile.weights" = ["raw", "sparse"]',
        '"extends" = ["rpi", "mcu"]',
        "search/tiny.toml:13: search.vary.extends: says which target it is, which is the same of all trials, got",
        "allowed: keys of runtime, build, train, compress, quantize, compile, firmware, transmit, measure\n",
    ),
    ('"compile.weights" = ["raw", "sparse"]', '"search.trials" = [1, 2]', "says what a search is", "--trials, "),
    ('"compile.weights" = ["raw", "sparse"]', '"search" = [{ trials = 1 }, { trials = 2 }]', "says what a search", ""),
    ('"compile.weights" = ["raw", "sparse"]', '"board" = ["mps2-an386", "rpi"]', "vary.board: says which target", ""),
    ('"compile.weights" = ["raw", "sparse"]', '"model" = ["tiny", "other"]', "says which model is built", ""),
    ('"compile.weights" = ["raw", "sparse"]', '"models[0]" = ["tiny", "other"]', "says which model is built", ""),
    ('"compile.weights" = ["raw", "sparse"]', '"description" = ["a", "b"]', "says no more than a line for people", ""),
    ('"compile.weights" = ["raw", "sparse"]', '"budget.ram" = ["8 KiB", "9 KiB"]', "says what must hold", ""),
    ('"compile.weights" = ["raw", "sparse"]', '"measure.device" = ["a", "b"]', "says where figures come from", ""),
    (
        '"compile.weights" = ["raw", "sparse"]',
        'measure = [{ device = "a" }, { device = "b" }]',
        "vary.measure: says where figures come from",
        "several targets are searched at once",
    ),
    ("[search.over]", '[search.over]\nextends = "rpi"', "search.over.extends: says which target it is", "keys of "),
    ("[search.over]", '[search.over]\nboard = "rpi"', "search.over.board: says which target it is", ""),
    (
        '"ram", most = "8 KiB"',
        '"metric", least = 90',
        "bounds[0]: metric is a share, got 90, allowed: a number from 0 to 1, or ",
        'did you mean "90 %"?',
    ),
    ('"ram", most = "8 KiB"', '"metric", least = "101 %"', "metric is a share, got '101 %'", "from 0 to 1"),
    ('"ram", most = "8 KiB"', '"metric", least = -0.5', "metric is a share, got -0.5", ""),
    ('"ram", most = "8 KiB"', '"accuracy.float", least = 90', "accuracy.float is a share, got 90", '"90 %"'),
    ('"8 KiB"', '"8 KiB", least = "1 KiB"', "bounds[0]: has both most and least, allowed: one of them", ""),
    (', most = "8 KiB"', "", "bounds[0]: needs one of most and least", ""),
    ("trials = 12", "trails = 12", "search/tiny.toml:3: search.trails: unknown key", "did you mean 'trials'?"),
]


@pytest.mark.parametrize(("right", "wrong", "message", "more"), WRONG, ids=[each[1] for each in WRONG])
def test_each_fault_has_its_place(project: Path, right: str, wrong: str, message: str, more: str) -> None:
    assert right in SPACE
    space = SPACE.replace('"compress[0].schedule.final"', '"compress[0].layers.*"') if wrong == '"fold"' else SPACE
    (project / "search/tiny.toml").write_text(space.replace(right, wrong))
    with pytest.raises(UserError) as caught:
        planned(project)
    assert message in str(caught.value)
    assert more in str(caught.value)
    assert not (project / "build").exists()


def test_all_faults_of_values_are_told_at_once(project: Path) -> None:
    """Of places that are not there, of values, and of what only the model knows."""
    space = SPACE.replace('"build.width"', '"build.witdh"').replace('"raw", "sparse"', '"raw", "spars"')
    space = space.replace('"flash"]', '"flsh"]').replace("[true, false]", "[true, false]\nextends = ['rpi', 'mcu']")
    (project / "search/tiny.toml").write_text(space.replace('"compress[0]" =', '"compress[1]" ='))
    with pytest.raises(UserError) as caught:
        planned(project)
    told = str(caught.value)
    assert "no such figure, got 'flsh'" in told
    assert "vary.extends: says which target it is" in told
    assert "compress[1]: there is no such place in the target" in told
    assert "build.witdh: build() of models/tiny/model.py takes no such argument" in told
    assert "no way to store weights: 'spars'" in told


def test_ranges_and_lists_of_nothing_are_told_at_once(project: Path) -> None:
    space = SPACE.replace("low = 8, high = 64", "low = 24, high = 4").replace("step = 0.1", "step = 0")
    (project / "search/tiny.toml").write_text(space.replace('["raw", "sparse"]', "[]"))
    with pytest.raises(UserError) as caught:
        planned(project)
    told = str(caught.value)
    assert "vary.build.width: low 24 is not below high 4" in told
    assert "vary.compress[0].schedule.final.step: is out of range, got 0" in told
    assert "vary.compile.weights: leaves nothing to choose, got [], allowed: two values or more" in told


def test_flash_is_of_microcontrollers(project: Path) -> None:
    with pytest.raises(UserError, match=r"rpi has no flash: it is no microcontroller"):
        planned(project, "rpi")


def test_a_target_without_a_search(project: Path) -> None:
    (project / "search/tiny.toml").unlink()
    with pytest.raises(UserError, match=r"^target=mcu: has no \[search\]\n  hint: write one into "):
        planned(project)


def test_the_search_of_a_target_comes_first_and_is_not_handed_on(project: Path) -> None:
    folder = project / "targets"
    folder.mkdir()
    own = '[search.vary]\n"compile.weights" = ["raw", "lut"]\n'
    (folder / "mine.toml").write_text(f'extends = "mcu"\n{own}')
    (folder / "other.toml").write_text('extends = "mine"\n')
    assert [each.name for each in planned(project, "mine").dimensions] == ["compile.weights"]
    assert len(planned(project, "other").dimensions) == 4


def test_a_fault_is_one_line(project: Path) -> None:
    """A value that may be of several kinds is held against the one that it was meant to be."""
    (project / "search/tiny.toml").write_text(SPACE.replace("low = 8, high = 64", "low = 24, high = 4"))
    with pytest.raises(UserError) as caught:
        planned(project)
    assert str(caught.value) == "search/tiny.toml:10: search.vary.build.width: low 24 is not below high 4"


def test_a_layer_is_chosen_once(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgewright.search._plan.layers_of", lambda *_: ["first", "second"])
    two = '"compress[0].layers.*" = [0.5, 0.6]\n"compress[0].layers.second" = [0.7, 0.8]\n'
    (project / "search/tiny.toml").write_text(SPACE + two)
    with pytest.raises(UserError, match=r'layers\.second.*: means what "compress\[0\]\.layers\.\*" means'):
        planned(project)


def test_objectives_that_are_one_on_one_target_are_two_on_another(project: Path) -> None:
    """Bytes are flash on the microcontroller; the Pi has one figure for both."""
    bounds = 'bounds = [{ figure = "ram", most = "8 KiB" }]'
    (project / "search/tiny.toml").write_text(SPACE.replace('"flash"]', '"bytes", "size"]').replace(bounds, ""))
    plan = planned(project, "rpi,mcu")
    assert [each.title for each in plan.objectives] == ["accuracy, rpi", "bytes on the device, rpi"]
    assert {name: len(own) for name, own in plan.own.items()} == {"rpi": 2, "mcu": 3}
    with pytest.raises(UserError, match=r"objectives\[2\]: is a figure that is an objective already"):
        planned(project, "rpi")


def test_what_holds_others_is_set_first(project: Path) -> None:
    (project / "search/tiny.toml").write_text(SPACE + 'compress = [[{ pass = "prune" }], [{ pass = "cluster" }]]\n')
    plan = planned(project)
    chosen = {"compress[0].schedule.final": 0.7, "compress": [{"pass": "prune"}]}
    (text,) = plan.files("trial-0", chosen).values()
    assert "final = 0.7" in text
    assert chosen["compress"] == [{"pass": "prune"}]


@pytest.mark.parametrize("option", ["--sampler", "--storage", "-j"])
def test_an_option_is_given_once(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    value = {"--sampler": "tpe", "--storage": "sqlite:///a", "-j": "1"}[option]
    with pytest.raises(SystemExit):
        command.parser().parse_args(["mcu", "tiny", option, value, option, value])
    assert "is given twice" in capsys.readouterr().err


@pytest.mark.parametrize("time", ["0 s", "soon", "-1 h"])
def test_a_time_is_some(time: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.parser().parse_args(["mcu", "tiny", f"--time={time}"])
    assert "for instance 2h or 90min" in capsys.readouterr().err


def test_a_wrong_cache_is_refused_first(project: Path) -> None:
    with pytest.raises(UserError, match="cache=htp://a: is no server of a cache, allowed: http://host:port or"):
        command.main(["mcu", "tiny", "--cache", "htp://a"])
    assert not (project / "build").exists()


def test_a_wrong_executor_is_refused_first(project: Path) -> None:
    with pytest.raises(UserError, match="executor=dask:8: is no place where stages could run"):
        command.main(["mcu", "tiny", "--executor", "dask:8"])
    assert not (project / "build").exists()
