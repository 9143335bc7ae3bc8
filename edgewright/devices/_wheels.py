"""Wheels of another architecture, installed into a folder by this machine's pip or uv."""

from __future__ import annotations

import importlib.util
import re
import shutil
import sys
from pathlib import Path

from edgewright.devices._run import run_tool
from edgewright.errors import ToolError

_TIMEOUT_S = 900.0
_MANYLINUX = ("2_34", "2_28", "2_27", "2_26", "2_17")


def read_lock(lock: Path) -> dict[str, str]:
    """Name and version of each wheel in a lock file, in its order."""
    return dict(re.findall(r"^([\w.-]+)==(\S+)", lock.read_text(), re.MULTILINE))


def install(lock: Path, machine: str, python: str, site: Path) -> None:
    """Install the wheels of `lock` (names, versions, hashes) for CPython `python` on `machine` into `site`.

    Raises:
        ToolError: there is neither pip nor uv, or it failed.
    """
    flags = ["--target", str(site), "--no-deps", "--require-hashes", "--quiet", "--requirement", str(lock)]
    command = [*_installer(machine, python), *flags]
    what = f"installing the {machine} wheels of {lock.name}"
    run_tool(what, command, _TIMEOUT_S, cwd=site)  # elsewhere uv would obey the pyproject.toml that it finds


def _installer(machine: str, python: str) -> list[str]:
    if importlib.util.find_spec("pip"):
        return _pip(machine, python)
    if uv := shutil.which("uv"):
        command = [uv, "pip", "install", "--only-binary", ":all:", "--python-version", python]
        return [*command, "--python-platform", f"{machine}-manylinux_{_MANYLINUX[0]}"]
    raise ToolError(
        "neither pip nor uv is installed, and one of them is needed to fetch wheels for the emulated device\n"
        f"  hint: {sys.executable} -m ensurepip"
    )


def _pip(machine: str, python: str) -> list[str]:
    command = [sys.executable, "-m", "pip", "install", "--only-binary=:all:", "--no-compile"]
    command += ["--disable-pip-version-check", "--python-version", python, "--implementation", "cp"]
    for tag in _MANYLINUX:
        command += ["--platform", f"manylinux_{tag}_{machine}"]
    for abi in (f"cp{python.replace('.', '')}", "abi3", "none"):
        command += ["--abi", abi]
    return command
