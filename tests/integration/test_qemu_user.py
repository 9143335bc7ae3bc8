"""The emulated Linux device: exact counts, right answers, and messages when a part of it is missing."""

from __future__ import annotations

import multiprocessing
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgewright.devices import Job, Measurement, _plugin, qemu_user
from edgewright.devices.tools import _apt, device_cache, run, system_root, wheelhouse
from edgewright.errors import DeviceError, ToolError, UserError
from edgewright.files import read_json
from edgewright.stages.device import sysroot as sysroot_stage
from testbench.nets import RELU, Net, to_tflite

BOARD = {"core": {"arch": "aarch64", "cores": 4}, "emulator": {"arch": "arm64", "cpu": "cortex-a72"}}
OPTIONS = qemu_user.OPTIONS(runs=15, warmup=2)
needs_qemu = pytest.mark.skipif(not shutil.which("qemu-aarch64") or not shutil.which("apt-get"), reason="no emulator")


def small_model(path: Path) -> Path:
    net = Net()
    random = np.random.default_rng(3)
    x = net.conv(net.input((1, 6, 6, 1)), random.integers(-99, 99, (8, 3, 3, 1)), np.zeros(8), act=RELU)
    dense = net.dense(net.reshape(x, (1, 288)), random.integers(-99, 99, (10, 288)), np.zeros(10))
    path.write_bytes(to_tflite(net.graph(dense)))
    return path


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Job:
    model = small_model(tmp_path_factory.mktemp("job") / "m.tflite")
    samples = np.random.default_rng(0).integers(-128, 127, (4, 1, 6, 6, 1)).astype(np.int8)
    return Job(model, "tflite-runtime", (samples,), BOARD, check_samples=2)


@pytest.fixture(scope="module")
def first(job: Job) -> Callable[[str], Measurement]:
    """The first measurement with a runtime; each is made once."""
    return cache(lambda runtime: qemu_user.measure(replace(job, runtime=runtime), OPTIONS))


@needs_qemu
@pytest.mark.parametrize("runtime", ["tflite-runtime", "litert"])
def test_a_measurement_repeats_to_the_instruction(
    job: Job, first: Callable[[str], Measurement], runtime: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = first(runtime)
    (tmp_path / "quite, another, place").mkdir()  # a comma separates the plugin's arguments
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "quite, another, place"))
    both = [replace(job, runtime=runtime, samples=(samples,)) for samples in (job.samples[0][::-1], job.samples[0])]
    _, again = qemu_user.measure_all(both, OPTIONS)  # beside another, in the same process
    assert before.kind == "emulated"
    assert again.figures == before.figures
    assert before.outputs is not None
    assert again.outputs is not None
    np.testing.assert_array_equal(before.outputs.values[0], again.outputs.values[0])


@needs_qemu
def test_setting_up_a_runtime_writes_nothing_into_debians_folder(tmp_path: Path) -> None:
    # it is shared by runtimes: what one of them compiled there moved the counts of the others
    sysroot = system_root.ensure_sysroot("arm64", "litert")
    for name, ignored in (("debian", "__pycache__"), ("site", "compiled")):
        ignore = shutil.ignore_patterns(ignored)
        shutil.copytree(getattr(sysroot, name), tmp_path / name, symlinks=True, ignore=ignore)
    system_root._smoke_test(system_root.MACHINES["arm64"], tmp_path / "debian", tmp_path / "site", "litert")
    assert list((tmp_path / "site/compiled").rglob("cp437.*.pyc"))
    assert list((tmp_path / "debian").rglob("*.pyc")) == []


@needs_qemu
def test_every_run_is_recorded_and_no_time(first: Callable[[str], Measurement]) -> None:
    figures = first("litert").figures
    counts = figures["instructions_all"]
    assert [len(counts), min(counts), max(counts)] == [15, figures["instructions"], figures["instructions_max"]]
    assert not any({"us", "ms", "ns", "s"} & set(name.split("_")) for name in figures)


@needs_qemu
def test_a_core_with_dot_products_needs_fewer_instructions(job: Job, first: Callable[[str], Measurement]) -> None:
    board = {**BOARD, "emulator": {"arch": "arm64", "cpu": "cortex-a76"}}
    newer = qemu_user.measure(replace(job, runtime="litert", check_samples=0, board=board), OPTIONS).figures
    assert newer["cpu"] == "cortex-a76"
    assert newer["instructions"] < first("litert").figures["instructions"]


@needs_qemu
@pytest.mark.skipif(not shutil.which("qemu-arm"), reason="no emulator")
def test_a_32_bit_device_gives_the_same_answers(job: Job, first: Callable[[str], Measurement]) -> None:
    board = {"core": {"arch": "armv7-a", "cores": 4}, "emulator": {"arch": "armhf", "cpu": "cortex-a7"}}
    found = [qemu_user.measure(replace(job, board=board), OPTIONS) for _ in range(2)]
    assert found[0].figures == found[1].figures
    assert found[0].figures["instructions"] != first("tflite-runtime").figures["instructions"]
    expected, got = first("tflite-runtime").outputs, found[0].outputs
    assert expected is not None
    assert got is not None
    np.testing.assert_array_equal(got.values[0], expected.values[0])


