"""A device over ssh: set up on first use, measured, and nothing sent twice."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edgewright.devices import Job, host, ssh
from edgewright.files import read_json
from edgewright.stages.device import measure
from tests.ssh.conftest import ARM64, Server, arm64_python, make_job, needs_sshd

pytestmark = needs_sshd


def test_a_device_is_set_up_once_and_measured(server: Server, job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    first = ssh.measure(job, server.options())
    second = ssh.measure(job, server.options(runs=7, threads=2))
    assert capsys.readouterr().out.count("setting up") <= 1
    assert (first.kind, first.figures["runs"], second.figures["runs"], second.figures["threads"]) == (
        "measured",
        5,
        7,
        2,
    )
    figures = first.figures
    assert 0 < figures["min_us"] <= figures["p50_us"] <= figures["p90_us"] <= figures["p99_us"]
    assert figures["latency_us"] == figures["p50_us"]
    assert figures["model_bytes"] == job.model.stat().st_size
    assert figures["peak_rss_bytes"] > 1 << 20
    assert {"mean_us", "stdev_us", "governor", "temperature_before_c", "temperature_after_c", "throttled"} <= set(
        figures
    )
    assert "instructions" not in figures


def test_the_answers_are_those_of_this_machine(server: Server, job: Job) -> None:
    there, here = ssh.measure(job, server.options()).outputs, host.infer(job, 60)
    assert there is not None
    np.testing.assert_array_equal(there.values[0], here.values[0])
    assert there.runtime == here.runtime


def test_nothing_is_sent_twice_and_nothing_is_left_running(server: Server, job: Job) -> None:
    ssh.measure(job, server.options())
    jobs = list((server.cache / "jobs").iterdir())  # other tests kill measurements, which then cannot tidy up
    sent = {path.name: path.stat().st_ctime_ns for path in (server.cache / "store").iterdir()}
    server.program("cat", 'echo "$@" >> ~/cat; exec /bin/cat "$@"')
    ssh.measure(job, server.options())
    assert [path.name for path in (server.cache / "store").iterdir() if path.name not in sent] == []
    received = [line for line in (server.home / "cat").read_text().splitlines() if not line]
    assert received == [""]  # only the watch that ends the program if this side goes
    assert list((server.cache / "jobs").iterdir()) == jobs


def test_a_file_that_rotted_on_the_device_is_sent_again(server: Server, job: Job) -> None:
    ssh.measure(job, server.options())
    for path in (server.cache / "store").iterdir():
        if path.stat().st_size < 100_000:
            path.write_bytes(path.read_bytes()[:-1])
    assert ssh.measure(job, server.options()).outputs is not None


def test_two_user_names_on_a_device_are_one_device(server: Server) -> None:
    one, two = server.options(host="pi@Kitchen.local"), server.options(host="ada@kitchen.local", port=22)
    assert ssh.identity(one) == ssh.identity(two) == "kitchen.local:22"
    assert ssh.identity(server.options(host="kitchen", port=2222)) == "kitchen:2222"


def test_a_device_says_what_it_is(server: Server) -> None:
    assert f"Python {sys.version_info[0]}.{sys.version_info[1]}." in ssh.look(server.options())


def test_the_device_fetches_its_wheels_itself(server: Server, job: Job) -> None:
    ssh.measure(job, server.options(wheels="device"))
    assert list(server.cache.glob("python/*/venv/bin/python"))


def test_a_device_without_pip_has_its_wheels_carried_and_the_folder_may_be_another(
    server: Server, job: Job, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refusing = 'case "$*" in *"-m venv"*) echo "No module named venv" >&2; exit 1;; esac'
    server.program("python3", f'{refusing}\nexec {sys.executable} "$@"')
    folder = tmp_path / "a folder's name"
    assert ssh.measure(job, server.options(folder=str(folder))).outputs is not None
    assert "carrying the wheels there: No module named venv" in capsys.readouterr().out
    assert list(folder.glob("python/*/site/numpy"))


def test_a_64_bit_arm_system_is_measured(server: Server, arm64_root: Path, tmp_path: Path) -> None:
    server.program("python3", arm64_python(arm64_root))
    job = make_job(tmp_path / "m.tflite", "tflite-runtime", ARM64)
    there = ssh.measure(job, server.options(wheels="host"))
    here = host.infer(replace(job, runtime="litert"), 60)
    assert there.figures["cpu"] == "aarch64"
    assert there.outputs is not None
    assert there.outputs.reference is not None
    assert here.reference is not None
    np.testing.assert_array_equal(there.outputs.reference[0], here.reference[0])


def test_the_stage_measures_on_a_device_of_the_lab(
    server: Server, job: Job, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = {"transport": "ssh", "device": "kitchen-pi", **server.options().model_dump(mode="json")}
    options = json.dumps(
        {
            "runtime": job.runtime,
            "board": {"core": {"cpu": "any", "clock": "1 GHz", **job.board["core"]}},
            "measure": asked,
            "data": None,
        }
    )
    out = tmp_path / "latency.json"
    assert measure.main(["--model", str(job.model), "--out", str(out), "--options", options]) == 0
    record = read_json(out)
    assert (record["device"], record["transport"], record["kind"]) == ("kitchen-pi", "ssh", "measured")
    assert record["outputs_agree"]["equal"]
    assert f"us an inference (measured, {record['cpu']}, {job.runtime})" in capsys.readouterr().out
