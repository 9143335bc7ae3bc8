"""An operator and a kernel of another package, which pages of docs/ show: the compiler finds them by entry points."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from testbench import howto
from testbench.differential.builder import ModelBuilder

HEADER = "abs_s8_backward.h"
PAGES = ("adding-an-operator.md", "adding-a-kernel.md")
RUN = """
import json, sys
from pathlib import Path
import numpy as np
from edgewright.compiler import compile_model
from edgewright.compiler.host import build
from edgewright.pipeline import _compiler
from edgewright.tflite.reader import read_model

folder = Path(sys.argv[1])
compiled = compile_model(read_model(folder / "net.tflite"), "net")
program = build(compiled, folder / "host")
np.save(folder / "output.npy", program.run([np.load(folder / "input.npy")])[0])
layers = [(layer["op"], layer["variant"]) for layer in compiled.facts()["layers"]]
inputs = [*_compiler.compiler_files(), *_compiler.compiler_modules()]
print(json.dumps({"layers": layers, "files": list(compiled.files), "inputs": inputs}))
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A folder with a package of an operator and a kernel, as an installer leaves it."""
    folder = tmp_path / "elsewhere"
    for name, text in howto.files(*PAGES).items():
        path = folder / name.removeprefix("examples/product/extras/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for name in ("skeleton", "badge_extras"):
        (folder / name / "__init__.py").touch()
    info = folder / "skeleton-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: skeleton\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(howto.entry_points(*PAGES))
    return folder


def python(package: Path, *words: str) -> str:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(package), *filter(None, sys.path)])}
    done = subprocess.run([sys.executable, *words], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def compiled(package: Path, folder: Path, model: bytes, sample: np.ndarray) -> tuple[dict[str, Any], np.ndarray]:
    """What the compiler says of a model, and its output on this machine."""
    (folder / "net.tflite").write_bytes(model)
    (folder / "host").mkdir()
    np.save(folder / "input.npy", sample)
    said = json.loads(python(package, "-c", RUN, str(folder)).splitlines()[-1])
    return said, np.load(folder / "output.npy")


def absolute(count: int) -> bytes:
    net = ModelBuilder()
    x, y = net.tensor((1, count), 0.5, -3), net.tensor((1, count), 0.5, -3)
    net.op("ABS", [x], [y])
    return net.finish([x], [y])


def test_an_operator_is_its_folder(package: Path, tmp_path: Path) -> None:
    net = ModelBuilder()
    x, y = net.tensor((1, 5), dtype="float32"), net.tensor((1, 5), dtype="float32")
    net.op("SIGN", [x], [y])
    sample = np.array([[-2.5, 0.0, 3.0, -0.0, 1e-9]], np.float32)
    said, output = compiled(package, tmp_path, net.finish([x], [y]), sample)
    assert said["layers"] == [["SIGN", "ref"]]
    assert "kernels/sign_f32_ref.h" in said["files"]
    assert np.array_equal(output.reshape(sample.shape), np.sign(sample))


@pytest.mark.parametrize(("count", "kernel"), [(6, "backward"), (5, "ref")])
def test_a_kernel_is_its_header_and_its_record(count: int, kernel: str, package: Path, tmp_path: Path) -> None:
    sample = np.arange(-count, count, 2, dtype=np.int8)[None]
    said, output = compiled(package, tmp_path, absolute(count), sample)
    assert said["layers"] == [["ABS", kernel]]
    assert ("kernels/abs_s8_backward.h" in said["files"]) == (kernel == "backward")
    assert np.array_equal(output.reshape(sample.shape), np.abs(sample + 3) - 3)


def test_stages_read_what_other_packages_hold(package: Path, tmp_path: Path) -> None:
    said, _ = compiled(package, tmp_path, absolute(2), np.zeros((1, 2), np.int8))
    headers = {str(package / name) for name in ("badge_extras/sign/sign_f32_ref.h", f"skeleton/backward/{HEADER}")}
    assert headers | {"badge_extras.sign", "skeleton.backward"} <= set(said["inputs"])


def test_the_library_holds_the_header(package: Path, tmp_path: Path) -> None:
    model, c, portable = (str(tmp_path / name) for name in ("net.tflite", "c", "portable"))
    Path(model).write_bytes(absolute(4))
    named = ("--model", model, "--name", "net")
    core = json.dumps({"core": {"cpu": "cortex-m0", "arch": "armv6-m"}})
    stage(package, "microcontroller.compile", *named, "--options", core, "--out-dir", c)
    facts = json.loads(Path(c, "compile.json").read_text())
    assert "kernels/abs_s8_backward.h" in facts["files"]
    stage(package, "microcontroller.portable", *named, "--out-dir", portable)
    text = ("--header", str(tmp_path / "net_tflite.h"), "--source", str(tmp_path / "net_tflite.c"))
    stage(package, "model.headers", "--model", model, *text)
    folders = ("--model-dir", c, "--portable-dir", portable, "--out-dir", str(tmp_path / "bundle"))
    stage(package, "microcontroller.bundle", *folders, "--tflite-header", text[1], "--tflite-source", text[3])
    assert (tmp_path / "bundle/src/kernels" / HEADER).read_text() == howto.files(PAGES[1])[
        f"skeleton/backward/{HEADER}"
    ]


def stage(package: Path, name: str, *words: str) -> None:
    python(package, "-m", f"edgewright.stages.{name}", *words)
