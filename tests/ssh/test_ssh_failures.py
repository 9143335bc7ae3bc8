"""Every way in which a device over ssh fails, brought about for real where it can be: each message names its cause."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from edgewright.devices import Job, _lock, _remote_job, ssh
from edgewright.devices._ssh_errors import connection_error
from edgewright.errors import DeviceError, ToolError
from tests.ssh.conftest import Server, children, free_port, keygen, needs_sshd, write_config

pytestmark = needs_sshd


def fails(said: str) -> Any:
    return pytest.raises(DeviceError, match=f"(?s)^device: .*{said}")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"Port": "{closed}"}, r"no ssh server answers at port \d+\n.*Connection refused\n  hint: switch it on"),
        ({"HostName": "nowhere.invalid"}, "no such host name\n.*hint: check the spelling"),
        ({"IdentityFile": "{stranger}"}, "it refuses the key\n.*Permission denied.*hint: ssh-copy-id device"),
        ({"UserKnownHostsFile": "/dev/null"}, "host key is unknown to this machine\n.*hint: run once: ssh device"),
        ({"Nonsense": "yes"}, "the ssh configuration is wrong\n.*Bad configuration option: nonsense"),
        ({"ProxyCommand": "sleep 30", "ConnectTimeout": "1"}, "it is not reachable|connection was lost"),
    ],
)
def test_a_device_that_cannot_be_reached(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, str], said: str
) -> None:
    monkeypatch.setattr("edgewright.devices._ssh._CONNECT_TIMEOUT_S", 1)
    keygen(tmp_path / "stranger")
    places = {"closed": free_port(), "stranger": tmp_path / "stranger"}
    write_config(server, **{key: value.format(**places) for key, value in change.items()})
    with fails(said):
        ssh.look(server.options())


def test_a_host_key_that_changed(server: Server, tmp_path: Path) -> None:
    keygen(tmp_path / "other")
    key = (tmp_path / "other.pub").read_text()
    (server.folder / "known_hosts").write_text(f"[127.0.0.1]:{server.port} {key}")
    with fails("its host key has changed .*hint: if the device was set up anew: ssh-keygen -R"):
        ssh.look(server.options())


def test_host_keys_are_verified_whatever_the_configuration_says(server: Server) -> None:
    write_config(server, UserKnownHostsFile="/dev/null", StrictHostKeyChecking="no")
    with fails("host key is unknown"):
        ssh.look(server.options())


def test_a_device_in_another_network() -> None:
    said = "ssh: connect to host 10.0.0.9 port 22: No route to host"
    assert "it is not reachable" in str(connection_error("pi@10.0.0.9", "22", said))


def test_files_of_the_connection_that_do_not_exist(server: Server) -> None:
    with pytest.raises(ToolError, match=r"no-such-key does not exist\n  hint: see identity and ssh_config"):
        ssh.look(server.options(identity="no-such-key"))


def test_no_ssh_here(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ToolError, match=r"ssh is not installed\n  hint: apt-get install openssh-client"):
        ssh.look(server.options())


def test_another_architecture(server: Server, job: Job) -> None:
    with fails(f"wrong architecture: it is {os.uname().machine}.*; the target's board is aarch64\n  hint: name"):
        ssh.measure(replace(job, board={"core": {"arch": "aarch64"}}), server.options())


def probe(**change: object) -> str:
    """A `python3` that says of itself what it is not."""
    answer = {
        "python": (3, 11, 2),
        "bits": 64,
        "machine": os.uname().machine,
        "model": None,
        "boot_id": None,
        "memory_bytes": None,
        "folder": "/nonexistent/edgewright",
        "free_bytes": 1 << 40,
        **change,
    }
    text = repr(answer).replace("(", "[").replace(")", "]").replace("'", '"').replace("None", "null")
    return f"cat >/dev/null; echo 'EDGEWRIGHT-ANSWER {text}'"


@pytest.mark.parametrize(
    ("change", "runtime", "said"),
    [
        ({"python": (2, 7, 18)}, "litert", "not released for it, got 'Python 2.7', allowed: Python 3.10 to 3.14"),
        ({"python": (3, 13, 1)}, "tflite-runtime", "got 'Python 3.13'.*hint: runtime = \"litert\" is"),
        ({"python": (3, 8, 1)}, "tflite-runtime", "got 'Python 3.8'.*hint: name a Python that fits in .measure."),
        ({"free_bytes": 50 << 20}, "litert", "its disk is full: 50 MiB are free .*litert needs 200\n  hint: make room"),
        ({"bits": 32, "machine": "aarch64"}, "litert", "it is armv7l, a 32-bit system on a aarch64 kernel"),
        ({"folder": "/proc/edgewright"}, "litert", "No such file or directory"),
    ],
)
def test_a_device_that_is_not_able(server: Server, job: Job, change: dict[str, Any], runtime: str, said: str) -> None:
    server.program("python3", probe(**change))
    with fails(said):
        ssh.measure(replace(job, runtime=runtime), server.options(wheels="host"))


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo Welcome to my device", "0 answers from the measuring program, not one\n  . Welcome"),
        ('cat >/dev/null; echo \'EDGEWRIGHT-ANSWER {"python": "yes"}\'', "its answer makes no sense"),
        ("echo 'cannot map zero-fill pages' >&2; exit 1", "failed with exit status 1\n  . cannot map"),
        ("exec nonesuch-python", "it has no python3\n.*hint: sudo apt install python3"),
    ],
)
def test_a_device_that_answers_nonsense(server: Server, script: str, said: str) -> None:
    server.program("python3", script)
    with fails(said):
        ssh.look(server.options())


def test_a_device_without_numpy(server: Server, job: Job, tmp_path: Path) -> None:
    """As a 32-bit Arm system, for which the registry has none: here only the import fails."""
    refusing = 'case "$*" in *"import importlib"*) echo "No module named \'numpy\'" >&2; exit 1;; esac'
    server.program("python3", f'{refusing}\nexec {sys.executable} "$@"')
    with fails("hint: there is no numpy for this architecture on PyPI; sudo apt install python3-numpy"):
        ssh.measure(job, server.options(folder=str(tmp_path / "d"), wheels="host"))
    assert list((tmp_path / "d/python").iterdir()) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], check=False)
    if mounted.returncode:
        pytest.skip("a disk cannot be mounted here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk(server: Server, job: Job, small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgewright.devices._device_python._SPACE_BYTES", 0)
    with fails(r"its disk is full while copying site\.zip\n.*No space left on device\n  hint: make room"):
        ssh.measure(job, server.options(folder=str(small_disk), wheels="host"))
    assert list((small_disk / "store").iterdir()) == []


@pytest.fixture
def ready(server: Server, job: Job) -> Server:
    """The device, set up."""
    ssh.measure(job, server.options())
    return server


def when_running(server: Server, act: Callable[[int], None]) -> threading.Thread:
    """Stop the measuring program once it runs, and do something to it; `act` is given its process."""

    def watch() -> None:
        assert server.process
        for _ in range(600):
            for child in children(server.process.pid):
                with contextlib.suppress(OSError):
                    words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
                    if words[1:2] == [b"./_on_device.py"]:
                        os.kill(child, signal.SIGSTOP)  # it must not be done before
                        return act(child)
            time.sleep(0.05)
        return None

    thread = threading.Thread(target=watch)
    thread.start()
    return thread


LONG = {"runs": 100_000, "timeout": "60 s"}


def test_a_program_that_somebody_kills(ready: Server, job: Job) -> None:
    killer = when_running(ready, lambda process: os.kill(process, signal.SIGKILL))
    with fails(r"the measuring program was killed by somebody there \(SIGKILL\)"):
        ssh.measure(job, ready.options(**LONG))
    killer.join()


def test_a_program_that_crashes(ready: Server, job: Job) -> None:
    def crash(process: int) -> None:
        os.kill(process, signal.SIGSEGV)
        os.kill(process, signal.SIGCONT)

    killer = when_running(ready, crash)
    with fails("the measuring program was killed by SIGSEGV"):
        ssh.measure(job, ready.options(**LONG))
    killer.join()


def test_a_time_out_ends_the_program_there_too(ready: Server, job: Job) -> None:
    seen: list[int] = []
    watcher = when_running(ready, seen.append)
    with fails("no answer after 3 s\n  hint: raise `timeout`"):
        ssh.measure(job, ready.options(runs=100_000, timeout="3 s"))
    watcher.join()
    assert seen
    assert gone(seen[0])


def gone(process: int) -> bool:
    for _ in range(100):
        if not Path(f"/proc/{process}").exists():
            return True
        time.sleep(0.05)
    return False


def test_a_connection_that_is_cut(ready: Server, job: Job) -> None:
    seen: list[int] = []

    def act(process: int) -> None:
        seen.append(process)
        cut_connections(ready)

    watcher = when_running(ready, act)
    with fails("the connection was lost\n.*the device itself stayed up\n  hint: build again"):
        ssh.measure(job, ready.options(**LONG))
    watcher.join()
    assert gone(seen[0])


def cut_connections(server: Server) -> None:
    """Kill the server's side of each connection, and not the programs that it started."""
    assert server.process
    for child in children(server.process.pid):
        with contextlib.suppress(OSError):
            if Path(f"/proc/{child}/comm").read_text().strip().startswith("sshd"):
                os.kill(child, signal.SIGKILL)


