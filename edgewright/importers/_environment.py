"""Environments of converters whose packages cannot live beside ours: made once, from a lock, in the user's cache."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from edgewright.errors import ToolError, UserError
from edgewright.home import cache_home
from edgewright.importers._pythons import python

_DONE = "complete"
_SYSTEM_CERTS = "UV_SYSTEM_CERTS"
_STORES = (
    *("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem"),
    *("/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/cert.pem"),
)
"""Where systems have the certificates that they trust."""
_IS_CAUSE = re.compile("cause: |Caused by: ")
"""What uv begins a cause with, since 0.13 and before."""


@dataclass(frozen=True)
class Environment:
    """Packages for a converter.

    Attributes:
        name: that of the extra that brings what makes it.
        python: the version of Python that it needs.
        lock: its packages with their hashes.
        download_mb: what is fetched for it, in megabytes.
        disk_mb: what it takes on the disk.
        otherwise: arguments of uv for packages that the indexes of the user do not have.
    """

    name: str
    python: str
    lock: Path
    download_mb: int
    disk_mb: int
    otherwise: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        """Where it lies: named by its packages, so that another lock is another folder."""
        content = hashlib.sha256(self.lock.read_bytes()).hexdigest()
        return cache_home() / "environments" / f"{self.name}-py{self.python}-{content[:12]}"

    @property
    def program(self) -> Path:
        """Its Python."""
        return self.folder / "bin" / "python"

    @property
    def is_there(self) -> bool:
        """Whether it is complete."""
        return (self.folder / _DONE).is_file()

    def make(self, say: Callable[[str], None]) -> None:
        """Make it where it is not there; `say` tells the user first what it costs.

        Raises:
            UserError: what makes environments is not installed.
            ToolError: the packages cannot be had.
        """
        if self.is_there:
            return
        if importlib.util.find_spec("uv") is None:
            hint = f"pip install 'edgewright[{self.name}]'"
            raise UserError(f"importer {self.name}", "needs uv, which makes its environment", hint=hint)
        with _locked(self.folder):
            if not self.is_there:
                costs = f"{self.download_mb} MB to fetch, {self.disk_mb} MB on disk"
                say(f"{self.name}: makes the environment of its converter, once: {costs}")
                self._make()

    def _make(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        uv = [sys.executable, "-m", "uv"]
        _run([*uv, "venv", "--quiet", "--no-python-downloads", "--python", python(self.python), str(self.folder)], self)
        install = ["pip", "install", "--quiet", "--python", str(self.program), "--require-hashes", "--no-build"]
        try:
            _run([*uv, *install, "-r", str(self.lock)], self)
        except ToolError:
            if not self.otherwise:
                raise
            _run([*uv, *install, *self.otherwise, "-r", str(self.lock)], self)
        (self.folder / _DONE).touch()


def _run(command: list[str], environment: Environment) -> None:
    around = environment.folder.parent  # uv obeys the pyproject.toml of the folder that it is called in
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=around, env=_variables())
    if done.returncode:
        what = f"importer {environment.name}: its environment cannot be made"
        raise ToolError(f"{what}: {_told(done.stderr)}\n  hint: {_hint(done.stderr, environment.python)}")


def _variables() -> dict[str, str]:
    """Those of uv: certificates are the system's, where a company's own is, too, unless somebody says otherwise.

    Of itself uv trusts what came with it. It takes SSL_CERT_FILE before either.
    """
    has_store = any(Path(store).is_file() for store in _STORES)
    return {**({_SYSTEM_CERTS: "1"} if has_store else {}), **os.environ}


def _told(stderr: str) -> str:
    """What went wrong, with its innermost cause."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    first = next((line for line in lines if line.startswith("error: ")), "\n".join(lines)).removeprefix("error: ")
    causes = [line.removeprefix("cause: ").removeprefix("Caused by: ") for line in lines if _IS_CAUSE.match(line)]
    return f"{first[:400]}: {causes[-1][:400]}" if causes else first[:400]


def _hint(stderr: str, python: str) -> str:
    if "certificate" in stderr:
        return (
            "put the certificate of your proxy where the system has its own (update-ca-certificates), or name a file "
            "with it: SSL_CERT_FILE=company.pem"
        )
    return (
        f"have Python {python} on the PATH, and PyPI within reach: uv takes HTTPS_PROXY, UV_DEFAULT_INDEX for another "
        "index and SSL_CERT_FILE, and nothing of pip's configuration"
    )


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
