"""Exports networks of Keras 3 with its own `export`."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from testbench.zoo import _child
from testbench.zoo.keras_networks import build

WAYS = ("keras-export",)


def _convert(_way: str, name: str, _folder: Path) -> bytes:
    import keras

    with tempfile.TemporaryDirectory() as out:
        path = Path(out) / f"{name}.tflite"
        build(keras, name, 1).export(str(path), format="litert", verbose=False)
        return path.read_bytes()


if __name__ == "__main__":
    os.environ["TF_USE_LEGACY_KERAS"] = "0"
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
    _child.main(_convert, dict.fromkeys(WAYS, "keras"))