@needs_qemu
def test_a_time_out_is_a_device_error(job: Job) -> None:
    with pytest.raises(DeviceError, match=r"emulated cortex-a72: no answer after 0\.05 s"):
        qemu_user.infer(job, 0.05)


@needs_qemu
def test_the_stage_records_versions_and_no_path(tmp_path: Path) -> None:
    out = tmp_path / "sysroot.json"
    sysroot_stage.main(["--arch", "arm64", "--runtime", "litert", "--out", str(out)])
    record = read_json(out)
    assert record["wheels"]["ai-edge-litert"] == "2.3.0"
    assert "libc6" in record["debian"]
    assert re.fullmatch("[0-9a-f]{64}", record["recipe"])
    assert "/" not in out.read_text()


@pytest.mark.parametrize(
    ("board", "said"),
    [
        ({}, "emulator.arch of the board: is missing"),
        (
            {"emulator": {"arch": "arm63", "cpu": "cortex-a72"}},
            "got 'arm63', allowed: arm64, armhf\n  hint: did you mean",
        ),
        (
            {"emulator": {"arch": "arm64", "cpu": "cortex-a27"}},
            "unknown CPU, got 'cortex-a27', allowed: cortex-a",
        ),
    ],
)
def test_a_board_that_cannot_be_emulated_is_refused(job: Job, board: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError, match=re.escape(said)):
        qemu_user.infer(replace(job, board=board), 60)


def test_a_missing_emulator_says_what_to_install(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ToolError, match="qemu-aarch64 is not installed\n  hint: apt-get install qemu-user"):
        qemu_user.measure(job, OPTIONS)


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("qemu-aarch64 version 9.1.0", "QEMU 9.1.0 is not supported"),
        ("what?", "which is no version of QEMU"),
    ],
)
def test_another_emulator_is_refused(
    job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, said: str
) -> None:
    fake(tmp_path / "qemu-aarch64", f"echo '{version}'")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(ToolError, match=re.escape(said)):
        qemu_user.measure(job, OPTIONS)


@needs_qemu
@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("kill -SEGV $$", "emulated cortex-a72: the measuring program was killed by SIGSEGV"),
        ("echo 'cannot map' >&2; exit 1", "failed with exit status 1\n  | cannot map"),
        ("echo hello", "0 answers from the measuring program, not one\n  | hello"),
        ("echo 'EDGEWRIGHT-ANSWER {\"protocol\": 1}'", "the answer makes no sense: runtime: Field required"),
    ],
)
def test_an_emulator_that_fails_is_told_of(
    job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, said: str
) -> None:
    system_root.ensure_sysroot("arm64", job.runtime)
    fake(tmp_path / "qemu-aarch64", f'[ "$1" = --version ] && echo "qemu-aarch64 version 7.2.9" && exit\n{script}')
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(DeviceError, match=re.escape(said)):
        qemu_user.measure(job, OPTIONS)


