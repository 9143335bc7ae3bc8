"""Whatever is edited, just that is made anew which it shapes, and the build is the one that a clean build is.

The ordinary run takes a sample; `--slow` takes every file and every point.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.graph.conftest import Builder, Plan, Project, create, ordered

SEED = 20261129
FILES, POINTS = 6, 2
PLACES = ("before", "middle", "after")
STAGES = 50


@pytest.fixture(scope="module")
def settled(builder: Builder, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """As `built`, for edits of settings, which go on from one another."""
    project = create(builder, tmp_path_factory.mktemp("settled"))
    project.built()
    return project


@pytest.fixture(scope="module")
def built(builder: Builder, tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = create(builder, tmp_path_factory.mktemp("built"))
    project.built()
    return project


@pytest.fixture
def home(builder: Builder, tmp_path: Path) -> Iterator[Path]:
    """Edgewright's own folder, which is again what it was after the test."""
    shutil.copytree(builder.home, tmp_path / "kept", symlinks=True)
    yield builder.home
    shutil.rmtree(builder.home)
    shutil.copytree(tmp_path / "kept", builder.home, symlinks=True)


def plan_of(project: Project) -> Plan:
    return project.built("-n", plan=True).plan


def shaped_by(plan: Plan, changed: set[str]) -> set[str]:
    """Every output that `changed` files shape, straight or through other outputs."""
    found: set[str] = set()
    for stage in plan:  # each after those that it reads from
        if (changed | found) & set(stage["reads"]):
            found.update(stage["outputs"])
    return found


def ran(project: Project, *arguments: str) -> set[str]:
    return {str((project.folder / name).resolve()) for name in project.built(*arguments).ran}


def edit(path: Path, mark: str) -> None:
    """Another content, which is still Python where it was."""
    with path.open("ab") as file:
        file.write(f"\n# {mark}\n".encode())


def clean(project: Project, folder: Path) -> dict[str, str]:
    """What a clean build of the project makes."""
    second = project.clone(folder)
    second.built()
    return {name: text for name, text in second.outputs().items() if "/advise/" not in name}


def classes(plan: Plan) -> dict[frozenset[int], list[str]]:
    """Files that no stage makes, by the stages that read them."""
    made = {name for stage in plan for name in stage["outputs"]}
    readers: dict[str, set[int]] = {}
    for number, stage in enumerate(plan):
        for name in set(stage["reads"]) - made:
            readers.setdefault(name, set()).add(number)
    found: dict[frozenset[int], list[str]] = {}
    for name in sorted(readers):
        found.setdefault(frozenset(readers[name]), []).append(name)
    return found


def sample(plan: Plan, slow: bool) -> list[str]:
    """One file of each class, some classes of all; every file for `slow`."""
    groups = list(classes(plan).values())
    if slow:
        return [name for group in groups for name in group]
    chance = random.Random(SEED)
    picked = [chance.choice(group) for group in groups]
    return chance.sample(picked, min(FILES, len(picked)))


def test_an_edited_file_redoes_what_it_shapes(
    built: Project, home: Path, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    assert home == built.builder.home
    plan = ordered(plan_of(built))
    names = sample(plan, bool(pytestconfig.getoption("--slow")))
    assert len(names) >= FILES
    for number, name in enumerate(names):
        edit(Path(name), f"{SEED} {number}")
        assert ran(built) == shaped_by(plan, {name}), name
    assert ran(built) == set()
    assert built.outputs() == clean(built, tmp_path / "clean")


SETTINGS = (
    ("targets/linux.toml", 'transport = "host"', 'transport = "host"\nruns = 7'),
    ("targets/linux.toml", "clusters = 8", "clusters = 9"),
    ("targets/micro.toml", "calibration_samples = 16", "calibration_samples = 17"),
    ("targets/micro.toml", 'runtime = "aot"', 'runtime = "aot"\nbudget.ram = "1 MiB"'),
    ("models/tiny/model.toml", "epochs = 2", "epochs = 3"),
    ("models/tiny/model.toml", '"data of its own"', '"another description"'),
    ("targets/linux.toml", '"a Linux-class board"', '"another description"'),
)


def test_an_edited_setting_redoes_what_reads_it(settled: Project, tmp_path: Path) -> None:
    plan = ordered(plan_of(settled))
    for path, old, new in SETTINGS:
        before = {tuple(stage["outputs"]): stage["command"] for stage in plan}
        text = (settled.folder / path).read_text()
        assert old in text
        (settled.folder / path).write_text(text.replace(old, new))
        plan = ordered(plan_of(settled))
        changed = {name for s in plan if before.get(tuple(s["outputs"])) != s["command"] for name in s["outputs"]}
        assert ran(settled) == changed | shaped_by(plan, changed), new
    fresh = clean(settled, tmp_path / "clean")
    assert {name: settled.outputs()[name] for name in fresh} == fresh


def points(slow: bool) -> list[tuple[int, str]]:
    everything = [(number, place) for number in range(1, STAGES + 1) for place in PLACES]
    return everything if slow else random.Random(SEED).sample(everything, POINTS)


def test_a_build_that_was_killed_goes_on(project: Project, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    wanted = clean(project, tmp_path / "clean")
    for number, place in points(bool(pytestconfig.getoption("--slow"))):
        killed = project.build("-j4", die=(number, place))
        assert killed.status == -9, (number, place, killed.out)
        project.built("-j4")
        assert project.outputs() == wanted, (number, place)
        shutil.rmtree(project.folder / "build")


def test_a_build_that_was_killed_leaves_the_cache_right(project: Project, tmp_path: Path) -> None:
    wanted = clean(project, tmp_path / "clean")
    cache = tmp_path / "cache"
    for number in (20, 6, 2):  # each build has fewer stages left to run than the one before
        assert project.build("-j4", cache=cache, die=(number, "middle")).status == -9
    for folder in ("one", "two"):
        clone = project.clone(tmp_path / folder)
        clone.built(cache=cache)
        assert clone.outputs() == wanted


def test_as_many_at_once_as_one_likes(project: Project, tmp_path: Path) -> None:
    project.built("-j8")
    second = project.clone(tmp_path / "second")
    second.built("-j1")
    assert project.outputs() == second.outputs()
    assert len(project.built("-n", plan=True).plan) == STAGES
