"""Transport adb: the real adb client against a stand-in of the phone's side (see adbd.py)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgewright.devices import Job, Measurement, _adb, _benchmark_model, adb, host
from edgewright.errors import DeviceError, UserError

from . import adbd
from .conftest import needs_phone

pytestmark = needs_phone
STORE = "/data/local/tmp/edgewright/store/"


def measured(job: Job, address: str, **options: Any) -> Measurement:
    return adb.measure(job, adb.Options(serial=address, runs=6, warmup=1, **options))


def test_a_measurement_and_what_stays_on_the_phone(job: Job, phone: adbd.Phone, address: str) -> None:
    found = measured(job, address, cpus="0")
    assert found.kind == "measured"
    assert found.outputs is not None
    here = host.infer(replace(job, check_samples=0), 60.0)
    difference = found.outputs.values[0].astype(int) - here.values[0].astype(int)
    assert np.abs(difference).max() <= 1
    figures = found.figures
    assert 0 < figures["min_us"] <= figures["latency_us"] <= figures["p99_us"]
    expected = {"runs": 6, "threads": 1, "cpus": "0", "xnnpack": True, "cpu": "EW76", "device": "Stand-in"}
    assert figures | expected == figures
    assert (figures["governor"], figures["temperature_before_c"]) == ("schedutil", 41.5)
    assert figures["throttled"] == ["the clock is held to 1800 of 2400 MHz"]
    assert dict(found.tools)["ai-edge-litert"] == "2.3.0"
    folder = phone.path("/data/local/tmp/edgewright")
    assert list((folder / "jobs").iterdir()) == []
    assert not list(folder.rglob("*.part"))
    phone.pushed.clear()
    measured(job, address)
    assert phone.pushed == []  # nothing is sent twice


def test_a_model_with_state_starts_afresh_for_what_is_compared(stream: Job, address: str) -> None:
    found = measured(stream, address)
    assert found.outputs is not None
    np.testing.assert_array_equal(found.outputs.values[0], np.cumsum(stream.samples[0], axis=0))
    assert found.figures["first_us"] > 0
    assert found.figures["runs"] == 6


def test_a_damaged_file_is_sent_again_and_a_damaged_copy_is_refused(
    job: Job, phone: adbd.Phone, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected = _adb.connect(address)
    stored = phone.path(connected.store(job.model))
    stored.write_bytes(b"x" + stored.read_bytes()[1:])
    assert phone.path(connected.store(job.model)).read_bytes() == job.model.read_bytes()
    stored.unlink()
    send = Path.write_bytes
    monkeypatch.setattr(Path, "write_bytes", lambda path, data: send(path, data[:-1] + b"?"))
    with pytest.raises(DeviceError, match=r"(?s)while checking m.tflite .*the copy that arrived is not whole"):
        connected.store(job.model)
    assert list(stored.parent.iterdir()) == []


def test_nobody_listens(job: Job, use_adb: None) -> None:
    with pytest.raises(DeviceError, match=r"(?s)127.0.0.1:9: cannot be reached.*Connection refused.*adb tcpip 5555"):
        measured(job, "127.0.0.1:9")


def test_no_phone_and_several(job: Job, address: str) -> None:
    with pytest.raises(DeviceError, match=r"adb sees no phone\n  hint: plug one in with USB debugging on"):
        adb.measure(job, adb.Options())
    with pytest.raises(DeviceError, match=r"ABC: no such phone; adb sees no phone"):
        measured(job, "ABC")
    _adb.connect(address)
    assert _adb.connect(None).serial == address
    with pytest.raises(DeviceError, match=f"ABC: no such phone; adb sees {address}"):
        measured(job, "ABC")


def test_a_phone_that_trusts_nobody(job: Job, phone: adbd.Phone, address: str) -> None:
    phone.mode = "unauthorized"
    with pytest.raises(DeviceError, match=r"does not trust this machine\n  hint: unlock it and allow USB debugging"):
        measured(job, address)


def test_a_phone_that_is_offline(job: Job, phone: adbd.Phone, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_adb, "_SETTLE_S", 0.3)
    _adb.connect(address)
    phone.mode, phone.gone_after = "offline", 0  # the link ends, and is not taken up again
    _adb.adb(["-s", address, "shell", "true"], 30.0)
    phone.gone_after = None
    with pytest.raises(DeviceError, match=r"offline|no such phone|cannot be reached"):
        _adb.connect(address)


def test_several_phones(job: Job, phone: adbd.Phone, address: str, tmp_path: Path) -> None:
    other = adbd.Phone(tmp_path / "other", "")
    with adbd.listening(other) as second:
        for one in (address, second):
            _adb.connect(one)
        with pytest.raises(
            DeviceError, match=r"(?s)adb sees several phones: .* hint: choose one in \[measure\]: serial"
        ):
            adb.measure(job, adb.Options())


def test_gone_in_the_middle_of_a_copy(job: Job, phone: adbd.Phone, address: str) -> None:
    phone.gone_after = 2_000_000
    with pytest.raises(DeviceError, match=r"(?s)it went away.*what was half sent is never used"):
        measured(job, address)
    assert not list(phone.path("/data/local/tmp/edgewright").glob("kit-*[0-9a-f]"))
    phone.gone_after = None
    assert measured(job, address).kind == "measured"


def test_full_disk(job: Job, phone: adbd.Phone, address: str) -> None:
    phone.free_bytes = 1_000_000
    with pytest.raises(DeviceError, match=r"(?s)its disk is full, while copying ld-linux.*No space left on device"):
        measured(job, address)
    assert not list(phone.path("/data/local/tmp/edgewright").glob("kit-*"))


@pytest.mark.parametrize(
    ("emulator", "message"),
    [
        ("sh -c 'kill -9 $$'", r"(?s)was killed \(SIGKILL\).*hint: phones kill what takes too much memory"),
        ("sh -c 'kill -11 $$'", r"crashed \(signal 11\)"),
        ("sh -c 'echo error: it is broken >&2; exit 2'", r"(?s)failed with exit status 2.*it is broken"),
        ("sh -c 'exec sleep 30'", r"no answer after 1 s\n  hint: raise `timeout`"),
        ("true", r"failed while fetching answer.json"),
        ("sh -c 'echo {} > answer.json; touch outputs.bin'", "the answer makes no sense: protocol: Field required"),
        ("sh -c 'echo no > answer.json; touch outputs.bin'", "the answer is no JSON"),
    ],
)
def test_a_program_that_goes_wrong(job: Job, phone: adbd.Phone, address: str, emulator: str, message: str) -> None:
    phone.emulator = emulator
    timeout = "1 s" if "sleep" in emulator else "60 s"
    with pytest.raises(DeviceError, match=message):
        measured(job, address, timeout=timeout)
    assert list(phone.path("/data/local/tmp/edgewright/jobs").iterdir()) == []


def test_outputs_that_are_not_those_of_the_answer(job: Job, phone: adbd.Phone, address: str) -> None:
    phone.emulator = f"{phone.emulator} $1 $2 $3 $4 $5 $6 $7 outputs.bin $9 && printf x >> outputs.bin; true"
    script = phone.root / "spoil"
    adbd.script(script, f'{phone.emulator.partition(" $1")[0]} "$@"; printf x >> outputs.bin')
    phone.emulator = str(script)
    with pytest.raises(DeviceError, match="the file of outputs is not the one that the device wrote"):
        measured(job, address)


def test_another_architecture(job: Job, phone: adbd.Phone, address: str) -> None:
    phone.properties["ro.product.cpu.abi"] = "armeabi-v7a"
    with pytest.raises(DeviceError, match="wrong architecture: its programs are armeabi-v7a, not arm64-v8a"):
        measured(job, address)


def test_what_the_phone_is(address: str) -> None:
    options = adb.Options(serial=address)
    assert adb.look(options) == "Stand-in, EW76, Android 14"
    assert adb.identity(options) == f"adb:{address}"


def test_another_runtime(job: Job) -> None:
    with pytest.raises(UserError, match="does not run on a phone, got 'tflite-runtime', allowed: litert"):
        adb.measure(replace(job, runtime="tflite-runtime"), adb.Options())


BENCHMARK = """\
INFO: STARTING!
INFO: Graph: [m.tflite]
INFO: Running benchmark for at least 1 iterations and at least 0 seconds but terminate if exceeding 1000000 seconds.
INFO: count=1 curr=1357602 p5=1357602 median=1357602 p95=1357602

