"""This side of the measuring program: what goes to it, and its answer, checked."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from edgewright.devices._base import Job, Outputs
from edgewright.devices.tools.run import ending, quoted, run
from edgewright.errors import DeviceError
from edgewright.files import sha256_file

if TYPE_CHECKING:
    from numpy.typing import NDArray

PROGRAM = Path(__file__).with_name("_on_device.py")
MARKER = "EDGEWRIGHT-ANSWER "
EACH, NOW = "--each", "now"
OUTPUTS = "outputs.npz"
_MODEL, _SAMPLES, _OPTIONS = "model.tflite", "samples.npz", "options.json"


class Condition(BaseModel):
    """What the device says of its clock and its temperature; None for what it does not tell."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    governor: str | None
    clock_khz: int | None
    clock_limit_khz: int | None
    clock_max_khz: int | None
    temperature_mc: int | None
    firmware_flags: int | None


class Answer(BaseModel):
    """The JSON object that the measuring program prints (see `_on_device.py`)."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    protocol: Literal[1]
    runtime: str
    runtime_version: str = Field(pattern=r"^\d[\w.+-]*$")
    python: str
    numpy: str
    machine: str
    cpu: str
    threads: int = Field(ge=1)
    first_ns: list[int]
    times_ns: list[int]
    peak_rss_bytes: int = Field(ge=0)
    before: Condition | None
    after: Condition | None
    outputs_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


@dataclass(frozen=True)
class Call:
    """How the measuring program is called.

    Attributes:
        runs, warmup, threads: see `Options`.
        mark: fence the inferences for a counter instead of timing them.
    """

    runs: int = 0
    warmup: int = 0
    threads: int = 1
    mark: bool = False


def prepare(job: Job, folder: Path) -> None:
    """Put the program, the model and the samples into `folder`, and nothing else."""
    import numpy as np

    shutil.copyfile(PROGRAM, folder / PROGRAM.name)
    shutil.copyfile(job.model, folder / _MODEL)
    arrays: dict[str, Any] = {f"input_{index}": values for index, values in enumerate(job.samples)}
    np.savez(folder / _SAMPLES, **arrays)


def arguments(job: Job, call: Call, folder: str = ".") -> list[str]:
    """The program's command line after the interpreter; `folder` is what the device calls the prepared one."""
    files = {"model": _MODEL, "samples": _SAMPLES, "outputs": OUTPUTS}
    words = [f"{folder}/{PROGRAM.name}", "--runtime", job.runtime]
    for name, file in files.items():
        words += [f"--{name}", f"{folder}/{file}"]
    for name in ("runs", "warmup", "threads"):
        words += [f"--{name}", str(getattr(call, name))]
    words += ["--check", str(job.check_samples)]
    state = ["--state", *(["--anew"] if job.anew else [])] if job.has_state else []
    return [*words, *state, *(["--mark"] if call.mark else [])]


@dataclass(frozen=True)
class Interpreter:
    """What runs the program.

    Attributes:
        where: names the device in messages.
        words: the command's words before the program.
        cwd, env: its working folder and environment.
        folder: an empty folder that the program sees.
        named: what it calls it.
    """

    where: str
    words: Sequence[str]
    cwd: Path
    env: Mapping[str, str]
    folder: Path
    named: str = "."


def run_all(jobs: Sequence[Job], call: Call, by: Interpreter, timeout_s: float) -> list[tuple[Answer, Outputs]]:
    """Run models, one after the other in one start of the program; gives the answer and the outputs of each.

    Args:
        jobs: the models, of one runtime and for one device.
        call: how the program is called.
        by: what runs it.
        timeout_s: longest time of one model.

    Raises:
        DeviceError: the program took too long, crashed, or did not answer sense.
    """
    where, folder, named = by.where, by.folder, by.named
    places = [f"{number:02}" for number in range(len(jobs))]
    for job, place in zip(jobs, places, strict=True):
        (folder / place).mkdir()
        prepare(job, folder / place)
        _, *options = arguments(job, call, f"{named}/{NOW}")
        (folder / place / _OPTIONS).write_text(json.dumps(options))
    program, *words = arguments(jobs[0], call, f"{named}/{places[0]}")
    if len(jobs) > 1 or call.mark:
        words = [EACH, jobs[0].runtime, f"{len(jobs):02}", named]
    heres = [where if len(jobs) == 1 else f"{where}, {job.model.name}" for job in jobs]
    printed = execute(heres, [*by.words, program, *words], timeout_s * len(jobs), cwd=by.cwd, env=by.env)
    found = find_answers(where, printed, len(jobs))
    checked = [check_answer(*each, call) for each in zip(heres, found, jobs, strict=True)]
    outputs = [
        read_outputs(here, folder / place, answer, job)
        for here, place, answer, job in zip(heres, places, checked, jobs, strict=True)
    ]
    return list(zip(checked, outputs, strict=True))


