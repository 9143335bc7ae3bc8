"""Transport "adb": an Android phone on a cable or in the network, with wall times.

    [measure]
    transport = "adb"
    serial    = "3A1B2C3D4E5F"        # as `adb devices` tells; needed when there are several
    cpus      = "4-7"                 # the cores that the inference keeps to

The project's C program runs LiteRT on the phone and gives the answers to test examples too. With `benchmark`, a binary
of TensorFlow Lite's own benchmark_model is run in its place; it gives times alone.
"""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import Field

from edgewright import kinds
from edgewright.devices import _adb, _adb_errors, _adb_figures, _benchmark_model, _phone
from edgewright.devices._base import MEASURED, Abilities, Job, Measurement, Outputs
from edgewright.devices._base import Options as BaseOptions
from edgewright.devices._figures import conditions, first, summary
from edgewright.devices.tools.run import Program
from edgewright.errors import DeviceError

ABILITIES = Abilities(MEASURED, ("android",))

# $1 folder of the job, $2.. the program: its number is noted, so that it can be ended
_RUN = 'cd "$1" || exit 1; shift; echo $$ > pid; exec "$@"'
_END = 'kill -9 "$(cat "$1/pid")" 2>/dev/null; rm -rf "$1"'


class Options(BaseOptions):
    """Keys of [measure]."""

    serial: kinds.Serial | None = Field(
        default=None,
        description='as "adb devices" tells, or "address:port"; else the only phone',
    )
    runs: int = Field(default=100, ge=1, le=100_000, description="inferences that are measured")
    warmup: int = Field(default=10, ge=0, le=100_000, description="inferences before them that are not")
    threads: int = Field(default=1, ge=1, le=64, description="threads of the inference")
    cpus: _phone.Cpus = Field(default=None, description='the cores that it keeps to, for instance "4-7"; else any')
    xnnpack: bool = Field(default=True, description="kernels of XNNPACK, or those built into LiteRT")
    accuracy_samples: int = Field(default=200, ge=0, description="test examples whose answers are judged on the device")
    benchmark: kinds.Path | None = Field(
        default=None, description="path of a benchmark_model for Android, to run in place of ours"
    )


OPTIONS = Options


def identity(options: Options) -> str:
    """Names the phone, the same in every build."""
    return f"adb:{options.serial or 'the only phone'}"


def look(options: Options) -> str:
    """What the phone is, in a line: "Pixel 8, Tensor G3, Android 14"."""
    facts = _adb.connect(options.serial).facts
    return ", ".join(filter(None, [facts.get("model"), facts.get("soc"), f"Android {facts.get('android')}"]))


def programs(_board: Mapping[str, Any]) -> tuple[Program, ...]:
    """What has to be installed."""
    return _adb.ADB, _phone.COMPILER


def measure(job: Job, options: Options) -> Measurement:
    """Time an inference, and get the answers to all samples."""
    _phone.check_runtime(job)
    phone = _adb.connect(options.serial)
    try:
        with _folder(phone) as folder:
            if options.benchmark:
                return _by_benchmark(phone, job, options, folder)
            return _by_program(phone, job, options, folder)
    except TimeoutError as error:
        raise DeviceError(f"{phone.where}: it answers too slowly: {error}") from None


@contextmanager
def _folder(phone: _adb.Phone) -> Iterator[str]:
    """A folder of its own on the phone; removed at the end, with what still runs in it."""
    folder = f"{_adb.FOLDER}/jobs/{uuid.uuid4().hex[:12]}"
    phone.do("making its folder", 'mkdir -p "$1"', folder)
    try:
        yield folder
    finally:
        try:
            phone.run(_END, folder)
            phone.clean()
        except (DeviceError, TimeoutError):
            pass  # the phone is gone, which is told already


def _by_program(phone: _adb.Phone, job: Job, options: Options, folder: str) -> Measurement:
    _phone.check_states(job)
    kit = _phone.ensure_kit()
    mask = _phone.mask_of(options.cpus)
    call = _phone.Call(options.runs, options.warmup, options.threads, mask, options.xnnpack)
    with tempfile.TemporaryDirectory(prefix="edgewright-") as name:
        here = Path(name)
        (here / _phone.SAMPLES).write_bytes(_phone.sample_bytes(job))
        model, samples = phone.store(job.model), phone.store(here / _phone.SAMPLES)
        words = _phone.arguments(job, call, phone.keep_kit(kit.files), model, samples)
        before = _adb_figures.condition(phone)
        _execute(phone, folder, words, options.timeout)
        after = _adb_figures.condition(phone)
        for file in (_phone.ANSWER, _phone.OUTPUTS):
            phone.pull(f"{folder}/{file}", here / file)
        answer, outputs = _phone.read_answer(phone.where, here, job, call, kit.version)
    times = {**summary(answer.times_ns), **first(answer.first_ns)}
    figures = {**times, "peak_rss_bytes": answer.peak_rss_bytes, **_tail(phone, job, options)}
    return _measurement(figures | conditions(before, after), phone, outputs, kit.version)


def _by_benchmark(phone: _adb.Phone, job: Job, options: Options, folder: str) -> Measurement:
    program = _benchmark_model.check(Path(str(options.benchmark)))
    words = [phone.store(program, "755"), f"--graph={phone.store(job.model)}", *_benchmark_model.flags(options)]
    if options.cpus:
        words = ["taskset", f"{_phone.mask_of(options.cpus):x}", *words]
    before = _adb_figures.condition(phone)
    said = _execute(phone, folder, words, options.timeout)
    after = _adb_figures.condition(phone)
    figures = _benchmark_model.parse(phone.where, said, options.runs, job.has_state) | _tail(phone, job, options)
    return _measurement(figures | conditions(before, after), phone, None, None)


def _execute(phone: _adb.Phone, folder: str, words: list[str], timeout_s: float) -> str:
    """What the program printed on both of its outputs."""
    try:
        done = phone.run(_RUN, folder, *words, timeout_s=timeout_s)
    except TimeoutError:
        hint = "raise `timeout` in [measure], or lower `runs`"
        raise DeviceError(f"{phone.where}: no answer after {timeout_s:g} s\n  hint: {hint}") from None
    if done.returncode != 0:
        raise _adb_errors.of_program(phone.where, done)
    return done.stdout + done.stderr


def _tail(phone: _adb.Phone, job: Job, options: Options) -> dict[str, Any]:
    return {
        "model_bytes": job.model.stat().st_size,
        "runs": options.runs,
        "warmup": options.warmup,
        "threads": options.threads,
        "cpus": options.cpus,
        "xnnpack": options.xnnpack,
        "runner": "benchmark_model" if options.benchmark else _phone.PROGRAM,
        "cpu": phone.facts.get("soc") or phone.facts.get("model") or "phone",
        "device": phone.facts.get("model"),
    }


def _measurement(
    figures: dict[str, Any], phone: _adb.Phone, outputs: Outputs | None, version: str | None
) -> Measurement:
    tools = {"android": phone.facts.get("android", "")}
    return Measurement(ABILITIES.kind, figures, outputs, {**tools, _phone.PACKAGE: version} if version else tools)
