"""scons whose stages are stubs, run where the real ones would be: `python -m tests.remote.stub_build [arguments]`.

A stub reads what its stage was sent and writes each output as a hash of that. `executor=local` runs all of them here,
beside the same choice of what is sent. The environment has a stub wait: STUB_WAITS is the word of its command by which
it is known and a file that it makes when it has begun and written half of an output; it waits for another, `<file>.go`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from SCons.Script.Main import main

from edgewright.remote import Remote, Shipment
from edgewright.scons import _command, _elsewhere

STUB = """\
import hashlib, json, os, sys, time
told = json.loads(sys.argv[1])
digest = hashlib.sha256(json.dumps(told["words"]).encode())
for path in told["inputs"]:
    digest.update(path.encode() + open(path, "rb").read())
def write(path, text):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    open(path + "~", "w").write(text)
    os.replace(path + "~", path)
if told["waits"]:
    write(told["outputs"][0], "half")
    write(told["waits"], str(os.getpid()))
    while not os.path.exists(told["waits"] + ".go"):
        time.sleep(0.02)
print("ran", told["words"][2], flush=True)
for path in told["outputs"]:
    text = hashlib.sha256(digest.digest() + path.encode()).hexdigest()
    if path == told["manifest"]:
        write(os.path.join(os.path.dirname(path), "listed.h"), text)
        text = json.dumps({"files": {"listed.h": hashlib.sha256(text.encode()).hexdigest()}})
    write(path, text)
"""


def stub(stage: Shipment) -> Shipment:
    known, _, file = os.environ.get("STUB_WAITS", "").partition("=")
    told = {
        "words": stage.words,
        "inputs": sorted(stage.inputs),
        "outputs": stage.outputs,
        "manifest": stage.manifest,
        "waits": file if known and any(known in word for word in stage.words) else "",
    }
    return replace(stage, words=("python", "-I", "-S", "-c", STUB, json.dumps(told)))


class Here:
    """In place of workers."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def depends(self, *_: object) -> None:
        pass

    def has_board(self, _: str) -> bool:
        return False

    def run(self, stage: Shipment) -> int:
        return subprocess.run(stub(stage).words, cwd=self._root, check=False).returncode


def stay(words: Sequence[str], *_: object) -> int:
    """A stage that stays on this machine: a measurement, or what adds to the history."""
    outputs = tuple(word for word in words if word.startswith("build/") and not Path(word).exists())
    stage = Shipment(tuple(words), "", None, {}, outputs)  # type: ignore[arg-type]
    return subprocess.run(stub(stage).words, check=False).returncode


def machines_of(value: str, root: Path) -> Any:
    return of_engine(value, root) or _elsewhere.Machines(Here(root), {})  # type: ignore[arg-type]


of_engine = _elsewhere.machines_of
_elsewhere.machines_of = machines_of
_command._run = stay
run = Remote.run
Remote.run = lambda remote, stage: run(remote, stub(stage))  # type: ignore[method-assign]

if __name__ == "__main__":
    sys.exit(main())
