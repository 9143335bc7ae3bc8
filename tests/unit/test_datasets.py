from __future__ import annotations

import gzip
import hashlib
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from edgewright.datasets import (
    Dataset,
    _download,
    _idx,
    fashion_mnist,
    load_data,
    load_part,
    mnist,
    split,
    training_examples,
)
from edgewright.errors import ToolError, UserError
from edgewright.registry import datasets
from edgewright.sections.data import Data

SHAPE = (3, 2, 2)
IMAGES = np.arange(12, dtype=np.uint8).reshape(SHAPE)


def idx(array: np.ndarray[Any, Any], kind: int = 8) -> bytes:
    return struct.pack(f">HBB{array.ndim}I", 0, kind, array.ndim, *array.shape) + array.tobytes()


def read(path: Path, raw: bytes, good: bytes = idx(IMAGES)) -> np.ndarray[Any, Any]:
    path.write_bytes(gzip.compress(raw))
    return _idx.read(path, SHAPE, hashlib.sha256(good).hexdigest(), "mend it")


def test_idx_is_read(tmp_path: Path) -> None:
    np.testing.assert_array_equal(read(tmp_path / "a.gz", idx(IMAGES)), IMAGES)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "wrong IDX magic"),
        (idx(IMAGES)[:3], "wrong IDX magic"),
        (idx(IMAGES, kind=13), "wrong IDX magic, got '00000d03', allowed: 00000803"),
        (idx(IMAGES[0]), "wrong IDX magic"),
        (idx(IMAGES)[:9], "wrong dimensions"),
        (idx(IMAGES[:2]), r"wrong dimensions, got \(2, 2, 2\), allowed: \(3, 2, 2\)"),
        (idx(IMAGES)[:-1], "wrong number of elements, got '27 bytes', allowed: 28"),
        (idx(IMAGES) + b"x", "wrong number of elements"),
        (idx(IMAGES + 1), "SHA-256 differs"),
    ],
)
def test_damaged_idx_is_refused(tmp_path: Path, raw: bytes, message: str) -> None:
    with pytest.raises(UserError, match=message):
        read(tmp_path / "a.gz", raw)


def test_huge_content_is_not_unpacked(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="wrong number of elements, got '29 bytes'"):
        read(tmp_path / "bomb.gz", idx(IMAGES) + bytes(1 << 24))


ZIPPED = gzip.compress(idx(IMAGES), mtime=0)


