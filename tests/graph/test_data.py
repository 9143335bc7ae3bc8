"""A project's own data are inputs: what was made of other data is made anew, and never comes out of the cache."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.graph.conftest import Project

MODEL = "build/models/tiny/float.h5"

SOURCES = """\
from pathlib import Path
from tensorflow import keras


class Layer(keras.layers.Layer): ...


def build(): ...


def load(): ...


def sources():
    return Path(__file__).with_name("{named}").read_text().splitlines()
"""


def name_sources(project: Project, *paths: Path | str, named: str = "named.txt") -> None:
    (project.folder / "models/tiny/model.py").write_text(SOURCES.replace("{named}", named))
    (project.folder / "models/tiny" / named).write_text("".join(f"{path}\n" for path in paths))


def test_other_data_in_another_folder_take_nothing_from_the_cache(project: Project, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    project.built("train", cache=cache)
    second = project.clone(tmp_path / "second")
    (second.folder / "models/tiny/data/a.csv").write_text("7,8,9\n")
    assert MODEL in second.built("train", cache=cache).ran
    assert second.outputs()[MODEL] != project.outputs()[MODEL]
    third = second.clone(tmp_path / "third")
    assert third.built("train", cache=cache).ran == []
    assert third.outputs() == second.outputs()


def change(folder: Path) -> None:
    (folder / "data/a.csv").write_text("7,8,9\n")


def add(folder: Path) -> None:
    (folder / "data/deep").mkdir()
    (folder / "data/deep/c.csv").write_text("")


def remove(folder: Path) -> None:
    (folder / "data/a.csv").unlink()


def rename(folder: Path) -> None:
    (folder / "data/a.csv").rename(folder / "data/c.csv")


def swap(folder: Path) -> None:
    a, b = folder / "data/a.csv", folder / "data/b.csv"
    a.rename(folder / "data/c")
    b.rename(a)
    (folder / "data/c").rename(b)


@pytest.mark.parametrize("edit", [change, add, remove, rename, swap], ids=lambda edit: edit.__name__)
def test_an_edit_of_the_data_trains_again(project: Project, edit: object) -> None:
    project.built("train")
    edit(project.folder / "models/tiny")  # type: ignore[operator]
    assert MODEL in project.built("train").ran
    assert project.built("train").ran == []


@pytest.mark.parametrize("name", [".DS_Store", ".git/index", "__pycache__/x.pyc", "data/a.csv~", "model.toml"])
def test_what_is_no_data(project: Project, name: str) -> None:
    project.built("train")
    path = project.folder / "models/tiny" / name
    path.parent.mkdir(exist_ok=True)
    with path.open("a") as file:
        file.write("\n# more\n")
    assert project.built("train").ran == []


def test_data_behind_a_link_to_a_folder(project: Project, tmp_path: Path) -> None:
    shutil.move(project.folder / "models/tiny/data", tmp_path / "elsewhere")
    (project.folder / "models/tiny/data").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere/loop").symlink_to(tmp_path / "elsewhere")
    project.built("train")
    (tmp_path / "elsewhere/a.csv").write_text("7,8,9\n")
    assert MODEL in project.built("train").ran


def test_what_sources_names_is_read(project: Project, tmp_path: Path) -> None:
    folder, file = tmp_path / "data", tmp_path / "more.csv"
    folder.mkdir()
    (folder / "a.wav").write_text("a")
    file.write_text("1\n")
    name_sources(project, folder, file)
    project.built("train")
    for path in (folder / "a.wav", folder / "b.wav", file):
        path.write_text("other")
        assert MODEL in project.built("train").ran, path
    assert project.built("train").ran == []


def test_the_same_data_in_another_place_come_from_the_cache(project: Project, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.wav").write_text("a")
        clone = project.clone(tmp_path / f"project {name}")
        name_sources(clone, tmp_path / name, named=".named")
        ran = clone.built("train", cache=cache).ran
        assert (MODEL in ran) == (name == "one")


def test_sources_that_fail(project: Project) -> None:
    name_sources(project, "/nowhere/at/all")
    result = project.build("train")
    assert result.status == 2
    assert "tiny/model.py: sources(): names a file or folder that is not there, got '/nowhere/at/all'" in result.out
    (project.folder / "models/tiny/named.txt").unlink()
    result = project.build("train")
    assert result.status == 2
    assert "tiny/model.py: sources(): failed: " in result.out
    assert "FileNotFoundError" in result.out