def execute(
    wheres: Sequence[str], command: Sequence[str], timeout_s: float, *, cwd: Path, env: Mapping[str, str]
) -> str:
    """Run the program by `command`; gives what it printed.

    Raises:
        DeviceError: it took too long, or crashed. `wheres` name the device in the message, for each of its models.
    """
    try:
        done = run(command, timeout_s, cwd=cwd, env=env)
    except TimeoutError:
        hint = "raise `timeout` in [measure], or lower `runs`"
        raise DeviceError(f"{wheres[0]}: no answer after {timeout_s:g} s\n  hint: {hint}") from None
    if done.returncode != 0:
        where = wheres[min(len(_answers(done.stdout)), len(wheres) - 1)]
        raise DeviceError(f"{where}: the measuring program {_ending(done)}{quoted(done.stderr)}{_advice(done)}")
    return done.stdout


def _ending(done: subprocess.CompletedProcess[str]) -> str:
    killed = " (out of memory?)" if done.returncode == -signal.SIGKILL else ""
    return ending(done.returncode) + killed


def _advice(done: subprocess.CompletedProcess[str]) -> str:
    return crash_hint("tflite-runtime") if done.returncode == -signal.SIGSEGV and "tflite-runtime" in done.args else ""


def crash_hint(runtime: str) -> str:
    """What is known of a runtime that died of a segmentation fault."""
    if runtime != "tflite-runtime":
        return ""
    return (
        "\n  hint: tflite-runtime 2.14 for Arm crashes in dense layers of 2 or 3 outputs with per-channel weights; "
        'runtime = "litert" does not'
    )


def find_answer(where: str, text: str) -> dict[str, Any]:
    """The object behind the marker in what the program printed; DeviceError when there is not just one."""
    return find_answers(where, text, 1)[0]


def find_answers(where: str, text: str, count: int) -> list[dict[str, Any]]:
    """The same of `count` models."""
    lines = _answers(text)
    if len(lines) != count:
        wanted = "one" if count == 1 else count
        raise DeviceError(f"{where}: {len(lines)} answers from the measuring program, not {wanted}{quoted(text)}")
    return [_object(where, line) for line in lines]


def _answers(text: str) -> list[str]:
    return [line.removeprefix(MARKER) for line in text.splitlines() if line.startswith(MARKER)]


def _object(where: str, line: str) -> dict[str, Any]:
    try:
        answer = json.loads(line)
    except json.JSONDecodeError as error:
        raise DeviceError(f"{where}: the answer is no JSON: {error}{quoted(line)}") from None
    if not isinstance(answer, dict):
        raise DeviceError(f"{where}: the answer is no JSON object{quoted(line)}")
    return answer


def check_answer(where: str, answer: Mapping[str, Any], job: Job, call: Call) -> Answer:
    """The answer as a value; DeviceError when it reports a failure or is not what was asked for."""
    if "error" in answer:
        raise DeviceError(f"{where}: {_explain(str(answer['error']), job.runtime)}")
    try:
        checked = Answer.model_validate(dict(answer))
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise DeviceError(f"{where}: the answer makes no sense: {faults}") from None
    timed = 0 if call.mark else call.runs
    wanted = (job.runtime, call.threads, timed, int(job.has_state and timed > 0))
    got = (checked.runtime, checked.threads, len(checked.times_ns), len(checked.first_ns))
    if got != wanted or min([*checked.times_ns, *checked.first_ns], default=1) <= 0:
        raise DeviceError(f"{where}: the answer is not to what was asked: {json.dumps(dict(answer))[:300]}")
    return checked


def _explain(error: str, runtime: str) -> str:
    if "No module named" in error:
        return f"the runtime {runtime} is not installed there ({error})"
    if "Didn't find op for builtin opcode" in error:
        hint = "quantize to full int8, or use the newer runtime: litert"
        return f"{runtime} does not know an operator of the model: {error}\n  hint: {hint}"
    return f"{runtime} could not run the model: {error}"


def read_outputs(where: str, folder: Path, answer: Answer, job: Job) -> Outputs:
    """The arrays that the program left in `folder`; DeviceError when they are not the ones that it speaks of."""
    path = folder / OUTPUTS
    if not path.is_file() or sha256_file(path) != answer.outputs_sha256:
        raise DeviceError(f"{where}: the file of outputs is not the one that the device wrote")
    values = _arrays(path, "output", job.count)
    reference = _arrays(path, "reference", job.check_samples) if job.check_samples else None
    if not values or reference == ():
        raise DeviceError(f"{where}: outputs of {job.count} samples were asked for, and the device gave others")
    return Outputs(values, reference, (answer.runtime, answer.runtime_version))


def _arrays(path: Path, name: str, count: int) -> tuple[NDArray[Any], ...]:
    import numpy as np

    with np.load(path, allow_pickle=False) as file:
        arrays = tuple(file[f"{name}_{index}"] for index in range(len(file.files)) if f"{name}_{index}" in file.files)
    return arrays if all(len(values) == count for values in arrays) else ()
