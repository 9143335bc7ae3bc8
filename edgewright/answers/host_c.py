"""The answers of generated C on this machine: what a microcontroller must give to the bit."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from edgewright.compiler import CompileOptions, compile_model, host
from edgewright.tflite.reader import read_model


def answers(
    tflite: Path, samples: Sequence[NDArray[Any]], rounding: str = "tflm", *, anew: bool = False
) -> list[NDArray[Any]]:
    """One array (n, *shape) for each output of the model, compiled with portable kernels and run on the samples.

    Args:
        tflite: the model.
        samples: one array (n, *shape) for each input, of its dtype.
        rounding: as in the target's [compile].
        anew: a model with state begins anew with each sample.

    Raises:
        UserError: the model holds what the C compiler of Edgewright does not support.
        ToolError: this machine has no C compiler.
    """
    compiled = compile_model(read_model(tflite), "model", options=CompileOptions(rounding=rounding))
    with tempfile.TemporaryDirectory(prefix="edgewright-") as folder:
        return host.build(compiled, Path(folder)).run(samples, anew=anew)
