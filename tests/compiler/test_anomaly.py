"""The threshold of a reconstruction: in the file, in both headers, and in the C that tells an anomaly by it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from edgewright.compiler import compile_model
from edgewright.stages.model.headers import describe
from edgewright.tflite._splice import splice
from edgewright.tflite.anomaly import NAME, with_threshold
from edgewright.tflite.reader import parse_model
from testbench.nets import Net, to_tflite

STRICT = ["-Wall", "-Wextra", "-Wconversion", "-Wpedantic", "-Werror"]
SCALE, ZERO = 0.5, -3
OTHER_SCALE, OTHER_ZERO = 0.25, 7

MAIN = """
#include "m.h"
#include <stdio.h>
int main(void)
{
    const int8_t in[4] = {1, 2, 3, 4};
    const int8_t far[4] = {15, 17, 19, 21}, near[4] = {16, 17, 19, 21};
    printf("%.9g %.9g %d %d\\n", (double)m_error(in, far), (double)m_error(in, near), m_is_anomaly(in, far),
           m_is_anomaly(in, near));
    return 0;
}
"""


def model() -> bytes:
    net = Net()
    x = net.input((1, 4), scale=SCALE, zero=ZERO)
    weights = np.eye(4, dtype=np.int8)
    return to_tflite(net.graph(net.dense(x, weights, scale=OTHER_SCALE, zero=OTHER_ZERO)))


def real_error(output: list[int]) -> float:
    inputs = (np.array([1, 2, 3, 4]) - ZERO) * SCALE
    return float((((np.array(output) - OTHER_ZERO) * OTHER_SCALE - inputs) ** 2).mean())


def test_c_tells_an_anomaly_by_the_threshold_of_the_file(tmp_path: Path) -> None:
    far, near = real_error([15, 17, 19, 21]), real_error([16, 17, 19, 21])
    assert far != near
    threshold = (far + near) / 2
    compiled = compile_model(parse_model(with_threshold(model(), threshold), "m.tflite"), "m")
    for name, text in {**compiled.files, "main.c": MAIN}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    command = ["gcc", "-std=c99", *STRICT, "main.c", "m.c", "-o", "main", "-lm"]
    subprocess.run(command, cwd=tmp_path, check=True)
    printed = subprocess.run([tmp_path / "main"], capture_output=True, text=True, check=True).stdout.split()
    assert [float(text) for text in printed[:2]] == [pytest.approx(far), pytest.approx(near)]
    assert printed[2:] == [str(int(far > threshold)), str(int(near > threshold))]


def test_the_array_of_the_file_has_it_too() -> None:
    data = with_threshold(model(), 0.1)
    assert describe(parse_model(data), data, "m", [], "")["anomaly"] == "0.1f"


def test_a_file_without_one_says_nothing() -> None:
    assert parse_model(model()).anomaly is None
    assert "ANOMALY" not in compile_model(parse_model(model()), "m").files["m.h"]


@pytest.mark.parametrize("content", [b"", b"123", b"\x00\x00\xc0\x7f"])
def test_what_is_no_number_is_no_threshold(content: bytes) -> None:
    assert parse_model(splice(model(), NAME.encode(), content)).anomaly is None
