"""The emulated phone: exact counts and right answers; and the C program that it runs, given nonsense."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgewright.answers import agreement
from edgewright.devices import Job, _phone, host, qemu_phone
from edgewright.devices.tools.cpus import CPUS, write_tree
from edgewright.errors import DeviceError, UserError
from edgewright.sections.task import Task
from edgewright.tasks import Truths
from testbench.differential import recurrent
from testbench.differential.network import Network
from testbench.differential.typed import given

from .conftest import BOARD, needs_phone


@needs_phone
def test_counts_repeat_and_answers_are_right(job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = qemu_phone.Options(runs=4, warmup=3)
    first = qemu_phone.measure(job, options)
    (tmp_path / "quite, another place").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "quite, another place"))
    again = qemu_phone.measure(job, options)
    assert first.figures == again.figures
    assert len(set(first.figures["instructions_all"])) == 1
    assert first.outputs is not None
    here = host.infer(job, 60.0)
    assert np.abs(first.outputs.values[0].astype(int) - here.values[0].astype(int)).max() <= 1
    builtin = qemu_phone.measure(job, qemu_phone.Options(runs=1, warmup=1, xnnpack=False))
    assert builtin.figures["instructions"] != first.figures["instructions"]


@needs_phone
def test_a_model_with_state_starts_afresh_for_what_is_compared(stream: Job) -> None:
    """Warm-up and counted inferences leave nothing in the answers; the first inference is counted apart."""
    fresh = qemu_phone.infer(stream, 60.0).values[0]
    np.testing.assert_array_equal(fresh, np.cumsum(stream.samples[0], axis=0))
    for runs in (1, 3):
        found = qemu_phone.measure(stream, qemu_phone.Options(runs=runs, warmup=2))
        assert found.outputs is not None
        np.testing.assert_array_equal(found.outputs.values[0], fresh)
        assert found.figures["first_instructions"] > 0
        assert len(found.figures["instructions_all"]) == runs


def test_a_state_that_the_c_interface_does_not_load_is_refused(tmp_path: Path) -> None:
    net = Network(np.random.default_rng(6))
    y = recurrent.lstm_float(net, given(net, "float32", 1, 5, 2, 3))
    (tmp_path / "m.tflite").write_bytes(net.builder.finish(net.inputs, [y]))
    lstm = Job(tmp_path / "m.tflite", "litert", (np.stack([s[0] for s in net.samples(2)]),), BOARD, has_state=True)
    with pytest.raises(UserError, match=r"is not for phones: .*, got 'UNIDIRECTIONAL_SEQUENCE_LSTM .operator 1"):
        _phone.check_states(lstm)


@needs_phone
def test_an_older_core_has_other_kernels(job: Job) -> None:
    old = {**BOARD, "emulator": {"cpu": "cortex-a53"}}
    counts = [
        qemu_phone.measure(replace(job, board=board), qemu_phone.Options(runs=1)).figures["instructions"]
        for board in (BOARD, old)
    ]
    assert counts[0] < counts[1]  # XNNPACK takes the dot product where there is one


@needs_phone
@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "usage: litert_run"),
        (["runs=x"], "not a number: runs=x"),
        (["runs="], "not a number: runs="),
        (["rums=1"], "not an option: rums=1"),
        (["runs"], "not an option: runs"),
        (["kernels=none"], "the model cannot be prepared: LiteRT gives status"),
        (["library"], "cannot open shared object file"),
        (["model"], "the model cannot be read: LiteRT gives status"),
        (["samples"], "samples of 3 bytes do not fit inputs of 36 bytes"),
        (["outputs"], "no/such/folder: No such file or directory"),
    ],
)
def test_the_program_says_what_is_wrong(job: Job, tmp_path: Path, words: list[str], message: str) -> None:
    kit = _phone.ensure_kit()
    (tmp_path / "samples").write_bytes(_phone.sample_bytes(job))
    (tmp_path / "three").write_bytes(b"abc")
    (tmp_path / "none.tflite").write_bytes(b"no model")
    files = {"library": f"{kit.folder}/{_phone.LIBRARY}", "model": str(job.model), "samples": "samples"}
    files |= {"outputs": "o", "answer": "a"}
    wrong = {"library": "none.so", "model": "none.tflite", "samples": "three", "outputs": "no/such/folder"}
    files |= {name: value for name, value in wrong.items() if name in words}
    given = [word for word in words if word not in wrong]
    write_tree(tmp_path / "cpu", CPUS["cortex-a76"], 8)
    command = [
        "qemu-aarch64",
        "-L",
        str(tmp_path / "cpu"),
        f"{kit.folder}/{_phone.LOADER}",
        "--library-path",
        str(kit.folder),
    ]
    command += [f"{kit.folder}/{_phone.PROGRAM}", *(files.values() if words else []), *given]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"error: {message}" in done.stderr or message in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(("cpus", "mask"), [(None, 0), ("0", 1), ("4-7", 0xF0), ("0,2", 5), ("0-1, 1-2", 7)])
def test_masks_of_cpus(cpus: str | None, mask: int) -> None:
    assert _phone.mask_of(_adb_options(cpus).cpus) == mask


@pytest.mark.parametrize("cpus", ["", "x", "4-", "-4", "7-4", "64", "1,,2"])
def test_no_cpus(cpus: str) -> None:
    with pytest.raises(ValueError, match="not a list of CPUs"):
        _adb_options(cpus)


def _adb_options(cpus: str | None) -> Any:
    from edgewright.devices import adb

    return adb.Options(cpus=cpus)


def test_hash_of_the_program() -> None:
    assert f"{_phone.fnv1a(b''):x}" == "cbf29ce484222325"
    assert f"{_phone.fnv1a(b'foobar'):x}" == "85944171f73967e8"  # of the authors' test vectors


def test_accuracy_is_judged_on_the_device() -> None:
    right = np.arange(100, dtype=np.int64) % 10
    truths = Truths(Task(), np.zeros((100, 1)), (right,))
    good = [np.eye(10)[right]]
    off = right.copy()
    off[:2] += 1
    worse = [np.eye(10)[off % 10]]
    found = agreement.accuracy(good, worse, truths, "phone")
    assert (found["metric"], found["samples"], found["device"], found["host"]) == ("top1", 100, 1.0, 0.98)
    with pytest.raises(DeviceError, match=r"phone: the model is worse there .* 98.00 % of 100 test examples, .*100"):
        agreement.accuracy(worse, good, truths, "phone")


def test_another_runtime(job: Job) -> None:
    with pytest.raises(UserError, match="does not run on a phone"):
        qemu_phone.measure(replace(job, runtime="tflite-runtime"), qemu_phone.Options())


@pytest.mark.parametrize("given", ["job", "stream"])
def test_the_program_is_clean_under_sanitizers(given: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    job = request.getfixturevalue(given)
    spec = importlib.util.find_spec("ai_edge_litert")
    library = Path(spec.submodule_search_locations[0]) / _phone.LIBRARY if spec else Path()  # type: ignore[index]
    if shutil.which("gcc") is None or not library.is_file():
        pytest.skip("no gcc, or no LiteRT")
    flags = ["-std=gnu11", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-g", "-O1"]
    flags += ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    subprocess.run(["gcc", *flags, "-o", "litert_run", str(_phone.SOURCE), "-ldl"], cwd=tmp_path, check=True)
    (tmp_path / _phone.SAMPLES).write_bytes(_phone.sample_bytes(job))
    call = _phone.Call(runs=3, warmup=1, cpus=1)
    words = _phone.arguments(job, call, "kit", str(job.model), _phone.SAMPLES)[5:]
    environment = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}  # LiteRT's own, and all ends with the process
    subprocess.run(
        ["./litert_run", str(library), *words], cwd=tmp_path, env=environment, check=True, capture_output=True
    )
    answer, outputs = _phone.read_answer("here", tmp_path, job, call, "2.3.0")
    assert (len(answer.first_ns), len(answer.times_ns)) == (int(job.has_state), 3)
    here = host.infer(job, 60.0)
    assert np.abs(outputs.values[0].astype(int) - here.values[0].astype(int)).max() <= 1
