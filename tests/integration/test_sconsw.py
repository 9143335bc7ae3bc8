"""sconsw from a bare checkout to scons, with a real environment and pip, but packages of a few bytes from this disk."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

SCONS = """
import os, sys
def main():
    print("scons", sys.argv[1:], os.getcwd(), os.environ["VIRTUAL_ENV"], os.environ.get("PYTHONPATH"))
"""

# stands for uv: notes its arguments in the project's folder, waits while a file `hang` is there, fails by order
UV = """
import pathlib, sys, time
def main():
    root, venv = pathlib.Path.cwd(), pathlib.Path(sys.prefix)
    with (root / "uv.log").open("a") as log:
        print(*sys.argv[4:6], file=log)
    while (root / "hang").exists():
        time.sleep(0.02)
    if (root / "fail").exists():
        sys.exit("uv is out of order")
    (venv / "bin" / "scons").write_text((root / "scons.py").read_text() + "main()")
"""

# the least that pip takes for the builder of an editable install
BACKEND = """
import zipfile
def build_editable(folder, settings=None, metadata=None):
    with zipfile.ZipFile(f"{folder}/tiny-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tiny-1.dist-info/METADATA", "Metadata-Version: 2.1\\nName: tiny\\nVersion: 1\\n")
        wheel.writestr("tiny-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("tiny-1.dist-info/RECORD", "")
    return "tiny-1-py3-none-any.whl"
"""
PYPROJECT = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'


def write_wheel(folder: Path, name: str, source: str) -> str:
    """A package whose one command is `main` of this source; returns its lines of a lock file."""
    path, info = folder / f"{name}-9.0-py3-none-any.whl", f"{name}-9.0.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{name}_tiny.py", source)
        wheel.writestr(f"{info}/entry_points.txt", f"[console_scripts]\n{name} = {name}_tiny:main\n")
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 9.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return f"{name}==9.0 \\\n    --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


@dataclass
class Checkout:
    """A project of which sconsw knows nothing but its files."""

    folder: Path
    wheels: Path
    environment: dict[str, str] = field(default_factory=dict)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        pip = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.wheels), "PIP_CONFIG_FILE": os.devnull}
        return subprocess.Popen(
            ["./sconsw", *arguments],
            cwd=self.folder,
            env={**os.environ, **pip, "PYTHON": sys.executable, **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, standard output and standard error."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=300)
        return process.returncode, out, err

    def uv_calls(self) -> list[str]:
        return (self.folder / "uv.log").read_text().splitlines()

    def wait_for_uv(self, calls: int) -> None:
        deadline = time.monotonic() + 300
        while not (self.folder / "uv.log").exists() or len(self.uv_calls()) < calls:
            assert time.monotonic() < deadline, "uv was never called"
            time.sleep(0.02)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    folder, wheels = tmp_path / "with spaces", tmp_path / "wheels"
    wheels.mkdir()
    shutil.copytree(ROOT / "scripts" / "bootstrap", folder / "scripts" / "bootstrap")
    shutil.copy(ROOT / "sconsw", folder)
    (folder / "requirements.lock").write_text(write_wheel(wheels, "scons", SCONS) + write_wheel(wheels, "uv", UV))
    (folder / "bindep.txt").write_text("")
    (folder / "pyproject.toml").write_text(PYPROJECT)
    (folder / "backend.py").write_text(BACKEND)
    (folder / "scons.py").write_text(SCONS)
    (folder / "edgewright" / "scons").mkdir(parents=True)
    (folder / "edgewright" / "scons" / "__main__.py").write_text(SCONS + "main()")
    return Checkout(folder, wheels)


def scons_said(checkout: Checkout, *arguments: str) -> str:
    return f"scons {list(arguments)} {checkout.folder} {checkout.folder / '.venv'} None\n"


def test_first_run_sets_up_and_the_next_ones_do_what_changed(checkout: Checkout) -> None:
    checkout.environment["PYTHONPATH"] = "/of/another/python"
    code, out, err = checkout.run("-Q", "target=a b")
    assert (code, out) == (0, scons_said(checkout, "-Q", "target=a b"))
    assert "making .venv with Python" in err
    assert checkout.uv_calls() == ["pip sync", "pip install"]

    assert checkout.run("-Q") == (0, scons_said(checkout, "-Q"), "")
    assert len(checkout.uv_calls()) == 2

    with (checkout.folder / "requirements.lock").open("a") as lock:
        lock.write("# a later lock\n")
    code, _, err = checkout.run()
    assert code == 0
    assert "making .venv" not in err
    assert len(checkout.uv_calls()) == 4

    (checkout.folder / ".venv" / "bin" / "scons").unlink()
    assert checkout.run()[:2] == (0, scons_said(checkout))
    assert len(checkout.uv_calls()) == 6

    code, out, err = checkout.run("--setup")
    assert (code, out) == (0, "")
    assert "making .venv" in err
    assert err.endswith("sconsw: everything is set up\n")


def waiting(process: subprocess.Popen[str]) -> bool:
    assert process.stderr is not None
    return process.stderr.readline() == "sconsw: waiting for another sconsw that is setting up\n"


def test_a_killed_set_up_is_never_taken_for_whole_and_two_do_not_fight(checkout: Checkout) -> None:
    hang = checkout.folder / "hang"
    hang.touch()
    killed = checkout.start()
    checkout.wait_for_uv(1)
    (checkout.folder / ".venv" / "half").touch()
    killed.kill()
    killed.communicate()
    one, two = checkout.start("one"), checkout.start("two")
    assert waiting(one)  # for the uv of the killed one, which still writes to .venv
    assert waiting(two)
    hang.unlink()
    out_and_err = [process.communicate(timeout=300) for process in (one, two)]
    assert [out for out, _ in out_and_err] == [scons_said(checkout, "one"), scons_said(checkout, "two")]
    assert sorted("making .venv" in err for _, err in out_and_err) == [False, True]
    assert not (checkout.folder / ".venv" / "half").exists()
    assert checkout.uv_calls() == ["pip sync", "pip sync", "pip install"]


def test_interrupted_by_the_keyboard(checkout: Checkout) -> None:
    process = checkout.start()
    assert process.stderr is not None
    assert process.stderr.read(14) == "sconsw: making"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.endswith("sconsw: interrupted; the next ./sconsw sets up what is missing\n")


def test_ctrl_c_at_any_moment_leaves_no_traceback(checkout: Checkout) -> None:
    """Where SCons would begin, the process ends by the signal or by the exit status that stands for it."""
    checkout.run("--setup")
    main = checkout.folder / "edgewright" / "scons" / "__main__.py"
    main.write_text((ROOT / "edgewright/scons/__main__.py").read_text())
    (main.parents[1] / "interrupts.py").write_text((ROOT / "edgewright/interrupts.py").read_text())
    (checkout.folder / "SCons").mkdir()
    (checkout.folder / "SCons" / "Script.py").write_text("import time\ntime.sleep(60)\n")
    for delay_s in (0, 0.01, 0.02, 0.04, 0.06, 0.09, 0.12, 0.2, 0.4):
        process = checkout.start()
        time.sleep(delay_s)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert process.returncode in (130, -signal.SIGINT), (delay_s, out, err)
        assert (out, err.count("\n") <= 1, "Traceback" in err) == ("", True, False), (delay_s, out, err)


def test_pip_does_it_where_uv_cannot(checkout: Checkout) -> None:
    (checkout.folder / "fail").touch()
    code, out, err = checkout.run()
    assert (code, out) == (0, scons_said(checkout))
    assert "uv failed with exit code 1:\n    uv is out of order\n  Trying without uv" in err


def test_a_package_that_is_not_what_was_locked_is_refused(checkout: Checkout) -> None:
    lock = checkout.folder / "requirements.lock"
    lock.write_text(re.sub("sha256:[0-9a-f]{64}", "sha256:" + "0" * 64, lock.read_text()))
    code, out, err = checkout.run()
    assert (code, out) == (4, "")
    assert "DO NOT MATCH THE HASHES" in err
    assert err.endswith("Nothing was built.\n")


@pytest.fixture
def bare_path(tmp_path: Path) -> str:
    """A PATH without any Python."""
    for name in ("sh", "dirname"):
        program = shutil.which(name)
        assert program
        (tmp_path / name).symlink_to(program)
    return str(tmp_path)


def test_no_python_that_fits(bare_path: str, tmp_path: Path) -> None:
    shutil.copy(ROOT / "sconsw", tmp_path)
    done = subprocess.run(
        ["./sconsw"], cwd=tmp_path, env={"PATH": bare_path}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr == (
        "sconsw: no Python 3.10 to 3.13 here; install one (Debian: apt-get install python3 python3-venv) "
        "or name one: PYTHON=/path/to/python3.11 ./sconsw\n"
    )


def test_a_chosen_python_that_does_not_fit() -> None:
    command, env = [ROOT / "sconsw"], {**os.environ, "PYTHON": "/bin/false"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "sconsw: PYTHON=/bin/false is no Python 3.10 to 3.13\n")