@pytest.mark.parametrize("raw", [ZIPPED[:-9], b"no gzip", ZIPPED[:-8] + bytes(8), ZIPPED[:10] + b"\xff" + ZIPPED[11:]])
def test_damaged_gzip_is_refused(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(raw)
    with pytest.raises(UserError, match=r"(?s)a\.gz: not a whole gzip file.*hint: mend it"):
        _idx.read(path, SHAPE, "", "mend it")


def test_unreadable_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        _idx.read(tmp_path, SHAPE, "", "mend it")


@pytest.fixture
def tiny_fashion(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with four small files, as Debian's package has them, which the module then takes for the real ones."""
    arrays = (IMAGES, np.arange(3, dtype=np.uint8), IMAGES[:1], np.zeros(1, np.uint8))
    files = {}
    for name, array in zip(fashion_mnist.FILES, arrays, strict=True):
        (tmp_path / name).write_bytes(gzip.compress(idx(array)))
        files[name] = (array.shape, hashlib.sha256(idx(array)).hexdigest())
    monkeypatch.setattr(fashion_mnist, "FILES", files)
    monkeypatch.setattr(fashion_mnist, "DEBIAN_FOLDER", tmp_path)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return tmp_path


def test_debian_folder_comes_first(tiny_fashion: Path) -> None:
    dataset = fashion_mnist.load()
    assert dataset.train_x.shape == (3, 2, 2, 1)
    assert dataset.train_x.dtype == np.float32
    assert dataset.train_x.max() == np.float32(11) / np.float32(255)
    assert dataset.train_y.dtype == np.int64


def test_a_limit_gives_the_first_examples(tiny_fashion: Path) -> None:
    whole, limited = fashion_mnist.load(), fashion_mnist.load(limit=2)
    assert [len(part) for part in limited] == [2, 2, 1, 1]
    assert all(np.array_equal(part, full[:2]) for part, full in zip(limited, whole, strict=True))


@pytest.mark.parametrize("limit", [None, 1, 2])
def test_the_test_part_is_read_alone(tiny_fashion: Path, limit: int | None) -> None:
    data = Data(dataset="fashion-mnist", limit=limit, validation=1)
    whole = fashion_mnist.load(limit)
    (tiny_fashion / "train-images-idx3-ubyte.gz").write_bytes(b"damaged")
    x, y = load_part("test", data)
    assert np.array_equal(x, whole.test_x)
    assert np.array_equal(y, whole.test_y)
    with pytest.raises(UserError, match="not a whole gzip file"):
        load_part("validation", data)


def test_own_data_may_take_the_limit(tmp_path: Path) -> None:
    source = tmp_path / "model.py"
    source.write_text("""
import numpy as np

def load(limit):
    x, y = np.ones((limit, 2)), np.arange(limit)
    return x, y, x, y
""")
    assert [len(part) for part in load_data(Data(limit=3, validation=1), source)] == [2, 2, 1, 1, 3, 3]


def test_keras_cache_comes_second(tiny_fashion: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = tiny_fashion / "keras/datasets/fashion-mnist"
    cache.mkdir(parents=True)
    for name in fashion_mnist.FILES:
        (tiny_fashion / name).rename(cache / name)
    assert len(fashion_mnist.load().test_x) == 1


def no_network(name: str, *_: str, **__: str) -> None:
    raise ToolError(f"{name}: download failed: no network")


def test_data_found_nowhere_name_all_places(tiny_fashion: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tiny_fashion / "train-labels-idx1-ubyte.gz").unlink()
    monkeypatch.setattr(_download, "fetch", no_network)
    with pytest.raises(UserError) as caught:
        fashion_mnist.load()
    message = str(caught.value)
    assert str(tiny_fashion) in message
    assert "keras/datasets/fashion-mnist" in message
    assert "no network" in message
    assert "apt-get install dataset-fashion-mnist" in message


def write_mnist(home: Path, monkeypatch: pytest.MonkeyPatch, **arrays: np.ndarray[Any, Any]) -> None:
    path = home / "datasets/mnist.npz"
    path.parent.mkdir(parents=True)
    np.savez(path, **arrays)
    monkeypatch.setenv("KERAS_HOME", str(home))
    monkeypatch.setattr(mnist, "SHA256", hashlib.sha256(path.read_bytes()).hexdigest())
    monkeypatch.setattr(mnist, "ARRAYS", {"x_train": SHAPE, "y_train": (3,), "x_test": SHAPE, "y_test": (3,)})


def test_mnist_comes_from_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = np.arange(3, dtype=np.uint8)
    write_mnist(tmp_path, monkeypatch, x_train=IMAGES, y_train=labels, x_test=IMAGES, y_test=labels)
    assert mnist.load().train_x.shape == (3, 2, 2, 1)


def test_mnist_of_other_content_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_mnist(tmp_path, monkeypatch, x_train=IMAGES)
    with pytest.raises(UserError, match="y_train"):
        mnist.load()
    monkeypatch.setattr(mnist, "SHA256", "0")
    with pytest.raises(UserError, match="SHA-256 differs"):
        mnist.load()


def test_mnist_found_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(_download, "fetch", no_network)
    with pytest.raises(UserError, match="found nowhere"):
        mnist.load()


@pytest.mark.parametrize("name", [name for name in datasets.names() if hasattr(datasets.load(name), "LABELS")])
def test_every_data_set_keeps_the_contract(name: str) -> None:
    module = datasets.load(name)
    assert len(module.LABELS) == module.NUM_CLASSES
    assert module.TRAIN_EXAMPLES >= module.TEST_EXAMPLES > 0
    assert all(path.exists() for path in module.sources())
    assert len(module.INPUT_SHAPE) < 3 or module.INPUT_SHAPE[-1] in (1, 3), "channels of pictures"
    assert module.__doc__


def test_split_takes_the_last_examples() -> None:
    x, y = np.zeros((10, 1), np.float32), np.arange(10)
    parts = split(Dataset(x, y, x, y), Data(validation=3))
    assert parts.train_y.tolist() == list(range(7))
    assert parts.validation_y.tolist() == [7, 8, 9]


@pytest.mark.parametrize("validation", [10, 11, 0.99])
def test_split_must_leave_both_parts(validation: float) -> None:
    x, y = np.zeros((10, 1), np.float32), np.arange(10)
    with pytest.raises(UserError, match="allowed: 1 to 9"):
        split(Dataset(x, y, x, y), Data(validation=validation))


@pytest.mark.parametrize(
    ("validation", "examples", "taken"),
    [(None, 60_000, 5000), (None, 100, 20), (None, 2, 1), (0.1, 100, 10), (0.001, 100, 1), (7, 100, 7)],
)
def test_validation_is_a_number_or_a_share_and_has_a_default_that_fits(
    validation: float | None, examples: int, taken: int
) -> None:
    assert Data(validation=validation).validation_of(examples) == taken


@pytest.mark.parametrize("validation", [0, -1, 0.0, 1.0, 2.5, -0.5])
def test_a_senseless_part_for_validation_is_refused(validation: float) -> None:
    with pytest.raises(ValidationError, match="is out of range"):
        Data(validation=validation)


def test_training_examples_are_known_before_loading() -> None:
    assert training_examples(Data(dataset="fashion-mnist", validation=5000)) == 55_000
    assert training_examples(Data(dataset="fashion-mnist", validation=100, limit=600)) == 500
    assert training_examples(Data()) is None


def test_own_data_are_checked(tmp_path: Path) -> None:
    source = tmp_path / "model.py"
    source.write_text("def load():\n    return [[1], [2]], [0], [[1]], [0]\n")
    with pytest.raises(UserError, match="training data of different or no length, got '2 inputs, 1 labels'"):
        load_data(Data(), source)


def test_own_data_need_a_source_with_load(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--source"):
        load_data(Data())
    source = tmp_path / "model.py"
    source.write_text("")
    with pytest.raises(UserError, match=r"no function load\(\)"):
        load_data(Data(), source)


def test_own_data_are_limited(tmp_path: Path) -> None:
    source = tmp_path / "model.py"
    source.write_text("def load():\n    return [[1], [2], [3]], [0, 1, 0], [[1], [2]], [0, 1]\n")
    dataset = load_data(Data(limit=2), source)
    assert [len(array) for array in dataset] == [1, 1, 1, 1, 2, 2]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("x = 1\ny = x / 0\n", ":2: ZeroDivisionError"),
        ("def f(:\n", ":1: SyntaxError"),
        ("import nosuch", ":1: ModuleNotF"),
    ],
)
def test_a_fault_in_the_users_file_is_placed(tmp_path: Path, text: str, where: str) -> None:
    source = tmp_path / "model.py"
    source.write_text(text)
    with pytest.raises(UserError, match=f"model.py{where}"):
        load_data(Data(), source)
