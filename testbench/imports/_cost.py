"""What an import to int8 costs, beside the converter alone: processor time, and memory at its peak.

Ours are the stages of a build, `convert` where there is one, `bring` and `quantize`, in processes that share one
TensorFlow as a build's do. Both are counted from the start of the first process on: with what loads TensorFlow or
torch, and with all that they start.
Of several runs the processor time is the least, for other work on the machine adds to it, and the memory the greatest
(`testbench/memory.py`).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from edgewright.home import home
from edgewright.importers import onnx, torch
from edgewright.training import warm
from edgewright.training.bounded import descendants
from testbench.cpu_times import Clock
from testbench.imports._networks import path_of
from testbench.memory import bytes_of
from testbench.stages import import_commands, module_of

NETWORK, SAMPLES = "MobileNetV2", 32
_INTERVAL_S = 0.2
_ALONE = Path(__file__).with_name("_alone.py")


def cost(form: str, work: Path, runs: int) -> dict[str, dict[str, float]]:
    """Of the network in a format, "ours" and "alone": "cpu_s" and "peak_mb"."""
    return {whose: _kept([_once(whose, form, work) for _ in range(runs)]) for whose in ("alone", "ours")}


def _kept(runs: Sequence[dict[str, float]]) -> dict[str, float]:
    return {"cpu_s": min(run["cpu_s"] for run in runs), "peak_mb": max(run["peak_mb"] for run in runs)}


def _once(whose: str, form: str, work: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "testbench.imports._cost", whose, form, str(work)]
    done = subprocess.run(command, cwd=home(), stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _measured(run: Callable[[], None]) -> dict[str, float]:
    clock, peak, ended = Clock(), [0], threading.Event()

    def look() -> None:
        while not ended.wait(_INTERVAL_S):
            clock.look()
            peak[0] = max(peak[0], bytes_of(set(_below(os.getpid(), clock))))

    watcher = threading.Thread(target=look)
    before = _others(clock)
    watcher.start()
    run()
    ended.set()
    watcher.join()
    return {"cpu_s": round(_others(clock) - before, 1), "peak_mb": round(peak[0] / 1e6)}


def _others(clock: Clock) -> float:
    """Processor seconds of what this process started."""
    return clock.spent() - sum(os.times()[:2])


def _below(process: int, clock: Clock) -> Iterator[int]:
    """Processes that this one started, with TensorFlow's, which is started apart."""
    yield from descendants(process)
    for started in (int(folder.name) for folder in clock.warm):
        yield started
        yield from descendants(started)


def _ours(source: str, inputs: Path, folder: Path) -> None:
    keras = source.endswith((".h5", ".keras"))
    model = folder / ("net.h5" if keras else "net.tflite")
    with warm.kept():
        for words in import_commands(source, model, inputs):
            _stage(*words)
        files = ("--model", model, "--calibration", inputs, "--out", folder / "int8.tflite")
        options = json.dumps({"data": {}, "quantize": {"qat": "never"}})
        _stage("quantize", *files, "--stats", folder / "int8.json", "--options", options)


def _stage(name: str, *arguments: object) -> None:
    subprocess.run([sys.executable, "-m", module_of(name), *map(str, arguments)], stdout=sys.stderr, check=True)


def _alone(form: str, source: str, inputs: Path, folder: Path) -> None:
    if form == "torch":
        _script(torch.ENVIRONMENT.program, "torch", source, inputs, folder)
        source = str(folder / "net.onnx")
    if form in {"onnx", "torch"}:
        _script(onnx.ENVIRONMENT.program, "onnx", source, inputs, folder)
        _script(Path(sys.executable), "tflite", str(folder / "float.tflite"), inputs, folder)
    else:
        os.environ["TF_USE_LEGACY_KERAS"] = str(int(form.startswith("keras2")))
        _script(Path(sys.executable), "tensorflow", source, inputs, folder)


def _script(python: Path, kind: str, source: str, inputs: Path, folder: Path) -> None:
    command = [str(python), "-I", str(_ALONE), kind, source, str(inputs), str(folder)]
    subprocess.run(command, stdout=sys.stderr, check=True)


if __name__ == "__main__":
    chosen, given = sys.argv[2], Path(sys.argv[3])
    with TemporaryDirectory() as made:
        examples, model = Path(made, "inputs.npy"), path_of(given, chosen, NETWORK)
        np.save(examples, np.random.default_rng(3).standard_normal((SAMPLES, 96, 96, 3)).astype(np.float32))
        out = Path(made, "out")
        out.mkdir()
        run = (
            (lambda: _ours(model, examples, out))
            if sys.argv[1] == "ours"
            else (lambda: _alone(chosen, model, examples, out))
        )
        print(json.dumps(_measured(run)))