def test_a_device_that_goes_away(ready: Server, job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_remote_job, "RETURN_PATIENCE_S", 1.0)
    watcher = when_running(ready, lambda _: ready.stop())
    with fails("the connection was lost.*it does not come back within 1 s\n  hint: it was switched off"):
        ssh.measure(job, ready.options(**LONG))
    watcher.join()


def test_a_device_that_starts_anew(ready: Server, job: Job) -> None:
    """Its connection is cut, and then it has another boot id."""

    def act(_: int) -> None:
        ready.program("cat", "echo another")
        cut_connections(ready)

    watcher = when_running(ready, act)
    with fails("it was started anew during the measurement\n  hint: look at its power supply"):
        ssh.measure(job, ready.options(**LONG))
    watcher.join()


def test_a_copy_that_is_cut_is_never_used(server: Server, job: Job, tmp_path: Path) -> None:
    server.program("cat", 'if [ $# = 0 ]; then exec head -c 50; fi; exec /bin/cat "$@"')
    with fails("copying .* failed with exit status 1\n  . the copy that arrived is not whole"):
        ssh.measure(job, server.options(folder=str(tmp_path / "d"), wheels="host"))
    assert list((tmp_path / "d/store").iterdir()) == []


def test_a_device_that_another_machine_measures_on(
    ready: Server, job: Job, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    busy = ready.cache / "busy"
    busy.write_text("process 7 of ada on lab2\n")
    other = subprocess.Popen(["flock", str(busy), "sleep", "60"])
    try:
        time.sleep(0.3)
        monkeypatch.setattr(_lock, "PATIENCE_S", 0.0)
        with fails("busy with process 7 of ada on lab2"):
            ssh.measure(job, ready.options())
        monkeypatch.setattr(_lock, "PATIENCE_S", 60.0)
        release = SimpleNamespace(monotonic=time.monotonic, sleep=lambda _: os.kill(children(other.pid)[0], 9))
        monkeypatch.setattr(_remote_job, "time", release)
        assert ssh.measure(job, ready.options()).outputs is not None
        assert "waiting for device: busy with process 7 of ada on lab2" in capsys.readouterr().out
    finally:
        other.kill()
        other.wait()


def test_a_name_that_ssh_would_take_for_a_flag(server: Server) -> None:
    with pytest.raises(ValueError, match="host"):
        server.options(host="-oProxyCommand=true")


def test_no_connection_is_left_behind(server: Server) -> None:
    ssh.look(server.options())
    for _ in range(40):
        if not (left := clients(server)):
            break
        time.sleep(0.1)
    assert left == []


def clients(server: Server) -> list[Path]:
    """Processes of ssh that hold a connection to the device."""
    found = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if str(server.config).encode() in process.read_bytes():
                found.append(process)
    return found
