"""Quantizes an unrolled LSTM again and again: `python -m tests.models.requantize TIMES` prints how many models differ.

The forget gate of its first step is read by nobody, which TensorFlow's quantizer takes in one order of four for a
reason to leave the SPLIT before it in float.
"""

from __future__ import annotations

import sys

import numpy as np

from edgewright.training import conversion, tensorflow
from tests.models.convert import SEED
from tests.models.networks import lstm_unrolled


def main(times: int) -> None:
    tf = tensorflow.start(SEED)
    model = lstm_unrolled(tf)
    samples = np.random.default_rng(SEED).standard_normal((4, *model.input_shape[1:])).astype(np.float32)
    ranges = conversion.calibrated(tf, model, samples, "lstm_unrolled")
    print(len({conversion.from_calibrated(tf, ranges, "lstm_unrolled") for _ in range(times)}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
