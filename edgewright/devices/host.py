"""Transport "host": the model on this very machine, with wall times."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pydantic import Field

from edgewright.devices import _client
from edgewright.devices._base import MEASURED, Abilities, Job, Measurement, Outputs
from edgewright.devices._base import Options as BaseOptions
from edgewright.devices._client import Answer, Call
from edgewright.devices._figures import measured

ABILITIES = Abilities(MEASURED, ("microcontroller", "android", "linux"), is_this_machine=True)
_WHERE = "this machine"
_KEPT = ("PATH", "HOME", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "TMPDIR")


class Options(BaseOptions):
    """Keys of [measure]."""

    runs: int = Field(default=200, ge=1, le=100_000, description="inferences that are measured")
    warmup: int = Field(default=20, ge=0, le=100_000, description="inferences before them that are not")
    threads: int = Field(default=1, ge=1, le=256, description="threads of the inference")


OPTIONS = Options


def measure(job: Job, options: Options) -> Measurement:
    """Time an inference, and get the answers to all samples."""
    call = Call(runs=options.runs, warmup=options.warmup, threads=options.threads)
    ((answer, outputs),) = _run([job], call, options.timeout)
    tools = {"device python": answer.python, "device numpy": answer.numpy}
    return Measurement(ABILITIES.kind, measured(answer, call, job), outputs, tools)


def identity(_options: Options) -> str:
    """This machine is one device."""
    return "this machine"


def infer(job: Job, timeout_s: float) -> Outputs:
    """The answers of the runtime on this machine to all samples."""
    return infer_all([job], timeout_s)[0]


def infer_all(jobs: Sequence[Job], timeout_s: float) -> list[Outputs]:
    """The same of several models of one runtime, which is started once."""
    return [outputs for _, outputs in _run(jobs, Call(), timeout_s)]


def _run(jobs: Sequence[Job], call: Call, timeout_s: float) -> list[tuple[Answer, Outputs]]:
    with tempfile.TemporaryDirectory(prefix="edgewright-") as name:
        folder = Path(name)
        by = _client.Interpreter(_WHERE, [sys.executable], folder, _environment(), folder)
        return _client.run_all(jobs, call, by, timeout_s)


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, "PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8"}
