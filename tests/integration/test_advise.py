"""`edgewright advise`: what it recommends from given points, what it writes, and a whole scan of a small network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from edgewright import cli
from edgewright.advice import scan
from edgewright.advice.candidates import PLAIN, Candidate, candidates
from edgewright.advice.measured import Measured
from edgewright.advice.recipes import for_all, ranked
from edgewright.commands import advise
from edgewright.commands._advise import show
from edgewright.commands._advise.write import REPLACED, write
from edgewright.errors import UserError
from edgewright.registry import passes
from edgewright.spec.toml_text import read_toml
from edgewright.spec.toml_write import entry_text, value_text

if TYPE_CHECKING:
    from testbench.stages import Stages

CHANNELS = Candidate("half", "structure", {"pass": "prune_channels", "keep": 0.5})
SPARSE = Candidate("sparse", "weights", {"pass": "prune", "schedule": {"final": 0.9}})
FLOAT = {"value": 0.9, "interval": (0.894, 0.906), "samples": 10_000}


def point(value: float, device: int = 1000, transmit: int = 800, macs: int = 5000, **more: Any) -> dict[str, Any]:
    sizes = {"device_bytes": device, "tflite_bytes": device, "tflite_gzip_bytes": transmit, "macs": macs}
    return {**FLOAT, "value": value, **sizes, **more}


POINTS = {PLAIN: point(0.9), CHANNELS: point(0.898, 500, 400, 2500), SPARSE: point(0.897, transmit=200)}


def names(points: Any = POINTS, **limits: Any) -> list[str]:
    return [recipe.name for recipe in ranked(points, FLOAT, limits, Measured())]


# ---------------------------------------------------------------- ranking


def test_each_structure_goes_with_each_kind_of_weights() -> None:
    assert sorted(names()) == ["half", "half, then sparse", "nothing but int8", "sparse"]


def test_the_best_saves_most_within_the_budget() -> None:
    found = ranked(POINTS, FLOAT, {}, Measured())
    assert found[0].name == "half, then sparse"
    assert found[0].entries == [CHANNELS.entry, SPARSE.entry]
    expected = found[0].expected
    assert expected.metric == pytest.approx(0.9 - 0.002 - 0.003)
    assert expected.loss == pytest.approx(0.005)
    assert (expected.device_bytes, expected.transmit_bytes, expected.macs) == (500, 100, 2500)
    assert found[0].broken == []


def test_a_loss_beyond_the_budget_goes_to_the_end() -> None:
    points = {**POINTS, CHANNELS: point(0.85, 500, 400, 2500)}
    assert names(points)[0] == "sparse"
    assert names(points, metric_loss=0.1)[0] == "half, then sparse"


def test_noise_of_few_examples_breaks_no_budget() -> None:
    points = {PLAIN: point(0.9), CHANNELS: point(0.889, 500, 400, 2500)}
    [best, _] = ranked(points, FLOAT, {"metric_loss": 0.01}, Measured())
    assert best.name == "half"
    assert best.expected.noise == pytest.approx(0.0031, abs=1e-4)


def test_an_error_in_its_own_unit_is_weighed_as_a_share_is() -> None:
    terms = {"title": "mean absolute error", "better": "less", "share": False, "unit": "kWh"}

    def of_error(value: float, *sizes: int) -> dict[str, Any]:
        return {**point(value, *sizes), **terms, "interval": (value - 0.4, value + 0.4)}

    reference = {**FLOAT, **terms, "value": 50.0}
    points = {PLAIN: of_error(50.1), CHANNELS: of_error(50.5, 500, 400, 2500), SPARSE: of_error(53.0, 1000, 200)}
    found = ranked(points, reference, {"metric_loss": "1 %"}, Measured())
    assert [recipe.name for recipe in found if not recipe.broken] == ["half", "nothing but int8"]
    text = "\n".join(show.recipes(found, reference, "no report"))
    assert "expected mean absolute error 50.5 kWh (+0.5 kWh, noise 0.2041 kWh)" in text
    assert "metric_loss 2.796 kWh, at most 0.5 kWh" in text


def test_a_broken_size_is_mended_whatever_it_costs() -> None:
    points = {**POINTS, CHANNELS: point(0.891, 500, 400, 2500)}
    assert names(points, size=600, metric_loss=0.05)[:2] == ["half, then sparse", "half"]
    assert names({PLAIN: POINTS[PLAIN], SPARSE: POINTS[SPARSE]}, size=600)[0] != "half"


def test_latency_follows_the_macs_of_the_last_report() -> None:
    known = Measured(instructions=2.0, us=0.5, code_bytes=100, other_ram_bytes=10)
    points = {PLAIN: point(0.9, arena_bytes=64), CHANNELS: point(0.9, 500, 400, 2500, arena_bytes=32)}
    best = ranked(points, FLOAT, {"latency": 1300.0, "flash": 650, "ram": 50}, known)[0]
    assert best.name == "half"
    assert (best.expected.instructions, best.expected.us) == (5000, 1250)
    assert (best.expected.flash_bytes, best.expected.ram_bytes) == (600, 42)
    assert {row["name"]: row["ok"] for row in best.budget} == dict.fromkeys(("flash", "ram", "latency"), True) | {
        "metric_loss": True
    }


def test_coded_weights_are_what_is_sent() -> None:
    points = {PLAIN: point(0.9), SPARSE: point(0.9, transmit=700, coded_bytes=50)}
    assert ranked(points, FLOAT, {}, Measured())[0].expected.transmit_bytes == 50


def test_of_several_targets_the_budgets_of_all_count() -> None:
    """Sparse weights are smaller on the first target alone, and fewer channels are too large a loss on the second."""
    second = {PLAIN: point(0.9, 4000), CHANNELS: point(0.898, 2000, 400, 2500), SPARSE: point(0.897, 4000, 200)}
    first = {**POINTS, SPARSE: point(0.897, 300, 200)}
    alone = ranked(first, FLOAT, {"size": 400}, Measured())
    assert [recipe.name for recipe in alone][:2] == ["half, then sparse", "sparse"]
    strict = ranked(second, FLOAT, {"metric_loss": 0.001}, Measured())
    both = for_all([alone, ranked(second, FLOAT, {"size": 2000}, Measured())])
    assert [recipe.name for recipe in both][:2] == ["half, then sparse", "half"]
    assert both[0].expected == alone[0].expected
    assert {recipe.name for recipe in for_all([alone, strict])} == set(names())
    without = [recipe for recipe in strict if recipe.name != "half"]
    assert "half" not in [recipe.name for recipe in for_all([alone, without])]


def test_every_figure_is_called_an_expectation() -> None:
    points = {**POINTS, SPARSE: point(0.9, sensitivity=[{"layer": "conv", "weights": 9, "loss_rise": {"0.5": 0.1}}])}
    found = ranked(points, FLOAT, {"size": 400}, Measured())
    parts = (show.points_table(points, {}, FLOAT), show.sensitivity(points), show.recipes(found, FLOAT, "no report"))
    text = ["\n".join(part) for part in parts]
    assert all(show.EXPECTED in part for part in text)
    assert "conv" in text[1]
    assert "+0.100" in text[1]
    assert "breaks the budget, size 500 B, at most 400 B" in text[2]
    assert 'pass = "prune_channels"' in text[2]


def test_every_candidate_is_an_entry_that_its_pass_takes() -> None:
    found = candidates()
    assert {"structure", "weights"} <= {candidate.part for candidate in found}
    for candidate in found:
        for options in ({}, candidate.short) if candidate.entry else ():
            entry = {**(candidate.entry or {}), **options}
            passes.load(entry.pop("pass")).OPTIONS.model_validate(entry)


# ---------------------------------------------------------------- writing

TARGET = """\
description = "a board"               # kept
board       = "raspberry-pi-4"
runtime     = "litert"

