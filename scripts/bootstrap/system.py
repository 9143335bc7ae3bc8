"""The system packages listed in bindep.txt: which are wanted, which are missing, and how to get them.

A line of bindep.txt is `package [profile ...]  # what for`. A line without profiles is always wanted; one with
profiles when any of them is asked for: `./sconsw test` asks for `test`, `./sconsw target=rpi,mcu` for `rpi` and `mcu`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from say import CommandError, SetupError, run, say, step
from state import State

ALL = "all"
_EXTENDS = re.compile(r"""^extends\s*=\s*["']([^"']+)""", re.MULTILINE)
_LINE = re.compile(r"(?P<package>[a-z0-9][a-z0-9+.-]*)\s*(?:\[(?P<profiles>[a-z0-9_\s-]+)\])?\s*$")


def profiles_of(arguments: Sequence[str]) -> set[str]:
    """The profiles that scons's arguments ask for: aliases, and the names behind `target=`."""
    names = {name for word in arguments if word.startswith("target=") for name in word[7:].split(",")}
    return names | {word for word in arguments if "=" not in word and not word.startswith("-")}


def with_bases(profiles: Iterable[str], targets: Path) -> set[str]:
    """The profiles, and for those that are targets the targets that they extend: these need the same packages."""
    found: set[str] = set()
    waiting = list(profiles)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            file = targets / f"{name}.toml"
            waiting += _EXTENDS.findall(file.read_text(errors="replace")) if file.is_file() else ()
    return found


def wanted(text: str, profiles: set[str]) -> list[str]:
    """The packages of bindep.txt that these profiles want; the profile "all" wants each.

    Raises:
        SetupError: a line that cannot be read.
    """
    packages = []
    for number, line in enumerate(text.splitlines(), start=1):
        content = line.partition("#")[0].strip()
        if not content:
            continue
        match = _LINE.match(content)
        if not match:
            raise SetupError(f"bindep.txt:{number}: not `package [profile ...]`: {content}")
        own = set((match["profiles"] or "").split())
        if not own or own & profiles or ALL in profiles:
            packages.append(match["package"])
    return packages


def missing(packages: Iterable[str]) -> list[str]:
    """Those of the packages that are not installed, in the order given."""
    packages = list(packages)
    command = ["dpkg-query", "--show", "--showformat", "${Package} ${db:Status-Status}\n", *packages]
    answer = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    installed = {line.split()[0] for line in answer.stdout.splitlines() if line.endswith(" installed")}
    return [package for package in packages if package not in installed]


def ensure(packages: Sequence[str], state: State, *, log: Path, again: bool) -> None:
    """Install the missing ones of `packages` if that can be done, else say how; note the outcome in `state`.

    Args:
        packages: names of Debian packages.
        state: what was found before; its lists are brought up to date.
        log: file for the output of apt-get.
        again: look for each package and try to install it, whatever `state` says.
    """
    if not shutil.which("dpkg-query"):
        if set(packages) - set(state.absent):
            say(f"this is no Debian: see yourself to what bindep.txt lists ({' '.join(packages)})")
        state.absent = sorted({*state.absent, *packages})
        return
    is_root = os.geteuid() == 0
    again = again or (state.without_root and is_root)
    gone = missing(packages if again else [name for name in packages if name not in state.present])
    if again or set(gone) - set(state.absent):
        gone = _install(gone, log) if gone else []
    elif gone:
        say(f"not installed: {' '.join(gone)} (try again: ./sconsw --setup)")
    state.present = sorted({*state.present, *packages} - set(gone))
    state.absent = sorted({*state.absent, *gone} - set(state.present))
    state.without_root = bool(state.absent) and not is_root


def _install(packages: list[str], log: Path) -> list[str]:
    become_root = _become_root()
    if become_root is None:
        say(
            f"system packages are missing, and this is neither root nor sudo without a password. Run\n"
            f"    {apt_line(packages)}\n"
            f"  Going on with what can be done without them."
        )
        return packages
    try:
        with step(f"installing system packages: {' '.join(packages)}"):
            _apt_install(become_root, packages, log)
    except CommandError as error:
        say(f"{error}\n  The missing packages: {apt_line(packages)}\n  Going on with what can be done without them.")
    return missing(packages)


def apt_line(packages: Sequence[str]) -> str:
    """The command that a user can paste."""
    sudo = "" if os.geteuid() == 0 else "sudo "
    return f"{sudo}apt-get install --no-install-recommends {' '.join(packages)}"


def _become_root() -> list[str] | None:
    if os.geteuid() == 0:
        return []
    try:
        answer = subprocess.run(["sudo", "-n", "true"], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except OSError:
        return None
    return None if answer.returncode else ["sudo", "-n"]


def _apt_install(become_root: list[str], packages: list[str], log: Path) -> None:
    """Install; when that fails, mend what usually hinders it (old lists, an interrupted dpkg) and try once more."""
    quiet = [*become_root, "env", "DEBIAN_FRONTEND=noninteractive"]
    apt = [*quiet, "apt-get", "-y", "-q", "-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3"]
    install = [*apt, "install", "--no-install-recommends", *packages]
    try:
        run(install, log=log)
    except CommandError:
        run([*quiet, "dpkg", "--configure", "-a"], log=log)
        run([*apt, "update"], log=log)
        run(install, log=log)
