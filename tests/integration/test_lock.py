"""One measurement at a time on a device: across processes, within a build, and after a holder that was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from edgewright.devices import _lock, hold, holder
from edgewright.errors import DeviceError, ToolError

HOLD = """
import time
from edgewright.devices import hold

with hold("pi:22", "measuring m"):
    print("has it", flush=True)
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EDGEWRIGHT_CACHE", str(tmp_path))
    return tmp_path


def another_build() -> subprocess.Popen[str]:
    """A process that holds the device."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    process = subprocess.Popen([sys.executable, "-c", HOLD], stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout
    assert process.stdout.readline() == "has it\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()


def test_a_device_is_free_before_and_after() -> None:
    assert holder("pi:22") is None
    with hold("pi:22", "measuring m"):
        assert f"measuring m (process {os.getpid()} of " in str(holder("pi:22"))
        assert holder("pi:2222") is None
    assert holder("pi:22") is None


def test_another_build_waits_and_says_for_whom(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = another_build()
    monkeypatch.setattr("time.sleep", lambda _: end(other))  # when this side begins to wait
    with hold("pi:22", "measuring n"):
        printed = capsys.readouterr()
    assert f"waiting for pi:22: busy with measuring m (process {other.pid} of " in printed.out


def test_the_lock_of_a_killed_build_is_void_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    other = another_build()
    end(other)
    assert holder("pi:22") is None
    with hold("pi:22", "measuring n"):
        assert "measuring n" in str(holder("pi:22"))
    assert f"process {other.pid} of " in (printed := capsys.readouterr().err)
    assert "has left its lock on pi:22; it is void" in printed


def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_lock, "PATIENCE_S", 0.0)
    other = another_build()
    try:
        with pytest.raises(DeviceError, match=r"pi:22: busy with measuring m \(process"), hold("pi:22", "measuring n"):
            pass
    finally:
        end(other)


def test_two_devices_of_like_names_have_locks_of_their_own(cache: Path) -> None:
    assert _lock.lock_path("a/b:22") != _lock.lock_path("a:b:22")
    assert _lock.lock_path("a/b:22").parent == cache / "locks"


def test_a_cache_that_cannot_be_written(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (cache / "file").write_text("")
    monkeypatch.setenv("EDGEWRIGHT_CACHE", str(cache / "file"))
    with pytest.raises(ToolError, match="hint: set EDGEWRIGHT_CACHE"), hold("pi:22", "measuring m"):
        pass
