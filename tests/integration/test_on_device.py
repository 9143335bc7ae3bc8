"""The measuring program and this side of it: what is asked, what is answered, and every way in which that fails."""

from __future__ import annotations

import ast
import json
import os
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from edgewright.answers.agreement import runs_here
from edgewright.devices import Job, _client, _figures, _on_device, host
from edgewright.devices._client import Call
from edgewright.errors import DeviceError
from testbench.nets import Net, to_tflite

ANSWER = {
    "protocol": 1,
    "runtime": "litert",
    "runtime_version": "2.3.0",
    "python": "3.11.2",
    "numpy": "1.26.4",
    "machine": "aarch64",
    "cpu": "Raspberry Pi 4 Model B",
    "threads": 1,
    "first_ns": [],
    "times_ns": [1200, 1100],
    "peak_rss_bytes": 1 << 20,
    "before": None,
    "after": None,
    "outputs_sha256": "0" * 64,
}
JOB = Job(Path("m.tflite"), "litert", (np.zeros((3, 1, 4), np.int8),))
CALL = Call(runs=2)


@pytest.fixture
def job(tmp_path: Path) -> Job:
    net = Net()
    weights = np.arange(40, dtype=np.int8).reshape(10, 4)
    path = tmp_path / "m.tflite"
    path.write_bytes(to_tflite(net.graph(net.dense(net.input((1, 4)), weights))))
    samples = np.random.default_rng(0).integers(-128, 127, (5, 1, 4)).astype(np.int8)
    return Job(path, "litert", (samples,), check_samples=2)


def test_the_program_imports_numpy_and_the_standard_library_alone() -> None:
    tree = ast.parse(_client.PROGRAM.read_text())
    names = {a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names}
    names |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    foreign = {name.split(".")[0] for name in names} - set(sys.stdlib_module_names)
    assert foreign == {"numpy"}


def test_both_sides_agree_on_the_marker() -> None:
    assert (_client.MARKER, ANSWER["protocol"]) == (_on_device.MARKER, _on_device.PROTOCOL)
    assert (_client.EACH, _client.NOW) == (_on_device.EACH, _on_device.NOW)


def test_a_right_answer_is_taken() -> None:
    assert _client.check_answer("pi", ANSWER, JOB, CALL).times_ns == [1200, 1100]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"protocol": 2}, "protocol"),
        ({"runtime": "tflite-runtime"}, "not to what was asked"),
        ({"threads": 2}, "not to what was asked"),
        ({"first_ns": [1300]}, "not to what was asked"),
        ({"times_ns": [1200]}, "not to what was asked"),
        ({"times_ns": [1200, 0]}, "not to what was asked"),
        ({"times_ns": [1200, -5]}, "not to what was asked"),
        ({"times_ns": [1200, 1.5]}, "times_ns.1"),
        ({"times_ns": "fast"}, "times_ns"),
        ({"outputs_sha256": "zz"}, "outputs_sha256"),
        ({"runtime_version": "`rm`"}, "runtime_version"),
        ({"surprise": 1}, "surprise"),
        ({"error": "ValueError: bad model"}, "litert could not run the model: ValueError: bad model"),
        ({"error": "No module named 'x'"}, "the runtime litert is not installed there"),
        ({"error": "Didn't find op for builtin opcode 'X' version '12'"}, "hint: quantize to full int8"),
    ],
)
def test_a_wrong_answer_is_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(DeviceError, match=re.escape(said)):
        _client.check_answer("pi", {**ANSWER, **change}, JOB, CALL)


@pytest.mark.parametrize("missing", sorted(ANSWER))
def test_an_answer_that_lacks_something_is_refused(missing: str) -> None:
    with pytest.raises(DeviceError, match=missing):
        _client.check_answer("pi", {key: value for key, value in ANSWER.items() if key != missing}, JOB, CALL)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "0 answers"),
        ("hello\n", "| hello"),
        ('EDGEWRIGHT-ANSWER {"a": 1}\nEDGEWRIGHT-ANSWER {"a": 1}\n', "2 answers"),
        ('EDGEWRIGHT-ANSWER {"a": ', "no JSON"),
        ("EDGEWRIGHT-ANSWER [1]", "no JSON object"),
    ],
)
def test_output_without_one_answer_is_refused(text: str, said: str) -> None:
    with pytest.raises(DeviceError, match=re.escape(said)):
        _client.find_answer("pi", text)


def test_an_answer_is_found_among_other_lines() -> None:
    assert _client.find_answer("pi", 'INFO: delegate\nEDGEWRIGHT-ANSWER {"a": 1}\nbye\n') == {"a": 1}


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import os; os.kill(os.getpid(), 11)", "was killed by SIGSEGV"),
        ("import os; os.kill(os.getpid(), 9)", "was killed by SIGKILL (out of memory?)"),
        ("import sys; sys.exit('no space left')", "failed with exit status 1\n  | no space left"),
        ("import time; time.sleep(60)", "no answer after 0.5 s\n  hint: raise `timeout`"),
    ],
)
def test_a_program_that_ends_badly_is_told_of(tmp_path: Path, program: str, said: str) -> None:
    with pytest.raises(
        DeviceError, match=re.escape(f"pi: {'the measuring program ' if 'after' not in said else ''}{said}")
    ):
        _client.execute(
            ["pi"], [sys.executable, "-c", program], 0.5 if "sleep" in program else 30, cwd=tmp_path, env={}
        )


