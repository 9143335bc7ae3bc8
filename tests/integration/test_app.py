"""The model for an app: its metadata can be read back, the model in it is the same, the README says how to load it."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
import pytest
from flatbuffers import number_types
from flatbuffers.table import Table

from edgewright.devices import Job, host
from edgewright.errors import UserError
from edgewright.stages.model.app import main
from edgewright.tflite.metadata import IDENTIFIER, read_metadata
from edgewright.tflite.reader import parse_model
from testbench.nets import Net, to_tflite

LABELS = [f"class {index}" for index in range(10)]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    net = Net()
    x = net.input((1, 4, 6, 1), scale=1 / 255, zero=-128)
    dense = net.dense(net.reshape(x, (1, 24)), np.ones((10, 24), np.int8), scale=1 / 256, zero=-128)
    path = tmp_path / "m.tflite"
    path.write_bytes(to_tflite(net.graph(dense)))
    return path


def write(model: Path, out: str = "app/m.tflite", **options: Any) -> Path:
    path = model.parent / out
    assert main(["--model", str(model), "--out", str(path), "--options", json.dumps(options)]) == 0
    return path


class Reader:
    """A table of the metadata, by the field numbers of metadata_schema.fbs."""

    def __init__(self, data: bytes, position: int) -> None:
        self.table = Table(bytearray(data), position)

    def _at(self, field: int) -> int:
        return int(self.table.Offset(4 + 2 * field))

    def has(self, field: int) -> bool:
        return self._at(field) != 0

    def text(self, field: int) -> str:
        return bytes(self.table.String(self._at(field) + self.table.Pos)).decode()

    def sub(self, field: int) -> Reader:
        return Reader(self.table.Bytes, self.table.Indirect(self._at(field) + self.table.Pos))

    def all(self, field: int) -> list[Reader]:
        at = self._at(field)
        count = self.table.VectorLen(at) if at else 0
        return [Reader(self.table.Bytes, self.table.Indirect(self.table.Vector(at) + 4 * n)) for n in range(count)]

    def number(self, field: int, kind: Any = number_types.Int8Flags) -> float:
        at = self._at(field)
        return float(self.table.Get(kind, at + self.table.Pos)) if at else 0

    def floats(self, field: int) -> list[float]:
        return [float(x) for x in self.table.GetVectorAsNumpy(number_types.Float32Flags, self._at(field))]


def root_of(path: Path) -> Reader:
    data = read_metadata(path.read_bytes())
    assert data is not None
    assert data[4:8] == IDENTIFIER
    return Reader(data, flatbuffers.encode.Get(flatbuffers.packer.uoffset, data, 0))


def test_metadata_says_what_the_model_is(model: Path) -> None:
    root = root_of(write(model, description="sorts things", labels=LABELS, image=True))
    assert (root.text(0), root.text(1)) == ("m", "sorts things")
    (subgraph,) = root.all(3)
    (image,), (scores,) = subgraph.all(2), subgraph.all(3)
    assert (image.text(0), scores.text(0)) == ("image", "scores")
    assert image.text(1) == "1 x 4 x 6 x 1 of int8; real = 0.00392156886 * (q + 128)"
    content = image.sub(3)
    assert (content.number(0), content.sub(1).number(0)) == (2, 2)  # a picture, in grey
    size = content.sub(1).sub(1)
    assert [size.number(n, number_types.Uint32Flags) for n in (0, 1)] == [6, 4]
    (unit,) = image.all(4)
    assert (unit.number(0), unit.sub(1).floats(0), unit.sub(1).floats(1)) == (1, [0.0], [255.0])
    (labels,) = scores.all(6)
    assert (labels.text(0), labels.number(2)) == ("labels.txt", 2)
    assert (scores.sub(5).floats(1), scores.sub(5).floats(0)) == ([0.0], [255 / 256])


def test_labels_are_in_a_zip_behind_the_model(model: Path) -> None:
    written = write(model, labels=LABELS)
    with zipfile.ZipFile(io.BytesIO(written.read_bytes())) as archive:
        assert archive.namelist() == ["labels.txt"]
        assert archive.read("labels.txt").decode().splitlines() == LABELS
    assert not zipfile.is_zipfile(write(model, "other/m.tflite"))


def test_a_model_without_a_picture_or_labels(model: Path) -> None:
    (subgraph,) = root_of(write(model)).all(3)
    (values,), (output,) = subgraph.all(2), subgraph.all(3)
    assert (values.text(0), output.text(0)) == ("input", "output")
    assert not values.has(4)
    assert not output.has(6)


def test_the_model_in_it_gives_the_same_answers(model: Path) -> None:
    written = write(model, labels=LABELS, image=True)
    samples = (np.random.default_rng(0).integers(-128, 127, (3, 1, 4, 6, 1)).astype(np.int8),)
    before, after = (host.infer(Job(path, "litert", samples), 60.0).values[0] for path in (model, written))
    assert np.array_equal(before, after)
    old, new = (parse_model(path.read_bytes(), "m") for path in (model, written))
    assert [node.op for node in old.nodes] == [node.op for node in new.nodes]


def test_metadata_is_replaced_and_bytes_repeat(model: Path) -> None:
    once = write(model, labels=LABELS)
    again = write(model, "again/m.tflite", labels=LABELS)
    assert once.read_bytes() == again.read_bytes()
    twice = write(once, "twice/m.tflite", name="new", labels=LABELS[::-1])
    assert root_of(twice).text(0) == "new"
    with zipfile.ZipFile(io.BytesIO(twice.read_bytes())) as archive:
        assert archive.read("labels.txt").decode().splitlines() == LABELS[::-1]


def test_readme_has_the_four_lines(model: Path) -> None:
    readme = (write(model, labels=LABELS, image=True).parent / "README.md").read_text()
    (code,) = re.findall(r"```kotlin\n(.*?)```", readme, re.DOTALL)
    assert len(code.strip().splitlines()) == 4
    assert '"m.tflite"' in code
    assert "writeInt8(pixels)" in code
    assert "q = byte - 128" in readme
    assert "class 0, class 1" in readme


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"labels": ["one"]}, "labels: not as many as outputs of m.tflite, got 1, allowed: 10"),
        ({"labels": ["a\nb"] * 10}, "labels: a name of a class is one line"),
        ({"label": []}, "--options: label: unknown key"),
        ({"name": 3}, "--options: name: has the wrong type, got 3, allowed: text"),
    ],
)
def test_what_cannot_be(model: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=re.escape(message)):
        write(model, **options)


def test_no_picture(tmp_path: Path) -> None:
    net = Net()
    x = net.input((1, 4))
    path = tmp_path / "m.tflite"
    path.write_bytes(to_tflite(net.graph(net.dense(x, np.ones((2, 4), np.int8)))))
    with pytest.raises(UserError, match=r"image: the first input is no picture, got \(1, 4\)"):
        write(path, image=True)


def test_no_model(tmp_path: Path) -> None:
    path = tmp_path / "m.tflite"
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(UserError, match=r"m\.tflite"):
        write(path)
