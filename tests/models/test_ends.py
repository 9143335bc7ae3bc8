"""int8 networks with the inputs and outputs that the converter offers, as firmware of a Cortex-M4."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edgewright.compiler import compile_model
from edgewright.tflite.reader import read_model
from testbench.differential.images import answers, build_image, emulated_boards
from testbench.differential.oracle import Oracle
from tests.models.convert import ENDS

M4 = "mps2-an386"


@pytest.mark.parametrize("ends", ENDS)
def test_ends_of_a_type_on_a_cortex_m4(ends: str, networks: Path, oracle: Oracle, tmp_path: Path) -> None:
    path, board = networks / f"ds_cnn_{ends}.tflite", emulated_boards()[M4]
    graph = read_model(path)
    assert {graph.tensors[number].dtype for number in (*graph.inputs, *graph.outputs)} == {ends}
    shape, random = graph.tensors[graph.inputs[0]].shape, np.random.default_rng(7)
    values = 3 * random.standard_normal((3, *shape)) if ends == "float32" else random.integers(0, 128, (3, *shape))
    samples = values.astype(ends)
    compiled = compile_model(graph, "net", board.core)
    assert any(step.variant in ("dsp", "compact") for step in compiled.program.steps)
    (got,) = answers(build_image(compiled, board, tmp_path), board, [samples])
    (expected,) = zip(*oracle.run(path.read_bytes(), [[sample] for sample in samples]), strict=True)
    np.testing.assert_array_equal(got, np.stack(expected).reshape(got.shape))
