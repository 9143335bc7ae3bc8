"""The wheels of Linux devices: which a device needs, and how this machine's pip or uv installs those of another one."""

from __future__ import annotations

import importlib.util
import re
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from edgewright.devices.tools.run import run_tool
from edgewright.errors import ToolError, UserError

_LOCK = Path(__file__).with_name("wheels.txt")
_TIMEOUT_S = 900.0
_MANYLINUX = ("manylinux_2_34", "manylinux_2_28", "manylinux_2_27", "manylinux_2_26", "manylinux_2_17", "manylinux2014")
_RELEASE = re.compile(r"^([\w.-]+)==(\S+) \\\n((?:    --hash=\S+(?: \\)?\n)+)", re.MULTILINE)


@dataclass(frozen=True)
class Support:
    """The devices for which a runtime is released.

    Attributes:
        package: its name in the registry.
        oldest, newest: versions of Python, both included.
        machines: architectures, as `uname -m` has them.
    """

    package: str
    oldest: tuple[int, int]
    newest: tuple[int, int]
    machines: tuple[str, ...]


SUPPORT: Mapping[str, Support] = {
    "tflite-runtime": Support("tflite-runtime", (3, 9), (3, 11), ("aarch64", "armv7l", "x86_64")),
    "litert": Support("ai-edge-litert", (3, 10), (3, 14), ("aarch64", "x86_64")),
}
NUMPY_OF_SYSTEM = ("armv7l",)
"""Machines for which the registry has no numpy: the one of their Debian serves."""


@dataclass(frozen=True)
class Wheels:
    """What is installed on a device.

    Attributes:
        machine: its architecture.
        python: its version of Python, for instance "3.11".
        releases: versions by name of package.
        text: the same as pip's requirements, with the hashes of every wheel.
    """

    machine: str
    python: str
    releases: Mapping[str, str]
    text: str


def wheels_for(machine: str, python: str, runtime: str) -> Wheels:
    """What a device with this Python needs for a runtime.

    Raises:
        UserError: the runtime is not released for such a device.
    """
    support = _support(runtime)
    version = (int(python.split(".", maxsplit=1)[0]), int(python.split(".")[1]))
    span = f"Python {_dotted(support.oldest)} to {_dotted(support.newest)}"
    if machine not in support.machines:
        hint = _other(runtime, machine, version)
        raise UserError(f"runtime {runtime}", "not released for it", got=machine, allowed=support.machines, hint=hint)
    if not support.oldest <= version <= support.newest:
        hint = (
            _other(runtime, machine, version) or f"name a Python that fits in [measure], for instance {_example(span)}"
        )
        raise UserError(f"runtime {runtime}", "not released for it", got=f"Python {python}", allowed=span, hint=hint)
    names = [support.package] if machine in NUMPY_OF_SYSTEM else [_numpy(version), support.package]
    chosen = [_releases()[name] for name in names]
    return Wheels(machine, python, {name: number for name, number, _ in chosen}, "".join(text for *_, text in chosen))


def _support(runtime: str) -> Support:
    if runtime not in SUPPORT:
        raise UserError("runtime", "does not run on a Linux device", got=runtime, allowed=SUPPORT)
    return SUPPORT[runtime]


def _numpy(version: tuple[int, int]) -> str:
    return "numpy 1" if version < (3, 12) else "numpy 2"


def _other(runtime: str, machine: str, version: tuple[int, int]) -> str | None:
    for name, support in SUPPORT.items():
        if name != runtime and machine in support.machines and support.oldest <= version <= support.newest:
            return f'runtime = "{name}" is'
    return None


def _example(span: str) -> str:
    return f'python = "python{span.rsplit(maxsplit=1)[-1]}"'


def _dotted(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"


@cache
def _releases() -> dict[str, tuple[str, str, str]]:
    """Name, version and requirement of each release in the lock file, by name; of numpy, by name and major version."""
    found = {}
    for match in _RELEASE.finditer(_LOCK.read_text()):
        name, version = match[1], match[2]
        key = f"numpy {version.partition('.')[0]}" if name == "numpy" else name
        found[key] = (name, version, match[0])
    return found


def install(wheels: Wheels, site: Path) -> None:
    """Install wheels into the folder `site`, by this machine's pip or uv.

    Raises:
        ToolError: there is neither pip nor uv, or it failed.
    """
    requirements = site / "requirements.txt"
    requirements.write_text(wheels.text)
    flags = ["--target", str(site), "--no-deps", "--require-hashes", "--quiet", "--requirement", str(requirements)]
    command = [*_installer(wheels.machine, wheels.python), *flags]
    what = f"fetching {', '.join(wheels.releases)} for Python {wheels.python} on {wheels.machine}"
    run_tool(what, command, _TIMEOUT_S, cwd=site)  # elsewhere uv would obey the pyproject.toml that it finds
    requirements.unlink()


def _installer(machine: str, python: str) -> list[str]:
    if importlib.util.find_spec("pip"):
        return _pip(machine, python)
    if (uv := shutil.which("uv")) and machine != "armv7l":  # which uv does not know
        command = [uv, "pip", "install", "--only-binary", ":all:", "--python-version", python]
        return [*command, "--python-platform", f"{machine}-{_MANYLINUX[0]}"]
    raise ToolError(
        "neither pip nor uv is installed, and one of them is needed to fetch wheels for a device\n"
        f"  hint: {sys.executable} -m ensurepip"
    )


def _pip(machine: str, python: str) -> list[str]:
    command = [sys.executable, "-m", "pip", "install", "--only-binary=:all:", "--no-compile"]
    command += ["--disable-pip-version-check", "--python-version", python, "--implementation", "cp"]
    for tag in _MANYLINUX:
        command += ["--platform", f"{tag}_{machine}"]
    for abi in (f"cp{python.replace('.', '')}", "abi3", "none"):
        command += ["--abi", abi]
    return command
