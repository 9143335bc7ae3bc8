"""Builds, quantizes and writes networks: `python -m tests.models.convert FOLDER`. One start of TensorFlow for all."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from edgewright.stages import _convert, _tensorflow
from tests.models.networks import NETWORKS

SEED = 11


def _settle(tf: Any, model: Any, samples: Any) -> None:
    """Weights that spread values over both signs, and batch normalisation that knows what it sees."""
    random = np.random.default_rng(SEED)
    for weight in model.weights:
        if any(part in weight.name for part in ("bias", "beta")):
            weight.assign(random.uniform(-0.3, 0.3, weight.shape))
        elif "gamma" in weight.name:
            weight.assign(random.uniform(0.5, 1.5, weight.shape))
    for sample in samples:
        model(sample[None], training=True)


def main(folder: Path) -> None:
    for name, make in NETWORKS.items():
        tf = _tensorflow.start(SEED)
        model = make(tf)
        samples = np.random.default_rng(SEED).standard_normal((8, *model.input_shape[1:])).astype(np.float32)
        _settle(tf, model, samples)
        (folder / f"{name}.tflite").write_bytes(_convert.int8(tf, model, samples, name))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