def test_a_crash_of_tflite_runtime_says_what_is_known_of_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import os; os.kill(os.getpid(), 11)", "--runtime", "tflite-runtime"]
    with pytest.raises(DeviceError, match='runtime = "litert"'):
        _client.execute(["pi"], command, 30, cwd=tmp_path, env={})


def test_outputs_that_are_not_the_announced_ones_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "outputs.npz", output_0=np.zeros(3))
    with pytest.raises(DeviceError, match="not the one that the device wrote"):
        _client.read_outputs("pi", tmp_path, _client.check_answer("pi", ANSWER, JOB, CALL), JOB)


@pytest.mark.parametrize("runtime", ["litert", "tflite-runtime"])
def test_this_machine_is_measured(job: Job, runtime: str) -> None:
    if not runs_here(runtime):
        pytest.skip(f"{runtime} is not for this Python")
    job = Job(job.model, runtime, job.samples, check_samples=2)
    measured = host.measure(job, host.OPTIONS(runs=10, warmup=1))
    assert measured.kind == "measured"
    assert 0 < measured.figures["min_us"] <= measured.figures["p50_us"] <= measured.figures["p99_us"]
    assert measured.outputs is not None
    assert measured.outputs.values[0].shape == (5, 1, 10)
    assert measured.outputs.reference is not None
    np.testing.assert_array_equal(measured.outputs.reference[0], measured.outputs.values[0][:2])


def test_a_broken_model_is_the_runtimes_complaint(job: Job) -> None:
    job.model.write_bytes(b"\x20\0\0\0TFL3" + bytes(40))
    with pytest.raises(DeviceError, match="this machine: litert could not run the model"):
        host.infer(job, 60)


def test_of_several_models_the_one_that_fails_is_named(job: Job, tmp_path: Path) -> None:
    alone, again = host.infer(job, 60), host.infer_all([job, job], 60)
    assert [outputs.runtime for outputs in again] == [alone.runtime] * 2
    np.testing.assert_array_equal(again[1].values[0], alone.values[0])
    broken = tmp_path / "broken.tflite"
    broken.write_bytes(b"\x20\0\0\0TFL3" + bytes(40))
    with pytest.raises(DeviceError, match=r"this machine, broken\.tflite: litert could not run the model"):
        host.infer_all([job, replace(job, model=broken)], 60)


def test_of_several_models_the_one_that_ends_the_program_is_named(tmp_path: Path) -> None:
    program = "import os; print('EDGEWRIGHT-ANSWER {}', flush=True); os.kill(os.getpid(), 11)"
    with pytest.raises(DeviceError, match="pi, b: the measuring program was killed by SIGSEGV"):
        _client.execute(["pi, a", "pi, b"], [sys.executable, "-c", program], 30, cwd=tmp_path, env={})


def test_percentiles_are_by_nearest_rank() -> None:
    figures = _figures.summary([1000 * value for value in range(100, 0, -1)])
    assert [figures[name] for name in ("p50_us", "p90_us", "p99_us", "min_us", "mean_us")] == [50, 90, 99, 1, 50.5]
    assert _figures.summary([7000])["p99_us"] == 7


QUIET = {
    "governor": "ondemand",
    "clock_khz": 1500000,
    "clock_limit_khz": 1500000,
    "clock_max_khz": 1500000,
    "temperature_mc": 48312,
    "firmware_flags": 0,
}


@pytest.mark.parametrize(
    ("before", "after", "reasons"),
    [
        ({}, {}, []),
        ({"firmware_flags": 0x50000}, {"firmware_flags": 0x50000}, []),  # long ago
        ({}, {"firmware_flags": 0x20002}, ["the clock is capped"]),
        ({}, {"firmware_flags": 0x40000}, ["throttled"]),  # while it ran, and over by now
        ({"firmware_flags": 1}, {}, ["the supply voltage is too low"]),
        ({"firmware_flags": None}, {"firmware_flags": 8}, ["above the soft limit of temperature"]),
        ({}, {"clock_limit_khz": 600000}, ["the clock is held to 600 of 1500 MHz"]),
        ({}, {"firmware_flags": None}, []),
        ({}, {"firmware_flags": None, "clock_limit_khz": None}, None),
    ],
)
def test_throttling_is_told(before: dict[str, Any], after: dict[str, Any], reasons: list[str] | None) -> None:
    first, last = (_client.Condition.model_validate({**QUIET, **change}) for change in (before, after))
    assert _figures.conditions(first, last) == {
        "governor": "ondemand",
        "temperature_before_c": 48.3,
        "temperature_after_c": 48.3,
        "throttled": reasons,
    }


def test_a_raspberry_pi_is_asked_for_its_throttling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    for text, flags in (("throttled=0x50005", 0x50005), ("error=1 failed", None)):
        (tmp_path / "vcgencmd").write_text(f"#!/bin/sh\necho '{text}'\n")
        (tmp_path / "vcgencmd").chmod(0o755)
        assert _on_device.firmware_flags() == flags


def test_options_survive_being_handed_on() -> None:
    options = host.OPTIONS.model_validate({"runs": 7, "timeout": "2 min"})
    assert options.timeout == 120.0
    again = host.OPTIONS.model_validate(json.loads(json.dumps(options.model_dump(mode="json"))))
    assert again == options
    with pytest.raises(ValidationError, match="has no unit"):
        host.OPTIONS.model_validate({"timeout": 5})
