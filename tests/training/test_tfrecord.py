"""Declared data in TFRecord files, as TensorFlow writes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgewright.datasets import load_data
from edgewright.errors import UserError
from edgewright.sections.data import Data
from edgewright.training.tensorflow import import_tensorflow


def feature(value: Any) -> Any:
    tf = import_tensorflow()
    if isinstance(value, bytes):
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))
    if isinstance(value, int):
        return tf.train.Feature(int64_list=tf.train.Int64List(value=[value]))
    return tf.train.Feature(float_list=tf.train.FloatList(value=value))


def write(path: Path, examples: list[dict[str, Any]]) -> None:
    tf = import_tensorflow()
    with tf.io.TFRecordWriter(str(path)) as writer:
        for example in examples:
            features = {name: feature(value) for name, value in example.items()}
            writer.write(tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString())


def load(folder: Path, **keys: Any) -> Any:
    return load_data(Data(dataset="tfrecord", path="d.tfrecord", **keys), folder=folder)


def test_numbers_with_their_shape_and_groups(tmp_path: Path) -> None:
    write(tmp_path / "d.tfrecord", [{"x": [n, n / 2], "y": n % 2, "who": b"p%d" % (n // 4)} for n in range(20)])
    found = load(tmp_path, shape=[2, 1], group="who")
    assert found.train_x.shape == (12, 2, 1)
    np.testing.assert_array_equal(found.train_y, found.train_x[:, 0, 0] % 2)
    assert len(set(found.test_x[:, 0, 0] // 4)) == 1


def test_pictures_and_names_of_classes(tmp_path: Path) -> None:
    tf = import_tensorflow()
    pictures = [tf.io.encode_png(np.full((4, 6, 3), 255 * (n % 2), np.uint8)).numpy() for n in range(10)]
    write(tmp_path / "d.tfrecord", [{"x": p, "y": (b"dark", b"light")[n % 2]} for n, p in enumerate(pictures)])
    found = load(tmp_path, shape=[4, 6, 3], holds="picture", classes=["light", "dark"])
    np.testing.assert_array_equal(found.train_x[:, 0, 0, 0], 1 - found.train_y)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"shape": [3]}, r"example 0: feature x is of another size, got 2, allowed: \[3\]"),
        ({"shape": [2], "x": "z"}, "example 0: has no such feature, got 'z', allowed: name, x, y"),
        ({"shape": [2], "y": "name"}, r"feature name is a text, got 'a'\n  hint: name them in their order"),
        ({"shape": [2], "classes": ["only"]}, "a label has no name in classes, got 1, allowed: only"),
    ],
)
def test_mistakes_name_the_example(tmp_path: Path, keys: dict[str, Any], message: str) -> None:
    write(tmp_path / "d.tfrecord", [{"x": [1.0, 2.0], "y": n, "name": b"a"} for n in range(2)])
    with pytest.raises(UserError, match=message):
        load(tmp_path, **keys)


def test_another_file_is_no_tfrecord(tmp_path: Path) -> None:
    (tmp_path / "d.tfrecord").write_bytes(b"a text that is long enough to have a header")
    with pytest.raises(UserError, match=r"is no TFRecord of tf\.train\.Example"):
        load(tmp_path, shape=[2])
