"""The Python packages of requirements.lock, and the project itself, in .venv.

uv installs them in seconds; it comes from the lock as well, by pip. Without it pip does the whole, in minutes.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
from contextlib import suppress
from pathlib import Path

import state
from say import CommandError, SetupError, run, say, step

# What every training imports. Done at set-up, the first one does not wait for its bytecode.
WARM_UP = "import tensorflow, tf_keras, tensorflow_model_optimization"
PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"


def key(root: Path) -> str:
    """A name for all that the installed packages depend on; other key, other environment."""
    digest = hashlib.sha256(f"{PYTHON}\n{root}\n".encode())
    for name in ("requirements.lock", "pyproject.toml"):
        digest.update((root / name).read_bytes())
    return digest.hexdigest()


def whole(root: Path, known: state.State) -> bool:
    """Whether .venv holds just what the lock asks for."""
    scripts = root / ".venv" / "bin"
    return known.packages == key(root) and (scripts / "python").exists() and (scripts / "scons").exists()


def has_pip() -> bool:
    """Whether this Python can make an environment with pip in it; Debian packs that apart, in python3-venv."""
    return importlib.util.find_spec("ensurepip") is not None


def environment(root: Path) -> dict[str, str]:
    """The variables of this process, with .venv active and nothing of another Python in them.

    Bytecode is written, also where PYTHONDONTWRITEBYTECODE is set, as it is in many containers: without it a build
    that has nothing to do, and each stage, takes half as long again.
    """
    leaks = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "CONDA_PREFIX")
    dropped = (*leaks, "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")
    env = {name: value for name, value in os.environ.items() if name not in dropped}
    env["VIRTUAL_ENV"] = str(root / ".venv")
    env["PATH"] = f"{root / '.venv' / 'bin'}{os.pathsep}{env.get('PATH', os.defpath)}"
    return env


def install(root: Path, known: state.State, *, lock: int, anew: bool) -> None:
    """Bring .venv to what the lock asks for.

    Args:
        root: folder of the project.
        known: state of .venv; brought up to date and saved.
        lock: file descriptor of the set-up lock, for the programs that write to .venv.
        anew: empty .venv first, even when it could be brought up to date.

    Raises:
        SetupError: it could not be done; .venv is then marked as not whole.
    """
    installer = _Installer(root, lock)
    kept = not anew and known.packages is not None and (known.python, known.root) == (PYTHON, str(root))
    known.packages, known.python, known.root = None, PYTHON, str(root)
    known.save(installer.venv)
    if not kept:
        installer.make(known)
    try:
        installer.with_uv()
    except CommandError as error:
        say(f"{error}\n  Trying without uv: pip needs some minutes.")
        if installer.uv.exists():
            installer.make(known)  # uv may have left half a package
        installer.with_pip()
    installer.warm_up()
    known.packages = key(root)
    known.save(installer.venv)


def lines_of(package: str, lock: str) -> str:
    """The part of a lock file that pins one package: its version and hashes."""
    lines = iter(lock.splitlines())
    found = [next((line for line in lines if line.startswith(f"{package}==")), "")]
    for line in lines:
        if not line.startswith(" "):
            break
        found.append(line)
    return "\n".join(found) + "\n"


class _Installer:
    """The commands that fill .venv."""

    def __init__(self, root: Path, lock: int) -> None:
        self.root = root
        self.venv = root / ".venv"
        self.python = self.venv / "bin" / "python"
        self.uv = self.venv / "bin" / "uv"
        self.log = self.venv / "setup.log"
        self.held = [lock]
        self.env = {**environment(root), "PIP_USER": "0", "PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}

    def make(self, known: state.State) -> None:
        """An empty environment with pip, in place of what is there."""
        base = getattr(sys, "_base_executable", None) or sys.executable
        if not has_pip():
            raise SetupError(
                f"{base} cannot make an environment: its module ensurepip is missing.\n"
                f"  Install it (Debian: python3-venv or python{PYTHON}-venv) and run ./sconsw again."
            )
        with step(f"making .venv with Python {PYTHON} ({base})"):
            state.clear(self.venv)
            known.save(self.venv)
            self._run(base, "-I", "-m", "venv", self.venv)

    def with_uv(self) -> None:
        """Make the packages equal to the lock's, quickly."""
        if not self.uv.exists():
            pin = self.venv / "uv.lock"
            pin.write_text(lines_of("uv", (self.root / "requirements.lock").read_text()))
            with step("installing uv, which installs the rest quickly"):
                self._run(self.python, "-m", "pip", "install", "--require-hashes", "--no-deps", "-r", pin)
        with step("installing the Python packages of requirements.lock"):
            self._uv("sync", "--require-hashes", "requirements.lock")
            self._uv("install", "--offline", "--no-deps", "--no-build-isolation", "--editable", ".")

    def with_pip(self) -> None:
        """Install the lock's packages with nothing but pip."""
        pip: list[str | Path] = [self.python, "-m", "pip", "install"]
        with step("installing the Python packages of requirements.lock with pip"):
            self._run(*pip, "--require-hashes", "--no-deps", "-r", "requirements.lock")
            self._run(*pip, "--no-index", "--no-deps", "--no-build-isolation", "--editable", ".")

    def warm_up(self) -> None:
        """Have the bytecode of the large packages written; where they cannot be imported, training will say so."""
        with suppress(CommandError), step("compiling the Python packages that training imports"):
            run(
                [self.python, "-c", WARM_UP],
                log=self.log,
                env={**self.env, "TF_USE_LEGACY_KERAS": "1"},
                keep_open=self.held,
            )

    def _uv(self, verb: str, *arguments: str) -> None:
        self._run(self.uv, "--no-progress", "--color", "never", "pip", verb, "--python", self.python, *arguments)

    def _run(self, *command: str | Path) -> None:
        run(command, log=self.log, env=self.env, keep_open=self.held)