INFO: count=6 first=1249 curr=1240 min=1238 max=1252 avg=1240.27 std=25 p5=1238 median=1239 p95=1247

INFO: Inference timings in us: Init: 5579, First inference: 1357602, Warmup (avg): 1.3576e+06, Inference (avg): 1240.27
"""


def test_benchmark_model_is_run_and_read(job: Job, phone: adbd.Phone, address: str, tmp_path: Path) -> None:
    program = tmp_path / "benchmark_model"
    adbd.script(program, f"echo \"$@\" >&2\ncat <<'END'\n{BENCHMARK}END")
    found = measured(job, address, benchmark=str(program), threads=2, xnnpack=False, cpus="0")
    assert found.outputs is None
    assert found.figures["latency_us"] == 1239
    assert (found.figures["latency_is"], found.figures["mean_us"], found.figures["runs_done"]) == ("median", 1240.27, 6)
    assert found.figures["runner"] == "benchmark_model"
    assert "first_us" not in found.figures
    again = measured(replace(job, has_state=True), address, benchmark=str(program))
    assert again.figures["first_us"] == 1357602
    ran = next(command for command in phone.commands if "--graph" in command)
    assert f"taskset 1 {STORE}" in ran
    assert "--num_runs=6 --warmup_runs=1 --num_threads=2 " in ran
    assert "--use_xnnpack=false" in ran
    with pytest.raises(UserError, match=r"\[measure\] benchmark: no such file"):
        measured(job, address, benchmark=str(tmp_path / "none"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "benchmark_model measured nothing"),
        (BENCHMARK.partition("count=6")[0], "measured nothing"),  # it ended after its warm-up
        (BENCHMARK.replace("count=6", "count=5"), "make no sense"),
        (BENCHMARK.replace("avg=1240.27", "avg=124.027"), "make no sense"),
        (BENCHMARK + "ERROR: Failed to allocate", "(?s)measured nothing.*Failed to allocate"),
    ],
)
def test_figures_of_benchmark_model_that_are_none(text: str, message: str) -> None:
    with pytest.raises(DeviceError, match=message):
        _benchmark_model.parse("phone", text, 6)


def test_figures_of_an_older_benchmark_model() -> None:
    text = "count=50 first=249042 curr=250889 min=247067 max=254474 avg=249684 std=1442\n"
    text += (
        "Inference timings in us: Init: 16242, First inference: 360262, Warmup (avg): 304586, Inference (avg): 249684"
    )
    found = _benchmark_model.parse("phone", text, 50)
    assert (found["latency_us"], found["latency_is"], found["stdev_us"]) == (249684, "mean", 1442)
