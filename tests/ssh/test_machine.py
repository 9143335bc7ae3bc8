"""The whole way: a booted 64-bit Arm machine, a real ssh server, and the unchanged measuring program.

Its clock counts instructions, so the wall time that it measures repeats. The tests share one machine, in this order.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from edgewright.answers.agreement import runs_here
from edgewright.devices import Job, Measurement, host, ssh
from edgewright.errors import DeviceError
from tests.ssh.conftest import ARM64, make_job
from tests.ssh.machine import PYTHON, RUNTIME, Machine

PROGRAMS = ("qemu-system-aarch64", "qemu-aarch64", "ssh", "apt-get")
MISSING = [program for program in PROGRAMS if not shutil.which(program)]
pytestmark = [
    pytest.mark.slow,  # the machine boots for minutes
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
]


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with Machine(tmp_path_factory.mktemp("machine")) as started:
        started.wait()
        yield started


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Job:
    return make_job(tmp_path_factory.mktemp("job") / "m.tflite", RUNTIME, ARM64)


def measure(machine: Machine, job: Job, **options: Any) -> Measurement:
    asked = {"runs": 20, "warmup": 3, "python": PYTHON, **options}
    return ssh.measure(job, ssh.OPTIONS(host="machine", ssh_config=str(machine.config), **asked))


def test_the_figure_repeats(machine: Machine, job: Job) -> None:
    # Of twenty, a timer's interrupt in one moves the median by a place, which was 64 ns; of 200 it finds equals there.
    first, second = (measure(machine, job, runs=200) for _ in range(2))
    assert first.kind == "measured"
    assert first.figures["min_us"] == second.figures["min_us"]
    assert first.figures["p50_us"] == pytest.approx(second.figures["p50_us"], rel=0.002)  # a tick of its clock: 16 ns
    assert first.outputs is not None
    if runs_here(RUNTIME):
        np.testing.assert_array_equal(first.outputs.values[0], host.infer(job, 60).values[0])


def meanwhile(machine: Machine, command: str) -> threading.Thread:
    """Run a command on the machine once the measuring program runs; $pid is its process."""
    find = "ps | grep '[p]ython3.11 ./_on_device.py' | awk '{print $1; exit}'"
    script = f'touch /tmp/watching; while pid=$({find}); [ -z "$pid" ]; do sleep 0.1; done; {command}'
    machine.shell("rm -f /tmp/watching")
    thread = threading.Thread(target=lambda: print("the watcher's end:", machine.shell(script)))  # for when it fails
    thread.start()
    machine.shell("until [ -e /tmp/watching ]; do sleep 0.1; done")  # or a busy machine would look when all is over
    return thread


def test_a_program_that_the_kernel_kills_for_want_of_memory(machine: Machine, job: Job) -> None:
    kernel = meanwhile(machine, "echo 1000 > /proc/$pid/oom_score_adj; echo f > /proc/sysrq-trigger")
    with pytest.raises(
        DeviceError, match=r"(?s)machine: .*was killed for want of memory of \d+ MiB\n.*  hint: end other"
    ):
        measure(machine, job, runs=100_000, warmup=100_000)
    kernel.join()


def test_a_machine_that_starts_anew(machine: Machine, job: Job) -> None:
    button = meanwhile(machine, "echo b > /proc/sysrq-trigger")
    with pytest.raises(DeviceError, match="machine: it was started anew during the measurement\n  hint: look at"):
        measure(machine, job, runs=100_000, warmup=100_000)
    button.join()
    assert "Debian" in machine.shell("cat /proc/version").stdout
