"""Debian packages of another architecture, unpacked into a folder by the system's own apt, which never notices.

apt gets a state, a cache and sources of its own for the time of one call. The system's dpkg is neither read nor
written, no foreign architecture is added to it, and no root is needed. Of the system's configuration only the network
settings (proxies and the like) and the mirror are taken over.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from edgewright.devices.tools.run import need, run_tool
from edgewright.errors import ToolError

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
DEFAULT_MIRROR = "http://deb.debian.org/debian"
HINT = "the system root is made of Debian packages; run the build on Debian or Ubuntu, or in a Debian container"
_TIMEOUT_S = 600.0
_SKIPPED = ("doc", "man", "locale", "info", "lintian", "bug")

_CONF = """\
APT::Architecture "{arch}";
APT::Architectures {{ "{arch}"; }};
APT::Install-Recommends "false";
APT::Sandbox::User "";
Debug::NoLocking "true";
Dir::State "{home}/state";
Dir::State::status "{home}/status";
Dir::Cache "{home}/cache";
Dir::Etc::main "{home}/none";
Dir::Etc::parts "{home}/none.d";
Dir::Etc::sourcelist "{home}/sources.list";
Dir::Etc::sourceparts "{home}/none.d";
Dir::Etc::preferences "{home}/none";
Dir::Etc::preferencesparts "{home}/none.d";
Acquire::Languages "none";
Acquire::Retries "2";
{network}
"""


def unpack(suite: str, arch: str, packages: Sequence[str], root: Path) -> dict[str, str]:
    """Unpack `packages` and all they depend on into `root`; gives the version of each package.

    Maintainer scripts are not run. The root has a merged /usr.

    Raises:
        ToolError: no apt here, the network is not reachable, or a package does not exist.
    """
    for program in ("apt-get", "apt-config", "dpkg-deb", "tar"):
        need(program, HINT)
    if not KEYRING.exists():
        raise ToolError(f"{KEYRING} is missing\n  hint: install the package debian-archive-keyring")
    with tempfile.TemporaryDirectory(prefix="edgewright-apt-") as folder:
        archives = _download(suite, arch, packages, Path(folder))
        _merged_usr(root)
        for archive in archives:
            _extract(archive, root)
        return dict(sorted(map(_identity, archives)))


def _download(suite: str, arch: str, packages: Sequence[str], home: Path) -> list[Path]:
    for folder in ("state/lists/partial", "cache/archives/partial", "none.d"):
        (home / folder).mkdir(parents=True)
    for file in ("status", "none"):
        (home / file).touch()
    source = f"deb [arch={arch} signed-by={KEYRING}] {mirror(suite)} {suite} main\n"
    (home / "sources.list").write_text(source)
    (home / "apt.conf").write_text(_CONF.format(arch=arch, home=home, network=_network_settings()))
    env = {**os.environ, "APT_CONFIG": str(home / "apt.conf"), "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
    run_tool("reading the package lists of Debian", ["apt-get", "update", "--error-on=any"], _TIMEOUT_S, env=env)
    command = ["apt-get", "install", "-y", "--no-install-recommends", "--download-only", *packages]
    run_tool("downloading Debian packages", command, _TIMEOUT_S, env=env)
    return sorted((home / "cache/archives").glob("*.deb"))


def mirror(suite: str) -> str:
    """The Debian mirror that this machine's apt is set up with, else Debian's own."""
    with tempfile.TemporaryDirectory(prefix="edgewright-apt-") as lists:
        (Path(lists) / "partial").mkdir()
        options = ["-o", f"Dir::State::Lists={lists}", "-o", "Debug::NoLocking=true"]
        uris = run_tool("asking apt for its mirrors", ["apt-get", *options, "update", "--print-uris"], _TIMEOUT_S)
    return choose_mirror(uris.splitlines(), suite)


def choose_mirror(uris: Iterable[str], suite: str) -> str:
    """The mirror among the lines of `apt-get update --print-uris` that carries a suite of Debian."""
    pattern = re.compile(rf"'(\S+?)/dists/{re.escape(suite)}/(?:InRelease|main/)")
    found = [match[1] for line in uris if (match := pattern.match(line))]
    return found[0] if found else DEFAULT_MIRROR


def _network_settings() -> str:
    dump = run_tool("asking apt for its settings", ["apt-config", "dump", "Acquire"], _TIMEOUT_S)
    wanted = re.compile(r"Acquire::(https?|ftp|Check-Valid-Until|Check-Date|Max-FutureTime|Force|Proxy)", re.IGNORECASE)
    return "\n".join(line for line in dump.splitlines() if wanted.match(line))


def _merged_usr(root: Path) -> None:
    for name in ("lib", "bin", "sbin"):
        (root / "usr" / name).mkdir(parents=True)
        (root / name).symlink_to(f"usr/{name}")


def _extract(archive: Path, root: Path) -> None:
    excludes = [f"--exclude=./usr/share/{name}" for name in _SKIPPED]
    tar = ["tar", "-C", str(root), "-x", "--keep-directory-symlink", "--no-same-owner", *excludes]
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(archive)], stdout=subprocess.PIPE) as unpacker:
        done = subprocess.run(tar, stdin=unpacker.stdout, capture_output=True, text=True, check=False)
    if unpacker.returncode or done.returncode:
        raise ToolError(f"{archive.name} cannot be unpacked\n  | {done.stderr.strip()[-500:]}")


def _identity(archive: Path) -> tuple[str, str]:
    """Name and version of a package, from its file name: "libc6_2.36-9_arm64.deb" (a colon is written %3a)."""
    name, version, _ = archive.name.split("_")
    return name, version.replace("%3a", ":")
