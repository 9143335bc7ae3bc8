"""Data that model.toml declares: each form of files, the split, the pinned content, and every mistake's message."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgewright.datasets import Splits, declared_classes, is_declared, load_data
from edgewright.datasets._declared import checksum, checksum_of
from edgewright.errors import UserError
from edgewright.registry import datasets
from edgewright.sections.data import Data
from edgewright.sections.task import Task


def load(folder: Path, task: Task | None = None, **keys: Any) -> Splits:
    return load_data(Data(**keys), folder=folder, task=task or Task())


def table(folder: Path, text: str, name: str = "data.csv") -> None:
    (folder / name).write_text(text)


def motion(folder: Path, people: int = 10, each: int = 6) -> None:
    rows = [f"{p}.{n},{n},person{p},{('walk', 'run')[n % 2]}" for p in range(people) for n in range(each)]
    table(folder, "\n".join(["ax, ay, who, kind", *rows]) + "\n")


def test_a_table_has_its_columns_by_name(tmp_path: Path) -> None:
    motion(tmp_path)
    keys = {"dataset": "table", "path": "data.csv", "label": ["kind"], "columns": ["ay", "ax"]}
    found = load(tmp_path, **keys)
    assert [len(part) for part in found] == [36, 36, 12, 12, 12, 12]
    assert declared_classes(Data(**keys), tmp_path) == ("run", "walk")
    for name in ("train", "validation", "test"):
        x, y = found.part(name)
        np.testing.assert_array_equal(y, 1 - x[:, 0] % 2)  # every other line is of class "run"
        assert 0.3 < y.mean() < 0.7


def test_equal_seeds_divide_alike_and_other_seeds_otherwise(tmp_path: Path) -> None:
    motion(tmp_path)
    keys = {"dataset": "table", "path": "data.csv", "label": ["kind"], "columns": ["ax"]}
    first, again, other = (load(tmp_path, seed=seed, **keys) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.test_x, again.test_x)
    assert first.test_x.tolist() != other.test_x.tolist()
    together = np.concatenate([first.train_x, first.validation_x, first.test_x]).reshape(-1)
    assert sorted(together) == sorted(np.float32([float(f"{p}.{n}") for p in range(10) for n in range(6)]))


def test_a_group_stays_in_one_part(tmp_path: Path) -> None:
    motion(tmp_path)
    found = load(tmp_path, dataset="table", path="data.csv", label=["kind"], columns=["ax"], group="who")
    people = [set(found.part(name)[0].astype(int).reshape(-1).tolist()) for name in ("train", "validation", "test")]
    assert [len(each) for each in people] == [6, 2, 2]
    assert len(set.union(*people)) == 10  # nobody is in two parts


def test_the_parts_may_lie_in_files_of_their_own(tmp_path: Path) -> None:
    table(tmp_path, "a,y\n1,0\n2,1\n3,0\n4,1\n")
    table(tmp_path, "a,y\n9,1\n", "test.csv")
    table(tmp_path, "a,y\n7,0\n8,1\n", "validation.csv")
    keys = {"dataset": "table", "path": "data.csv", "label": ["y"]}
    found = load(tmp_path, test_path="test.csv", validation_path="validation.csv", **keys)
    assert sorted(found.train_x.reshape(-1).tolist()) == [1, 2, 3, 4]
    assert found.test_x.tolist() == [[9]]
    assert found.validation_y.tolist() == [0, 1]


def test_numbers_are_told_by_a_regression(tmp_path: Path) -> None:
    table(tmp_path, "a;b;angle;force\n" + "".join(f"{n};{n + 1};{n / 2};{-n}\n" for n in range(20)))
    keys = {"dataset": "table", "path": "data.csv", "label": ["angle", "force"], "separator": ";"}
    found = load(tmp_path, Task(kind="regression"), **keys)
    np.testing.assert_allclose(found.train_y[:, 0], found.train_x[:, 0] / 2)
    assert found.train_y.dtype == np.float32


@pytest.mark.parametrize(
    ("text", "keys", "message"),
    [
        ("a,y\n1,0\n", {"label": ["z"]}, r"\[data\] label: no such column, got 'z', allowed: a, y"),
        (
            "a,y\n1,0\nx,1\n",
            {"label": ["y"]},
            r"data.csv:3: column a holds no number, got 'x'\n  hint: name the columns",
        ),
        ("a,y\n1,0,2\n", {"label": ["y"]}, r"data.csv:2: has another number of columns, got 3, allowed: 2"),
        ("a,y\n", {"label": ["y"]}, "holds no example"),
        ("y\n1\n", {"label": ["y"]}, "has no column that is an input"),
        ("a,y\nnan,0\n1,1\n", {"label": ["y"]}, "training inputs hold NaN or infinity, got '1 of 2"),
        ("a,y\n1,0\n", {"label": ["y"]}, "no train example is left, got '1 examples'"),
        ("a,b,y\n1,0,1\n", {"label": ["b", "y"]}, "names several columns"),
        (
            "a,y\n1,0\n2,5\n",
            {"label": ["y"], "classes": ["0", "1"]},
            "lacks a class of the examples, got '5', allowed: 0, 1",
        ),
        ("a,y\n1,0\n", {"label": ["y"], "test_path": "none.csv"}, r"data.test_path: no such file or folder"),
        ("a,y\n1,0\n", {"label": ["y"], "group": "who"}, r"\[data\] group: no such column, got 'who'"),
    ],
)
def test_mistakes_in_a_table_name_their_place(tmp_path: Path, text: str, keys: dict[str, Any], message: str) -> None:
    table(tmp_path, text)
    with pytest.raises(UserError, match=message):
        load(tmp_path, dataset="table", path="data.csv", **keys)


def test_another_content_than_the_pinned_one_is_refused(tmp_path: Path) -> None:
    motion(tmp_path)
    keys = {"dataset": "table", "path": "data.csv", "label": ["kind"], "columns": ["ax"]}
    right = checksum(tmp_path / "data.csv")
    load(tmp_path, sha256=right, **keys)
    with pytest.raises(UserError, match=rf'not those that were pinned.*\n  hint: .*write sha256 = "{right}"'):
        load(tmp_path, sha256="0" * 64, **keys)


def test_test_examples_of_their_own_are_pinned_too(tmp_path: Path) -> None:
    motion(tmp_path)
    test = tmp_path / "test.csv"
    test.write_bytes((tmp_path / "data.csv").read_bytes())
    keys = {"dataset": "table", "path": "data.csv", "test_path": "test.csv", "label": ["kind"], "columns": ["ax"]}
    right = checksum_of({"path": tmp_path / "data.csv", "test_path": test})
    load(tmp_path, sha256=right, **keys)
    test.write_bytes(test.read_bytes() + test.read_bytes().splitlines(keepends=True)[-1])
    with pytest.raises(UserError, match="not those that were pinned"):
        load(tmp_path, sha256=right, **keys)


def test_the_checksum_of_a_folder_is_of_names_and_contents(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/b.txt").write_text("1")
    first = checksum(tmp_path)
    (tmp_path / "a/b.txt").rename(tmp_path / "a/c.txt")
    assert checksum(tmp_path) != first


def test_an_npz_file_has_its_arrays_by_name(tmp_path: Path) -> None:
    x = np.arange(40, dtype=np.float32).reshape(20, 2)
    np.savez(
        tmp_path / "d.npz",
        x=x,
        y=np.arange(20) % 2,
        who=np.arange(20) // 4,
        names=np.array(["b", "a"])[np.arange(20) % 2],
    )
    found = load(tmp_path, dataset="npz", path="d.npz", group="who")
    np.testing.assert_array_equal(found.train_y, found.train_x[:, 0] // 2 % 2)
    assert declared_classes(Data(dataset="npz", path="d.npz"), tmp_path) == ()
    assert declared_classes(Data(dataset="npz", path="d.npz", y="names"), tmp_path) == ("a", "b")
    named = load(tmp_path, dataset="npz", path="d.npz", y="names")
    np.testing.assert_array_equal(named.train_y, 1 - named.train_x[:, 0] // 2 % 2)
    with pytest.raises(UserError, match="has no such array, got 'z', allowed: x, y, who, names"):
        load(tmp_path, dataset="npz", path="d.npz", x="z")


def test_an_array_of_objects_is_not_unpickled(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", x=np.array([{}], object), y=np.zeros(1))
    with pytest.raises(UserError, match=r"is no .npz file of plain arrays"):
        load(tmp_path, dataset="npz", path="d.npz")


def pictures(folder: Path, size: tuple[int, int] = (8, 6)) -> None:
    image = pytest.importorskip("PIL.Image")
    for name, value in (("dark", 0), ("light", 255)):
        (folder / "pictures" / name).mkdir(parents=True)
        for index in range(10):
            image.new("RGB", size, (value, value, index)).save(folder / "pictures" / name / f"{index}.png")


def test_a_folder_of_pictures_has_a_folder_for_each_class(tmp_path: Path) -> None:
    pictures(tmp_path)
    keys = {"dataset": "images", "path": "pictures", "size": [6, 8]}
    found = load(tmp_path, **keys)
    assert found.train_x.shape == (12, 6, 8, 3)
    assert found.train_x.dtype == np.float32
    np.testing.assert_array_equal(found.train_x[:, 0, 0, 0], found.train_y)
    assert declared_classes(Data(**keys), tmp_path) == ("dark", "light")
    small = load(tmp_path, dataset="images", path="pictures", size=[3, 4], colour="grey")
    assert small.test_x.shape == (4, 3, 4, 1)


def test_mistakes_in_a_folder_of_pictures(tmp_path: Path) -> None:
    pictures(tmp_path)
    (tmp_path / "pictures/dark/broken.png").write_text("no picture")
    with pytest.raises(UserError, match=r"broken.png: is no picture that Pillow reads"):
        load(tmp_path, dataset="images", path="pictures", size=[6, 8])
    script = "%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n%%EndComments\nshowpage\n"
    (tmp_path / "pictures/dark/broken.png").write_text(script)  # for which Pillow would start Ghostscript
    with pytest.raises(UserError, match="cannot identify image file"):
        load(tmp_path, dataset="images", path="pictures", size=[6, 8])
    (tmp_path / "pictures/dark/broken.png").rename(tmp_path / "pictures/loose.png")
    with pytest.raises(UserError, match=r"loose.png: lies in no folder of a class"):
        load(tmp_path, dataset="images", path="pictures", size=[6, 8])
    with pytest.raises(UserError, match=r"no example lies there, allowed: files that end in \.wav"):
        load(tmp_path, dataset="wav", path="pictures", rate=8000, seconds=1.0)


def sounds(folder: Path, rate: int = 8000) -> None:
    soundfile = pytest.importorskip("soundfile")
    (folder / "sounds").mkdir()
    for speaker in ("ann", "bob", "cem", "dia", "eve"):
        for digit in range(2):
            samples = np.full(rate // 100, (digit + 1) / 4)
            soundfile.write(folder / f"sounds/{digit}_{speaker}_0.wav", samples, rate)


def test_sounds_are_told_by_the_pattern_of_their_names(tmp_path: Path) -> None:
    sounds(tmp_path)
    pattern = "{label}_{speaker}_{index}.wav"
    keys = {"dataset": "wav", "path": "sounds", "pattern": pattern, "group": "speaker", "rate": 8000, "seconds": 0.02}
    found = load(tmp_path, **keys)
    assert found.train_x.shape == (6, 160, 1)
    assert found.test_y.tolist() == found.validation_y.tolist() == [0, 1]  # one speaker each
    np.testing.assert_allclose(found.train_x[:, 0, 0], (found.train_y + 1) / 4, atol=1e-4)
    assert not found.train_x[:, 80:].any()  # silence behind the short ones
    assert declared_classes(Data(**keys), tmp_path) == ("0", "1")


def test_a_list_names_the_test(tmp_path: Path) -> None:
    sounds(tmp_path)
    keys = {"dataset": "wav", "path": "sounds", "pattern": "{label}_{who}_{index}.wav", "rate": 8000, "seconds": 0.01}
    (tmp_path / "test.txt").write_text("0_ann_0.wav\n1_eve_0.wav\n\n0_eve_0.wav\n")
    found = load(tmp_path, test_list="test.txt", **keys)
    assert [len(found.part(name)[0]) for name in ("train", "validation", "test")] == [5, 2, 3]
    assert found.test_y.tolist() == [0, 0, 1]
    assert np.concatenate([found.train_y, found.validation_y, found.test_y]).sum() == 5
    (tmp_path / "test.txt").write_text("0_anna_0.wav\n")
    with pytest.raises(
        UserError, match=r"test.txt: names no example, got '0_anna_0.wav'\n  hint: did you mean '0_ann_0"
    ):
        load(tmp_path, test_list="test.txt", **keys)
    with pytest.raises(UserError, match=r"none.txt: is no list of examples"):
        load(tmp_path, test_list="none.txt", **keys)


def test_sounds_of_another_rate_are_resampled(tmp_path: Path) -> None:
    sounds(tmp_path, rate=16_000)
    keys = {"dataset": "wav", "path": "sounds", "pattern": "{label}_{who}_{index}.wav", "rate": 8000, "seconds": 0.01}
    found = load(tmp_path, **keys)
    np.testing.assert_allclose(found.train_x[:, 40, 0], (found.train_y + 1) / 4, atol=0.01)


def test_a_group_is_a_field_of_the_pattern(tmp_path: Path) -> None:
    sounds(tmp_path)
    keys = {"dataset": "wav", "path": "sounds", "pattern": "{label}_{who}_{index}.wav", "rate": 8000, "seconds": 0.01}
    with pytest.raises(UserError, match="is no field of the pattern, got 'speaker', allowed: who, index"):
        load(tmp_path, group="speaker", **keys)
    with pytest.raises(UserError, match=r"its name does not fit the pattern, allowed: \{label\}-\{who\}\.wav"):
        load(tmp_path, **{**keys, "pattern": "{label}-{who}.wav"})


FORMS = [name for name in datasets.names() if is_declared(Data(dataset=name))]


@pytest.mark.parametrize("name", FORMS)
def test_every_form_keeps_the_contract(name: str, tmp_path: Path) -> None:
    module = datasets.load(name)
    assert all(callable(getattr(module, function)) for function in ("sources", "classes", "read"))
    assert "numpy" in module.PACKAGES
    assert {"path", "test", "group", "sha256"} <= set(module.OPTIONS.model_fields)
    fixed = {"size": (2, 2), "shape": [2], "rate": 1, "seconds": 1.0, "label": ["y"]}
    keys = {key: value for key, value in fixed.items() if key in module.OPTIONS.model_fields}
    with pytest.raises(UserError, match=r"data.path: no such file or folder, got .*none.*\n  hint: paths are relative"):
        module.sources(module.OPTIONS(path="none", **keys), tmp_path)
