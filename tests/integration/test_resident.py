"""The resident process of a build: what it forks is like a program that was started, and ends like one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from edgewright.scons import _command, _ending, _stage_server
from edgewright.scons._resident import Resident
from edgewright.surroundings import environment

ALIKE = """\
import atexit, os, sys, tempfile, threading, time
print("words", sys.argv[1:], __name__, __spec__.name, os.path.basename(sys.argv[0]), flush=True)
print("where", os.getcwd(), sorted(os.environ.items()), sys.path, tempfile.gettempdir())
print("hash", hash("edgewright"), sys.stdout.line_buffering, sys.stdout.encoding, sys.stdout.errors, sys.flags)
print("read", repr(sys.stdin.read()))
print("told", file=sys.stderr)
threading.Thread(target=lambda: (time.sleep(0.1), print("thread"))).start()
atexit.register(print, "at exit")
"""
ENDS = ["", "sys.exit(3)", "sys.exit()", "sys.exit('a word')", "1 / 0", "os.kill(os.getpid(), 9)", "sys.exit(-1)"]

HOLDS = """\
import os, sys, time
from pathlib import Path
Path("holds").write_text(f"{os.getpid()} {os.getppid()}")
while not Path("go").exists():
    time.sleep(0.01)
"""

TELLS = """\
import json, os, sys
print(json.dumps([os.getppid(), "wave" in sys.modules, "tflite_runtime" in sys.modules]), flush=True)
import wave, tflite_runtime
"""


class Build:
    """A folder with modules, and a resident for them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = environment()
        self.environment["PYTHONPATH"] = os.pathsep.join(
            [str(folder), str(folder / "my-packages"), self.environment["PYTHONPATH"]]
        )
        self.resident = Resident(folder / "socket", sys.executable, self.environment)

    def write(self, name: str, text: str) -> None:
        (self.folder / f"{name}.py").write_text(text)

    def run(self, *words: str) -> int | None:
        return self.resident.run(words, self.environment)

    def behind(self, *words: str) -> tuple[threading.Thread, list[int | None]]:
        """Run it in a thread that adds what came of it to a list."""
        codes: list[int | None] = []
        thread = threading.Thread(target=lambda: codes.append(self.run(*words)))
        thread.start()
        return thread, codes

    def held(self) -> tuple[int, int]:
        """The numbers of the process that holds, and of its parent, once it does."""
        path = self.folder / "holds"
        until(lambda: path.exists() and path.read_text().count(" ") == 1)
        stage, parent = map(int, path.read_text().split())
        path.unlink()
        return stage, parent


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def lives(pid: int) -> bool:
    """Whether the process is there and no zombie."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Build]:
    monkeypatch.chdir(tmp_path)
    build = Build(tmp_path)
    yield build
    build.resident.close()


def test_a_fork_is_like_a_program(build: Build, capfd: Any) -> None:
    stdin = os.dup(0)
    given = os.open(os.devnull, os.O_RDONLY)
    os.dup2(given, 0)
    for number, end in enumerate(ENDS):
        build.write(f"alike{number}", f"{ALIKE}\n{end}\n" if number == 0 else f"import os, sys\nprint(1)\n{end}\n")
        words = (f"alike{number}", "--a", "b c", "\udcff")
        capfd.readouterr()
        code = build.run(*words)
        forked = capfd.readouterr()
        done = subprocess.run([sys.executable, "-m", *words], env=build.environment, check=False)
        assert code == done.returncode, end
        out, err = capfd.readouterr()
        assert forked.out == out
        assert forked.err.splitlines()[-1:] == err.splitlines()[-1:]
    os.dup2(stdin, 0)
    os.close(stdin)
    os.close(given)


def test_what_two_have_imported_is_imported_for_all(build: Build, capfd: Any) -> None:
    build.write("tells", TELLS)
    told = []
    for _ in range(4):
        assert build.run("tells") == 0
        told.append(json.loads(capfd.readouterr().out))
    assert [row[1] for row in told] == [False, False, True, True]
    assert not any(row[2] for row in told), "TensorFlow's runtime is in no process but those that ask for it"
    assert len({row[0] for row in told}) == 1


def test_code_of_an_imported_module_that_is_edited(build: Build, capfd: Any) -> None:
    (build.folder / "my-packages").mkdir()
    build.write("my-packages/below", "NAME = 'before'\n")
    build.write(
        "above", "import os, sys\nprint('below' in sys.modules)\nimport below\nprint(below.NAME, os.getppid())\n"
    )
    for _ in range(3):
        assert build.run("above") == 0
    before = capfd.readouterr().out.split()
    assert before[6:8] == ["True", "before"]
    build.write("my-packages/below", "NAME = 'afterwards'\n")
    assert build.run("above") == 0
    found, name, resident = capfd.readouterr().out.split()
    assert (found, name) == ("False", "afterwards")
    assert resident != before[8], "another one"


def test_libraries_that_never_share_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("tensorflow.python", "ai_edge_litert", "mine"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    names = ["tensorflow.python", "ai_edge_litert", "mine", "wave", "pydantic.main", "edgewright.text"]
    assert _stage_server.shared([name for name in names if name in sys.modules or __import__(name)]) == names[3:]


@pytest.mark.parametrize("victim", ["stage", "resident"])
def test_killed(build: Build, victim: str) -> None:
    build.write("holds", HOLDS)
    thread, codes = build.behind("holds")
    stage, resident = build.held()
    os.kill(stage if victim == "stage" else resident, signal.SIGKILL)
    thread.join(60)
    assert codes == [-signal.SIGKILL if victim == "stage" else None]
    until(lambda: not lives(stage))
    (build.folder / "go").touch()
    assert build.run("holds") == 0, "the next one is served"
    assert (build.held()[1] == resident) is (victim == "stage")


def test_two_at_once_and_the_end_of_both(build: Build) -> None:
    build.write("holds", HOLDS)
    threads = []
    stages = []
    for _ in range(2):
        threads.append(build.behind("holds"))
        stages.append(build.held())
    assert stages[0][1] == stages[1][1] != os.getpid()
    build.resident.close()
    for thread, codes in threads:
        thread.join(60)
        assert codes == [None]
    until(lambda: not any(map(lives, [stages[0][0], *stages[1]])))
    assert build.run("holds") is None, "nothing is begun after the end"


COSTS = """\
import os
from pathlib import Path
from edgewright import times
used = times._used("costs", 0.0)
above = Path(f"/proc/{os.getppid()}/schedstat").read_text().split()[0]
print(used.cpu_s, int(above) / 1e9, used.peak_bytes)
"""


def test_what_a_stage_took_is_its_own(build: Build, capfd: Any) -> None:
    build.write("costs", COSTS)
    held = bytearray(b"x") * (200 << 20)  # a program begins with the peak of who started it, as getrusage has it
    assert build.run("costs") == 0
    cpu_s, resident_cpu_s, peak = map(float, capfd.readouterr().out.split())
    assert cpu_s < resident_cpu_s
    subprocess.run([sys.executable, "-m", "costs"], env=build.environment, check=True)
    alone = float(capfd.readouterr().out.split()[2])
    assert 1 << 20 < alone <= peak < len(held)


OWNER = """\
import os, sys
from pathlib import Path
from edgewright.scons._resident import Resident
print(Resident(Path("socket"), sys.executable, dict(os.environ)).run(["holds"], dict(os.environ)), flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_signals(build: Build, sent: signal.Signals) -> None:
    """Ctrl-C of a terminal goes to all of the group; the others are sent as the build passes them on."""
    build.write("holds", HOLDS)
    command = [sys.executable, "-c", f"import signal; signal.signal(2, lambda *_: 0)\n{OWNER}"]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    owner = subprocess.Popen(command, env=build.environment, text=True, start_new_session=True, **pipes)
    stage, resident = build.held()
    if sent == signal.SIGINT:
        os.killpg(owner.pid, sent)
    for pid in (stage, resident) if sent == signal.SIGTERM else (owner.pid,) if sent == signal.SIGKILL else ():
        os.kill(pid, sent)
    if sent != signal.SIGKILL:
        assert owner.stdout
        code = {signal.SIGINT: -signal.SIGINT, signal.SIGTERM: -signal.SIGTERM}[sent]
        assert owner.stdout.readline() in (f"{code}\n", "1\n", "130\n")
        assert lives(resident)
        assert not lives(stage)
    owner.kill()
    owner.communicate()
    until(lambda: not lives(stage) and not lives(resident))


def test_what_a_build_makes_of_it(build: Build, monkeypatch: pytest.MonkeyPatch, capfd: Any) -> None:
    build.write("tells", "import os, sys\nprint(os.getppid())\nsys.exit(int(sys.argv[1]))\n")
    words = ["python", "-m", "tells", "3"]
    assert _command._run(words, build.environment, build.resident) == 3
    assert int(capfd.readouterr().out) != os.getpid(), "a fork of the resident"
    assert _command._run(words, {**build.environment, "LANG": "C"}, build.resident) == 3
    assert int(capfd.readouterr().out) == os.getpid(), "with other settings a program"
    build.resident.close()
    assert _command._run(words, build.environment, build.resident) == 3
    ends = threading.Event()
    ends.set()
    monkeypatch.setattr(_ending, "ends", ends)
    assert _command._run(words, build.environment, build.resident) == 128 + signal.SIGTERM, "nothing is begun any more"
