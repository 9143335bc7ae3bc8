"""Makes the files anew: each converter in a process of its own, in its own environment.

    python -m testbench.zoo make [--work FOLDER]

The environments of converters that are no part of this project's are made with uv, from PyPI; onnx2tf needs
Python 3.12: of this machine (PYENV_VERSION=3.12 before the command, where pyenv has it), or uv downloads one.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgewright.errors import ToolError
from edgewright.files import write_bytes, write_json
from edgewright.home import home
from testbench.zoo import (
    _with_keras,
    _with_onnx2tf,
    _with_quantizer,
    _with_tensorflow,
    keras_networks,
    onnx_networks,
)
from testbench.zoo._files import FILES, MANIFEST, WAYS


@dataclass(frozen=True)
class Converter:
    """A module that converts.

    Attributes:
        module: what runs.
        ways: what it makes.
        networks: what of.
        packages: what its environment is made of; of this project's own when there are none.
        python: the version of Python that it needs.
    """

    module: str
    ways: Sequence[str]
    networks: Sequence[str]
    packages: Sequence[str] = ()
    python: str = "3.11"


_KERAS, _ONNX = tuple(keras_networks.NETWORKS), tuple(onnx_networks.NETWORKS)
CONVERTERS = (
    Converter("_with_tensorflow", tuple(_with_tensorflow.WAYS), _KERAS),
    Converter("_with_keras", _with_keras.WAYS, _KERAS),
    Converter(
        "_with_quantizer",
        tuple(_with_quantizer.WAYS),
        _KERAS,
        ("ai-edge-quantizer==0.10.0", "litert-quantizer==0.11.0"),
    ),
    Converter("_with_onnx2tf", tuple(_with_onnx2tf.WAYS), _ONNX, ("onnx2tf==2.6.9",), "3.12"),
)
"""In order: _with_quantizer takes what _with_tensorflow made."""
_LONGEST = 200
"""Characters of what a converter says when it fails."""


def make(work: Path) -> None:
    """Convert all networks with all converters, and write the files and their manifest."""
    (work / "log.jsonl").unlink(missing_ok=True)
    for converter in CONVERTERS:
        _convert(converter, _environment(converter, work), work)
    lines = [json.loads(line) for line in (work / "log.jsonl").read_text().splitlines()]
    freeze({line["job"]: line for line in lines}, work)


def _environment(converter: Converter, work: Path) -> str:
    """The Python that has a converter's packages."""
    if not converter.packages:
        return sys.executable
    folder = work / converter.module
    python, made = str(folder / "bin" / "python"), folder / "made"
    if not made.is_file():
        for words in (
            ["venv", "--clear", "--python", converter.python, str(folder)],
            ["pip", "install", "-p", python, *converter.packages],
        ):
            _run([sys.executable, "-m", "uv", *words])
        write_bytes(made, b"")
    return python


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ToolError(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")


def _convert(converter: Converter, python: str, work: Path) -> None:
    """Do all jobs of a converter; a process that ends early is started again behind that job."""
    left = [f"{way}/{network}" for way in converter.ways for network in converter.networks]
    log = work / "log.jsonl"
    while left:
        print(f"{converter.module}: {len(left)} files", flush=True)
        command = [python, "-m", f"testbench.zoo.{converter.module}", str(work), *left]
        done = subprocess.run(command, cwd=home(), capture_output=True, text=True, check=False)
        finished = {json.loads(line)["job"] for line in log.read_text().splitlines()} if log.exists() else set()
        left = [job for job in left if job not in finished]
        if left:
            failure = f"its process ended with {done.returncode}"
            with log.open("a") as lines:
                lines.write(json.dumps({"job": left.pop(0), "failure": failure}) + "\n")


def freeze(lines: Mapping[str, Mapping[str, str]], work: Path) -> None:
    """Copy what was made to the tests' folder, and write down who made it, and what was not to be made."""
    known = {way: _of_way(way, lines, work) for way in WAYS}
    shutil.rmtree(FILES, ignore_errors=True)
    for way, facts in known.items():
        for name in facts["files"]:
            write_bytes(FILES / way / f"{name}.tflite", (work / way / f"{name}.tflite").read_bytes())
    write_json(MANIFEST, known)


def _of_way(way: str, lines: Mapping[str, Mapping[str, str]], work: Path) -> dict[str, Any]:
    """What the manifest says of a way."""
    found = {job.split("/")[1]: line for job, line in lines.items() if job.startswith(f"{way}/")}
    version = next((line["version"] for line in found.values() if "version" in line), None)
    if version is None:
        raise ToolError(f"{way}: its converter's process ended with each network: {work / 'log.jsonl'}")
    failed = {name: _words(line["failure"]) for name, line in found.items() if "failure" in line}
    made = {name: (work / way / f"{name}.tflite").read_bytes() for name in found if name not in failed}
    files = {name: hashlib.sha256(data).hexdigest() for name, data in made.items()}
    return {"version": version, "files": files, "failed": failed}


def _words(failure: str) -> str:
    """The line that says most of what a converter said, without places of this machine."""
    lines = [line for line in failure.splitlines() if line.strip()]
    line = next((line for line in lines if "error:" in line), lines[0])
    said = re.split(r"error:|Error: ", line)[-1].strip()
    return re.sub(r"\S*/\S*/", "", said)[:_LONGEST]
