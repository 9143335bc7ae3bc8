"""Splits layers whose kernels have a low rank; prints as JSON what each became, and by how much its outputs differ.

Run by test_low_rank.py in a process of its own: TensorFlow does not share one with tflite-runtime.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from edgewright.passes import _teacher, low_rank
from edgewright.passes.keras_model import mac_counts
from edgewright.training.tensorflow import start

tf = start(1)
L = tf.keras.layers
random = np.random.default_rng(1)


def tucker(*shape: int, rank: int = 4) -> Any:
    """A kernel that reads `rank` mixtures of its inputs and writes `rank` mixtures of its outputs."""
    *size, inputs, outputs = shape
    core = random.normal(size=(*size, rank, rank))
    into, out = random.normal(size=(inputs, rank)), random.normal(size=(outputs, rank))
    return np.einsum("...ab,ia,ob->...io", core, into, out)


def spatial(height: int, width: int, inputs: int, outputs: int, rank: int = 4) -> Any:
    """A kernel that is a column to `rank` channels and a row from them."""
    column, row = random.normal(size=(height, inputs, rank)), random.normal(size=(width, rank, outputs))
    return np.einsum("hir,wro->hwio", column, row)


def convolution(size: Any, **options: Any) -> Any:
    return L.Conv2D(32, size, name="x", **options)


ZOO: dict[str, tuple[Any, tuple[int, ...], Any]] = {
    "dense": (L.Dense(24, activation="relu", name="x"), (40,), tucker(40, 24)),
    "dense of a sequence": (L.Dense(24, name="x"), (5, 40), tucker(40, 24)),
    "dense of a feature map": (L.Dense(16, name="x"), (20_000,), tucker(20_000, 16)),
    "1 x 1": (convolution(1, strides=2), (9, 9, 32), tucker(1, 1, 32, 32)),
    "same": (convolution(3, padding="same", activation="relu"), (8, 8, 32), tucker(3, 3, 32, 32)),
    "same, strided": (
        convolution(3, strides=2, padding="same", use_bias=False), (9, 8, 32), tucker(3, 3, 32, 32),
    ),
    "valid, strided": (convolution(3, strides=(1, 2)), (9, 8, 32), tucker(3, 3, 32, 32)),
    "dilated": (convolution(3, dilation_rate=2, padding="same"), (9, 8, 32), tucker(3, 3, 32, 32)),
    "constrained": (convolution(3, kernel_constraint="max_norm"), (9, 8, 32), tucker(3, 3, 32, 32)),
    "spatial": (convolution((5, 3), padding="same"), (9, 8, 32), spatial(5, 3, 32, 32)),
    "spatial, same, strided": (convolution(3, strides=2, padding="same"), (9, 8, 32), spatial(3, 3, 32, 32)),
    "spatial, valid, strided": (convolution(5, strides=(2, 3)), (11, 13, 32), spatial(5, 5, 32, 32)),
    "spatial, dilated": (convolution(3, dilation_rate=2), (9, 8, 32), spatial(3, 3, 32, 32)),
    "causal": (L.Conv1D(32, 3, padding="causal", name="x"), (12, 32), tucker(3, 32, 32)),
    "1-D, strided": (L.Conv1D(32, 3, strides=2, padding="same", name="x"), (12, 32), tucker(3, 32, 32)),
}  # fmt: skip


class Untrained:
    """A pass's context that does not train."""

    tf = tf

    def __init__(self, model: Any) -> None:
        self.model = model
        self.notes: dict[str, Any] = {}
        self.lines: list[str] = []

    def reference(self) -> Any:
        return self.model

    def note(self, name: str, value: Any) -> None:
        self.notes[name] = value

    def say(self, line: str) -> None:
        self.lines.append(line)

    def fit(self, _model: Any, **_options: Any) -> None:
        pass


_teacher.teacher_of = lambda *_: None  # type: ignore[assignment,return-value]


def split(model: Any, **options: Any) -> tuple[Any, dict[str, Any]]:
    context = Untrained(model)
    return low_rank.apply(model, None, low_rank.Options(**options), context), context.notes  # type: ignore[arg-type]


def outcome(layer: Any, shape: tuple[int, ...], kernel: Any) -> dict[str, Any]:
    model = tf.keras.Sequential([L.InputLayer(shape), layer])
    biases = [random.normal(size=array.shape) for array in layer.get_weights()[1:]]
    layer.set_weights([kernel, *biases])
    new, notes = split(model, energy=0.99999)
    x = random.normal(size=(4, *shape)).astype(np.float32)
    before, after = np.asarray(model(x)), np.asarray(new(x))
    (row,) = notes["split"]
    kernels = [int(np.prod(v.shape)) for v in new.variables if "kernel" in v.name]
    told = {
        "macs": row["macs"] == [mac_counts.total(model), mac_counts.total(new)],
        "weights": row["weights"][1] == sum(kernels),
    }
    difference = float(np.abs(before - after).max() / np.abs(before).max())
    return {**row, "difference": difference, "told": told, "names": [part.name for part in new.layers]}


def mixed(shape: tuple[int, ...] = (8, 8, 16)) -> Any:
    """A model with layers of every sort, one used twice, and one inside a model."""
    image = L.Input(shape)
    twice = L.Conv2D(16, 3, padding="same", name="twice")
    inner = tf.keras.Sequential([L.InputLayer(shape), L.Conv2D(16, 3, padding="same", name="inside")], name="inner")
    x = inner(twice(twice(image)))
    x = L.DepthwiseConv2D(3, name="depthwise")(x)
    x = L.Conv2D(16, 3, groups=2, name="grouped")(x)
    x = L.Conv2D(2, 3, name="narrow")(L.Conv2D(16, 3, name="narrow_in", padding="same")(x))
    return tf.keras.Model(image, L.Dense(10, activation="softmax", name="classes")(L.Flatten()(x)))


def refusal(act: Callable[[], object]) -> str:
    try:
        act()
    except Exception as error:  # noqa: BLE001 - its words are what is tested
        return f"{type(error).__name__}: {error}"
    return "nothing"


def wrong(**options: Any) -> str:
    return refusal(lambda: split(mixed(), **options))


new, notes = split(mixed(), energy=0.5)
whole, less = mixed(), split(mixed(), keep=0.7)[0]
json.dump(
    {
        "exact": {name: outcome(*case) for name, case in ZOO.items()},
        "mixed": {**notes, "names": [layer.name for layer in new._flatten_layers(include_self=False)]},
        "left": mac_counts.total(less) / mac_counts.total(whole),
        "ranks": split(mixed(), rank={"inside": (4, 6), "classes": 2})[1],
        "wrong": {
            "skip": wrong(skip=["clases"]),
            "name": wrong(rank={"clases": 2}),
            "kind": wrong(rank={"depthwise": 2}),
            "too high": wrong(rank={"classes": 11}),
            "pair too high": wrong(rank={"inside": (4, 17)}),
            "saves nothing": wrong(rank={"classes": 8}),
            "keep": wrong(keep=0.01),
        },
    },
    sys.stdout,
)
