"""What other machines cost: a stage on a worker beside one here, and a whole build on two workers beside -j2.

python -m benchmarks.machines [--stages 30] [--build] [--target mcu] [--model digits] [--far 50]

Scheduler and workers are those of `edgewright scheduler` and `edgewright worker`, on loopback. The figures of a stage
are medians; processor time is that of all processes, also of those that outlive who started them. `--build` takes some
minutes: it builds a project four times, each time in a folder of its own, without a cache: here, twice on the same two
workers, and here again, since what else a machine does moves processor time, too. `--far` has each byte between the
scheduler and all others take so many milliseconds, both ways.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

from edgewright.executors import Needs, Tls, address_of
from edgewright.files import sha256_file
from edgewright.remote import Remote, Shipment
from edgewright.surroundings import environment
from testbench.far import far

ROOT = Path(__file__).parents[1]
_SUBREAPER = 36  # <linux/prctl.h>: what outlives who started it becomes our child, so that its time counts
_AT_REST_S = 0.1  # in two seconds: scheduler and workers that wait take less
_WORDS = ("python", "-I", "-S", "-c", "open('out', 'w').write(open('in').read())")
_PROJECT = """\
DefaultEnvironment(tools=[])
SetOption("no_progress", True)
env = Environment(tools=["edge"], toolpath=[PyPackageDir("edgewright.scons")])
env.EdgeProject(target="mcu")
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stages", type=int, default=30, help="stages that are timed")
    parser.add_argument("--build", action="store_true", help="a whole build as well")
    parser.add_argument("--target", default="mcu")
    parser.add_argument("--model", default="digits")
    parser.add_argument("--far", type=float, default=0, metavar="MS", help="milliseconds from and to the scheduler")
    options = parser.parse_args(argv)
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    with tempfile.TemporaryDirectory() as folder:
        _stages(Path(folder), options.stages, options.far / 1e3)
        if options.build:
            _builds(Path(folder), options.target, options.model, options.far / 1e3)
    return 0


def _stages(folder: Path, count: int, delay_s: float) -> None:
    with _cluster(folder, 1, delay_s, "--cold") as (address, started):
        (folder / "in").write_text("x" * 100_000)
        remote = Remote(address_of(address, Tls(), "address"), folder, threading.Event())
        needs = Needs(ram_bytes=1)
        stage = Shipment(_WORDS, "a stage", needs, {"in": sha256_file(folder / "in")}, ("out",), environment={})
        if remote.run(stage):
            raise SystemExit("the stage failed")
        local = environment()
        here = [_timed(lambda: subprocess.run(_WORDS, cwd=folder, env=local, check=True)) for _ in range(count)]
        before = _of(started) + time.process_time()
        there = [_timed(lambda: remote.run(stage)) for _ in range(count)]
        used = (_of(started) + time.process_time() - before) / count * 1e3
        remote.close()
    more = (statistics.median(there) - statistics.median(here)) * 1e3
    print(f"a stage here {statistics.median(here) * 1e3:.0f} ms, on a worker {more:.0f} ms more", flush=True)
    print(f"  processor time of build, scheduler and worker besides the stage: {used:.0f} ms", flush=True)


def _of(processes: Sequence[subprocess.Popen[str]]) -> float:
    """Seconds of processor time that they took so far, without those that they started."""
    return sum(sum(_ticks(each.pid)[:2]) for each in processes) / os.sysconf("SC_CLK_TCK")


def _timed(work: object) -> float:
    begin = time.monotonic()
    work()  # type: ignore[operator]
    return time.monotonic() - begin


def _builds(folder: Path, target: str, model: str, delay_s: float) -> None:
    words = ["-j2", f"target={target}", f"model={model}", "cache=off"]
    build = lambda name, *more: _cost(lambda: _build(_project(folder / name, model), [*words, *more]))  # noqa: E731
    here = [build("here-0")]
    before = _spent()
    with _cluster(folder, 2, delay_s) as (address, _):
        start = _settled() - before
        there = [build(f"there-{number}", f"executor={address}") for number in range(2)]
    here.append(build("here-1"))
    mean = statistics.mean(here)
    print(f"{target}, {model}: processor time of -j2 here {here[0]:.1f} and {here[1]:.1f} s")
    print(f"  of scheduler and two workers, to start with TensorFlow {start:.1f} s")
    for which, spent in zip(("first", "further"), there, strict=True):
        print(f"  of a {which} build on them {spent:.1f} s, {spent / mean - 1:+.1%}")
    _compare(folder / "here-0/build", folder / "there-1/build")


def _cost(work: Callable[[], None]) -> float:
    """Processor time that all processes of ours take meanwhile, also those that run before and after."""
    begin = _spent()
    work()
    return _spent() - begin


def _compare(here: Path, there: Path) -> None:
    found = [
        sorted(path.relative_to(top) for path in top.rglob("*") if path.is_file() and not path.name.startswith("."))
        for top in (here, there)
    ]
    other = [path for path in found[0] if (here / path).read_bytes() != (there / path).read_bytes()]
    print(f"  files: {len(found[0])}, the same on workers: {found[0] == found[1] and not other}")


def _project(folder: Path, model: str) -> Path:
    shutil.copytree(ROOT / "models" / model, folder / "models" / model)
    (folder / "SConstruct").write_text(_PROJECT)
    return folder


def _build(folder: Path, words: Sequence[str]) -> None:
    subprocess.run([sys.executable, "-m", "edgewright.scons", *words], cwd=folder, env=_environment(), check=True)


def _spent() -> float:
    """Seconds of processor time that all processes of ours took so far: those that have ended, and those that run.

    What has ended counts with who waited for it; that is this process for what outlived who started it.
    """
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return usage.ru_utime + usage.ru_stime + sum(sum(_ticks(child)) for child in children) / os.sysconf("SC_CLK_TCK")


def _settled() -> float:
    """The same, once nothing of ours has anything to do: workers start TensorFlow while they wait."""
    spent, before = _spent(), -1.0
    while spent - before > _AT_REST_S:
        before = spent
        time.sleep(2)
        spent = _spent()
    return spent


def _ticks(process: int | str) -> list[int]:
    """Processor time of a process in user and kernel mode, and that of its children that ended; in clock ticks."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return [int(field) for field in fields[11:15]]


@contextmanager
def _cluster(
    folder: Path, workers: int, delay_s: float, *more: str
) -> Iterator[tuple[str, Sequence[subprocess.Popen[str]]]]:
    """A scheduler and workers with a core each and these options; gives the address and the processes."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    with far(port, delay_s) if delay_s else nullcontext(port) as reached:
        address = f"dask://127.0.0.1:{reached}"
        started = [_start("scheduler", f"dask://127.0.0.1:{port}")]
        names = (folder / f"worker-{number}" for number in range(workers))
        started += [_start("worker", address, "--cpu", "1", *more, "--folder", str(name)) for name in names]
        try:
            for process in started:
                assert process.stdout  # noqa: S101 - it is piped
                process.stdout.readline()
            yield address, started
        finally:
            for process in reversed(started):
                process.send_signal(signal.SIGTERM)
                process.communicate()


def _start(*words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", f"edgewright.commands.{words[0]}", *words[1:]]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=_environment())


def _environment() -> dict[str, str]:
    """Ours, with bytecode that is kept, as after an installation."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPATH": str(ROOT)}


if __name__ == "__main__":
    sys.exit(main())