# what is allowed
[budget]
metric_loss = 0.2

# how it becomes int8
[quantize]
calibration_samples = 20

[measure]
transport = "none"
"""

OLD = """\
# first
[[compress]]
pass = "prune"                        # mine
[compress.schedule]
final = 0.4

[[compress]]
pass = "fold"

"""

ENTRIES = [{"pass": "prune_channels", "keep": 0.5}, {"pass": "prune", "schedule": {"final": 0.9}, "skip": ["a", "b"]}]


@pytest.fixture
def target(tmp_path: Path) -> Callable[[str], Path]:
    """Makes a target file."""

    def make(text: str) -> Path:
        path = tmp_path / "t.toml"
        path.write_text(text, newline="")
        return path

    return make


def test_entries_come_before_quantize_and_all_else_stays(target: Callable[[str], Path]) -> None:
    path = target(TARGET)
    write(path, "t.toml", ENTRIES, replace=False)
    text = path.read_text()
    assert read_toml(path, "t").data["compress"] == ENTRIES
    before, after = TARGET.split("# how")
    assert text.startswith(before + "[[compress]]\n")
    assert text.endswith("# how" + after)


def test_replaced_entries_become_comments(target: Callable[[str], Path]) -> None:
    path = target(TARGET.replace("# how", OLD + "# how"))
    write(path, "t.toml", ENTRIES, replace=True)
    text = path.read_text()
    assert read_toml(path, "t").data["compress"] == ENTRIES
    lines = text.splitlines()
    for line in filter(None, OLD.splitlines()):
        assert line in lines or f"# {line}" in lines
    assert REPLACED in lines
    for line in TARGET.splitlines():
        assert line in lines
    write(path, "t.toml", ENTRIES[:1], replace=True)
    assert read_toml(path, "t").data["compress"] == ENTRIES[:1]
    assert set(filter(None, OLD.splitlines())) & {line.removeprefix("# ") for line in path.read_text().splitlines()}


@pytest.mark.parametrize("text", [TARGET[: TARGET.index("# how")], TARGET.replace("\n", "\r\n"), TARGET.rstrip("\n")])
def test_any_target_file_can_be_written(target: Callable[[str], Path], text: str) -> None:
    path = target(text)
    before = read_toml(path, "t").data
    write(path, "t.toml", ENTRIES, replace=False)
    assert read_toml(path, "t").data == {**before, "compress": ENTRIES}
    assert (b"\r\n" in path.read_bytes()) == ("\r\n" in text)


@pytest.mark.parametrize(
    ("text", "replace", "message"),
    [
        (TARGET + OLD, False, r"t.toml:16: compress: has \[\[compress\]\] entries already"),
        ('compress = [{ pass = "fold" }]\n' + TARGET, True, "t.toml:1: compress: the entries here cannot be replaced"),
    ],
)
def test_what_cannot_be_replaced_is_left(target: Callable[[str], Path], text: str, replace: bool, message: str) -> None:
    path = target(text)
    with pytest.raises(UserError, match=message):
        write(path, "t.toml", ENTRIES, replace=replace)
    assert path.read_text() == text
    assert list(path.parent.iterdir()) == [path]


def test_values_read_back(tmp_path: Path) -> None:
    entry = {"pass": 'a "b" \\', "n": 4e-6, "b": True, "i": 3, "t": {"x y": [1, 2]}, "l": ["a"], "nested": {"a": {}}}
    path = tmp_path / "x.toml"
    path.write_text(entry_text(entry))
    assert read_toml(path, "x").data == {"compress": [entry]}
    assert value_text(0.5) == "0.5"


# ---------------------------------------------------------------- the command

MODEL = """\
description = "small"

