"""What `load()` of a model.py may give, what is refused, what is said of it, and the file that keeps it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgewright.datasets import Splits, load_data, oddities, read_prepared, write_prepared
from edgewright.datasets._forms import parts
from edgewright.errors import UserError
from edgewright.options.data import Options
from edgewright.sections.data import Data
from edgewright.sections.task import Task
from edgewright.several import Several
from edgewright.source import load_source
from edgewright.stages.training.data import needs_tensorflow

X = np.arange(12, dtype=np.float32).reshape(6, 2)
Y = np.array([0, 1, 0, 1, 0, 1])


class Stream:
    """As a tf.data.Dataset is asked for its examples."""

    class Shape(tuple[Any, ...]):
        __slots__ = ()
        rank = property(len)

    def __init__(self, *, batched: bool) -> None:
        self.batched = batched

    @property
    def element_spec(self) -> Any:
        class Spec:
            shape = Stream.Shape((None, 2) if self.batched else (2,))

        return Spec(), Spec()

    def unbatch(self) -> Stream:
        return Stream(batched=False)

    def as_numpy_iterator(self) -> Iterator[Any]:
        if self.batched:
            yield X[:4], Y[:4]
            yield X[4:], Y[4:]
        else:
            yield from zip(X, Y, strict=True)


def stream() -> Iterator[Any]:
    yield from zip(X, Y, strict=True)


PAIR = (X, Y)


@pytest.mark.parametrize(
    "given",
    [
        (X, Y, X, Y),
        [X.tolist(), Y.tolist(), X, Y],
        (PAIR, PAIR),
        {"test": PAIR, "train": PAIR},
        (stream(), stream()),
        (stream, PAIR),
        (Stream(batched=True), Stream(batched=False)),
    ],
    ids=["arrays", "lists", "pairs", "dictionary", "generators", "function", "tf.data"],
)
def test_training_and_test_data_come_in_many_forms(given: Any) -> None:
    found = parts(given, "model.py")
    assert list(found) == ["train", "test"]
    for part in found.values():
        np.testing.assert_array_equal(np.asarray(part.x), X)
        np.testing.assert_array_equal(np.asarray(part.y), Y)


@pytest.mark.parametrize(
    "given",
    [
        (X, Y, X[:3], Y[:3], X[:2], Y[:2]),
        (PAIR, (X[:3], Y[:3]), (X[:2], Y[:2])),
        {"train": PAIR, "test": (X[:2], Y[:2]), "validation": (X[:3], Y[:3])},
    ],
)
def test_validation_stands_before_the_test(given: Any) -> None:
    assert {name: len(part.x) for name, part in parts(given, "").items()} == {"train": 6, "validation": 3, "test": 2}


def endless() -> Iterator[Any]:
    while True:
        yield X[0], 0


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"train": PAIR}, r"dictionary with other keys, got \['train'\]"),
        ((X, X), r"model.py: load\(\) gives 2 arrays, got '2 values', allowed: .train_x, train_y, test_x, test_y."),
        ((3, PAIR), "model.py: train: is neither arrays nor a stream of examples, got 'int'"),
        ((PAIR, 3), "model.py: test: is neither arrays nor a stream"),
        ((iter([1]), PAIR), r"train: example 0 is no pair, got 'int', allowed: \(x, y\), one example each"),
    ],
)
def test_other_forms_are_refused(given: Any, message: str) -> None:
    with pytest.raises(UserError, match=message):
        parts(given, "model.py")


def test_a_stream_without_end_is_cut_or_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(parts((endless(), PAIR), "", limit=5)["train"].x) == 5
    monkeypatch.setattr("edgewright.datasets._forms.MOST", 20)
    with pytest.raises(UserError, match=r"has no end: more than 20 examples\n  hint: end it after one pass"):
        parts((endless(), PAIR), "model.py")


def model_py(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "model.py").write_text(text)
    return folder / "model.py"


def test_a_fault_in_a_generator_names_its_line(tmp_path: Path) -> None:
    source = model_py(tmp_path, "def some():\n    yield 1 / 0\n\n\ndef load():\n    return some(), some()\n")
    with pytest.raises(UserError, match=r"model.py:2: ZeroDivisionError"):
        load_data(Data(), source)


def test_inputs_without_a_shape_are_refused(tmp_path: Path) -> None:
    source = model_py(tmp_path, "def load():\n    return [1, 2, 3], [0, 1, 0], [1], [0]\n")
    with pytest.raises(UserError, match=r"without a shape, got '\(3,\)'.*\n  hint: .*x\[:, np.newaxis\]"):
        load_data(Data(), source)


def test_each_model_imports_the_files_beside_it(tmp_path: Path) -> None:
    for name in ("one", "other"):
        source = model_py(tmp_path / name, "from layers import NAME\n")
        (tmp_path / name / "layers.py").write_text(f"NAME = {name!r}\n")
        assert name == load_source(source).NAME


def test_a_file_changed_twice_in_a_second_is_what_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python itself takes the bytecode of a file of the same length and second."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    source = tmp_path / "model.py"
    files = [source, tmp_path / "layers.py", tmp_path / "parts" / "deep.py"]
    (tmp_path / "parts").mkdir()
    for value in "12":
        source.write_text(f"from layers import BESIDE\nfrom parts.deep import DEEP\nOWN = {value}\n")
        files[1].write_text(f"BESIDE = {value}\n")
        files[2].write_text(f"DEEP = {value}\n")
        for file in files:
            os.utime(file, (10**9, 10**9))
        load_source.cache_clear()
        module = load_source(source)
        assert {module.OWN, module.BESIDE, module.DEEP} == {int(value)}


def splits(train: tuple[Any, Any], judged: tuple[Any, Any]) -> Splits:
    return Splits(*train, *judged, *judged)


FAR = np.float32([[100, 100], [101, 102]])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (splits((X, Y), (FAR, Y[:2])), []),
        (splits((X, Y), (X[:2], Y[:2])), ["2 of 2 validation examples are training examples too", "2 of 2 test"]),
        (splits((X * [1, 0], Y), (FAR, Y[:2])), ["column 1 of the training inputs never changes"]),
        (splits((X * [1, 1e4], Y), (FAR, Y[:2])), ["column 1 deviates by 3.416e+04 and column 0 by 3.416"]),
        (splits((X, Y * 0), (FAR, Y[:2] * 0)), ["all training examples are of one class, 0"]),
        (splits((X, Y + 1), (FAR, Y[:2] + 1)), ["no training example is of class 0, but of class 1, 2"]),
        (splits((X, Y * 2), (FAR, Y[:2] * 2)), ["class 1 has no training example"]),
        (
            splits((X, np.sort(Y)), (FAR, Y[:2] + 1)),
            ["class 2 is in the validation data and not in the training data: the examples are sorted", "class 2"],
        ),
    ],
)
def test_what_is_odd_is_said(data: Splits, said: list[str]) -> None:
    found = oddities(data, Task())
    assert len(found) == len(said)
    assert all(part in line for part, line in zip(said, found, strict=True)), found


def test_equal_values_of_a_series_are_a_column_too() -> None:
    series = np.zeros((6, 4, 2), np.float32)
    series[..., 0] = np.arange(24).reshape(6, 4)
    [line] = oddities(splits((series, Y), (series[:2] + 100, Y[:2])), Task())
    assert line.startswith("column 1 of the training inputs never changes")


def test_a_number_that_never_changes_is_said() -> None:
    truth = np.ones((6, 1), np.float32)
    [line] = oddities(splits((X, truth), (FAR, truth[:2])), Task(kind="regression"))
    assert line == "number 0 that is to be told is the same for all training examples"


def test_prepared_data_are_the_same_bytes_and_come_back(tmp_path: Path) -> None:
    several = Several({"left": X, "right": X[:, :1]})
    data = Splits(several, Y, several[:3], Y[:3], several[:2], Y[:2])
    for name in ("a", "b"):
        write_prepared(tmp_path / name, data)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    found = read_prepared(tmp_path / "a", Data())
    np.testing.assert_array_equal(found.train_x.arrays["right"], X[:, :1])
    np.testing.assert_array_equal(found.test_y, Y[:2])
    less = read_prepared(tmp_path / "a", Data(limit=4, validation=1))
    assert [len(part) for part in less] == [3, 3, 1, 1, 2, 2]


def test_damaged_prepared_data_are_no_riddle(tmp_path: Path) -> None:
    (tmp_path / "data.npz").write_bytes(b"PK")
    with pytest.raises(UserError, match=r"data.npz: cannot be read: .*\n  hint: build again"):
        read_prepared(tmp_path / "data.npz", Data())


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        ("import numpy\n", False),
        ("def build():\n    from tensorflow import keras\n", True),
        ("import beside\n", True),
        ("def f(:\n", False),
    ],
)
def test_tensorflow_is_started_only_for_a_model_that_imports_it(tmp_path: Path, text: str, needed: bool) -> None:
    source = model_py(tmp_path, text)
    (tmp_path / "beside.py").write_text("import tensorflow as tf\n")
    assert needs_tensorflow(Options(source=source, out=tmp_path / "o", facts=tmp_path / "f")) == needed