def fake(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_regions_are_read_from_marks() -> None:
    assert _plugin.read_regions("1 100\n2 350\n1 400\n2 650\n") == [250, 250]
    assert _plugin.read_regions("") == []


@pytest.mark.parametrize("record", ["1 100\n", "2 100\n1 200\n", "1 100\n1 200\n", "1 100\n2 many\n", "1\n2\n"])
def test_a_record_that_makes_no_sense_is_refused(record: str) -> None:
    with pytest.raises(DeviceError, match="the instruction counter"):
        _plugin.read_regions(record)


def test_the_mirror_is_that_of_this_machine() -> None:
    uris = [
        "'https://deb.nodesource.com/node_20.x/dists/nodistro/InRelease' x 0",
        "'http://mirror.example/debian-security/dists/bookworm-security/InRelease' x 0",
        "'http://mirror.example/debian/dists/bookworm/InRelease' x 0",
    ]
    assert _apt.choose_mirror(uris, "bookworm") == "http://mirror.example/debian"
    assert _apt.choose_mirror(uris[:1], "bookworm") == _apt.DEFAULT_MIRROR


def test_a_system_without_apt_is_told_what_it_would_take(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ToolError, match=r"apt-get is not installed\n  hint: .*Debian"):
        _apt.unpack("bookworm", "arm64", ["x"], tmp_path)


def test_a_package_that_does_not_exist_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not shutil.which("dpkg-deb") or not _apt.KEYRING.exists():
        pytest.skip("not Debian")
    fake(tmp_path / "apt-get", 'case "$*" in *install*) echo "E: no package nonesuch" >&2; exit 100;; esac')
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(
        ToolError, match=r"downloading Debian packages: apt-get failed with exit status 100\n.*nonesuch"
    ):
        _apt.unpack("bookworm", "arm64", ["nonesuch"], tmp_path)


def test_the_wheels_are_those_of_requirements_lock() -> None:
    lock = (Path(__file__).parents[2] / "requirements.lock").read_text()
    for python in ("3.11", "3.12"):
        for name, version in wheelhouse.wheels_for("aarch64", python, "litert").releases.items():
            release = re.search(rf"^{name}=={re.escape(version)}.*\n((?:    --hash=.*\n)+)", lock, re.MULTILINE)
            assert release
            assert release[1] in wheelhouse.wheels_for("aarch64", python, "litert").text


def test_a_device_gets_what_fits_its_python() -> None:
    assert wheelhouse.wheels_for("aarch64", "3.9", "tflite-runtime").releases == {
        "numpy": "1.26.4",
        "tflite-runtime": "2.14.0",
    }
    assert wheelhouse.wheels_for("x86_64", "3.13", "litert").releases["numpy"].startswith("2.")
    assert list(wheelhouse.wheels_for("armv7l", "3.11", "tflite-runtime").releases) == ["tflite-runtime"]


@pytest.mark.parametrize(
    ("machine", "python", "runtime", "said"),
    [
        (
            "aarch64",
            "3.13",
            "tflite-runtime",
            "got 'Python 3.13', allowed: Python 3.9 to 3.11\n  hint: runtime = \"litert\"",
        ),
        (
            "armv7l",
            "3.13",
            "tflite-runtime",
            'hint: name a Python that fits in [measure], for instance python = "python3.11"',
        ),
        ("armv7l", "3.11", "litert", "got 'armv7l', allowed: aarch64, x86_64\n  hint: runtime = \"tflite-runtime\" is"),
        ("armv6l", "3.11", "tflite-runtime", "got 'armv6l', allowed: aarch64, armv7l, x86_64"),
        ("aarch64", "3.11", "onnx", "runtime: does not run on a Linux device"),
    ],
)
def test_a_device_without_wheels_is_told_what_has_some(machine: str, python: str, runtime: str, said: str) -> None:
    with pytest.raises(UserError, match=re.escape(said)):
        wheelhouse.wheels_for(machine, python, runtime)


def test_uv_stands_in_for_a_missing_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    fake(tmp_path / "uv", f'echo "$@" > {tmp_path}/called')
    (tmp_path / "site").mkdir()
    wheels = wheelhouse.wheels_for("aarch64", "3.11", "litert")
    wheelhouse.install(wheels, tmp_path / "site")
    assert "--python-platform aarch64-manylinux_2_34" in (tmp_path / "called").read_text()
    (tmp_path / "uv").unlink()
    with pytest.raises(ToolError, match="neither pip nor uv is installed"):
        wheelhouse.install(wheels, tmp_path / "site")


def build_slowly(folder: Path) -> None:
    with (folder.parent / "builds").open("a") as log:
        log.write("x")
    (folder / "content").write_text("whole")


def ensure(cache: str) -> None:
    os.environ["EDGEWRIGHT_CACHE"] = cache
    device_cache.ensure("thing", {"a": 1}, build_slowly)


def test_two_builds_at_once_build_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=ensure, args=(str(tmp_path),)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    assert (tmp_path / "devices/builds").read_text() == "x"


def test_a_build_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGEWRIGHT_CACHE", str(tmp_path))

    def fail(folder: Path) -> None:
        (folder / "half").write_text("")
        raise ToolError("no network")

    with pytest.raises(ToolError, match="no network"):
        device_cache.ensure("thing", {}, fail)
    assert [path.name for path in (tmp_path / "devices").iterdir() if not path.name.endswith(".lock")] == []


def test_what_a_killed_build_left_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGEWRIGHT_CACHE", str(tmp_path))
    folder = device_cache.ensure("thing", {"a": 1}, build_slowly)
    shutil.rmtree(folder)
    left = folder.with_name(f".{folder.name}.abc.part")
    left.mkdir()
    assert (device_cache.ensure("thing", {"a": 1}, build_slowly) / "content").read_text() == "whole"
    assert not left.exists()


def test_a_cache_that_cannot_be_written_says_how_to_move_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("EDGEWRIGHT_CACHE", str(tmp_path / "file"))
    with pytest.raises(ToolError, match="hint: set EDGEWRIGHT_CACHE"):
        device_cache.ensure("thing", {}, build_slowly)


def test_a_tool_that_is_too_slow_is_a_tool_error() -> None:
    with pytest.raises(ToolError, match=r"waiting: sleep: no end after 0\.1 s"):
        run.run_tool("waiting", ["sleep", "5"], 0.1)