[data]
dataset    = "fashion-mnist"
validation = 400
limit      = 1600

[train]
epochs        = 2
batch_size    = 50
learning_rate = 0.01
"""

SOURCE = """\
from tensorflow import keras


def build():
    return keras.Sequential(
        [
            keras.layers.InputLayer((28, 28, 1)),
            keras.layers.Conv2D(16, 3, strides=2, activation="relu", name="conv"),
            keras.layers.Flatten(),
            keras.layers.Dense(10, activation="softmax", name="classes"),
        ]
    )
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project with one model and two targets; nothing is trained."""
    folder = tmp_path_factory.mktemp("project")
    files = {
        "models/tiny/model.toml": MODEL,
        "models/tiny/model.py": SOURCE,
        "targets/pi.toml": TARGET,
        "targets/pruned.toml": TARGET + OLD,
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        yield folder


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["pie", "tiny"], "target=pie: no such target, got 'pie'"),
        (["pi", "tinny"], "model=tinny: no such model, got 'tinny', allowed: tiny, all\n  hint: did you mean 'tiny'?"),
        (["all", "tiny"], "target=all: names several"),
        (["pi", "x.tflite"], "model=x.tflite: no such file"),
        (["pi", "tiny"], "build/models/tiny/float.h5: the float model is not there"),
        (["pruned", "tiny", "--write"], "the target has [[compress]] entries already"),
        (["rpi", "tiny", "--write"], "targets/rpi.toml: this target comes with Edgewright"),
    ],
)
def test_mistakes_are_told_at_once(
    project: Path, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["advise", *words]) == 2
    assert message in capsys.readouterr().err
    assert not (project / "build/advise").exists()


@pytest.fixture(scope="module")
def trained(project: Path, stages: Stages) -> Path:
    """The project with its model trained."""
    arguments = ("--source", project / "models/tiny/model.py", "--out", project / "build/models/tiny/float.h5")
    data = {"dataset": "fashion-mnist", "validation": 400, "limit": 1600}
    train = {"epochs": 2, "batch_size": 50, "learning_rate": 0.01}
    stages.run("train", *arguments, "--stats", project / "build/train.json", data=data, train=train)
    return project


def test_a_scan_ends_in_a_recipe_that_stands_in_the_target_file(
    trained: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = [one for one in candidates() if one == PLAIN or (one.entry or {}).get("keep") == 0.5]
    monkeypatch.setattr(advise, "candidates", lambda: wanted)
    assert cli.main(["advise", "pi", "tiny", "--examples", "600", "--write"]) == 0
    first = capsys.readouterr()
    assert first.err.count("scanning: ") == 2
    written = read_toml(trained / "targets/pi.toml", "pi").data
    assert written["compress"] == [dict(wanted[1].entry or {})]
    assert "expected (from a short scan)" in first.out
    narrow = next(line for line in first.out.splitlines() if line.startswith("  prune_channels"))
    assert float(narrow.split("%")[-2].split()[-1]) > 50  # percent right of the validation data
    assert not list((trained / "build/advise/tiny").glob(".scan-*"))
    (trained / "targets/other.toml").write_text(TARGET.replace('"litert"', '"tflite-runtime"'))
    monkeypatch.setattr(scan, "_made", lambda *_: pytest.fail("what was trained for a target is there for others"))
    assert cli.main(["advise", "other", "tiny", "--examples", "600"]) == 0
    assert 'pass = "prune_channels"' in capsys.readouterr().out

    (trained / "targets/pi.toml").write_text(TARGET)
    assert cli.main(["advise", "pi", "tiny", "--examples", "600"]) == 0
    second = capsys.readouterr()
    assert second.err == ""
    assert second.out + "targets/pi.toml: written\n" == first.out
    assert (trained / "targets/pi.toml").read_text() == TARGET
