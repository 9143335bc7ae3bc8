"""Converts ONNX networks with onnx2tf, whose calibration takes data with channels last."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from testbench.zoo import _child
from testbench.zoo.onnx_networks import NETWORKS, SEED, VOCABULARY, Net

WAYS = {
    "onnx2tf-float32": "float32",
    "onnx2tf-int8": "full_integer_quant",
    "onnx2tf-default": "integer_quant",
    "onnx2tf-int16x8": "full_integer_quant_with_int16_act",
}
"""How onnx2tf calls the file."""
_SAMPLES = 8


def _calibration(net: Net, folder: Path) -> Iterator[str]:
    random = np.random.default_rng(SEED)
    for name, (dtype, shape) in net.inputs.items():
        path = folder / f"{name}.npy"
        last = (_SAMPLES, *shape[2:], shape[1]) if len(shape) > 2 else (_SAMPLES, *shape[1:])
        numbers = random.standard_normal(last).astype(np.float32)
        np.save(path, numbers if dtype == "FLOAT" else random.integers(0, VOCABULARY, last))
        yield from ("-cind", name, str(path), "[0.0]", "[1.0]")


def _convert(way: str, name: str, folder: Path) -> bytes:
    """All of them are made at once; the ones that were made in an earlier call are taken."""
    out = folder / "onnx2tf" / name
    if not out.is_dir():
        net = Net()
        out.mkdir(parents=True)
        (out / f"{name}.onnx").write_bytes(NETWORKS[name](net))
        quantized = ["-oiqt", *_calibration(net, out)]
        _run(["-i", str(out / f"{name}.onnx"), "-o", str(out), "-osd"], out)
        _run(["-i", str(out / f"{name}.onnx"), "-o", str(out), *quantized], out)
    found = out / f"{name}_{WAYS[way]}.tflite"
    if not found.is_file():
        raise RuntimeError((out / "error.txt").read_text() or "the file is not written")
    return found.read_bytes()


def _run(words: list[str], out: Path) -> None:
    command = [str(Path(sys.executable).with_name("onnx2tf")), *words, "-n"]
    with tempfile.TemporaryDirectory() as work:
        done = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)
    said = (done.stdout + done.stderr).splitlines()
    causes = [line for line in said if "Error: " in line]
    (out / "error.txt").write_text(causes[0] if done.returncode and causes else "")


if __name__ == "__main__":
    _child.main(_convert, dict.fromkeys(WAYS, "onnx2tf"))
