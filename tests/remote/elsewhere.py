"""Another user in a network of its own, joined to ours by a link of so many bytes a second: a second node of sorts.

It needs root, and leaves nothing behind: networks and mounts are those of one process, and go with it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.remote.cluster import ROOT, WAIT_S

USER = "54321"

_HOLD = """\
set -e
ip link set lo up
if [ -n "$1" ]; then    # Python lies in a folder that others may not enter: they find it there, and nothing else
    mount --make-rprivate /
    mount --bind "$2" "$3"
    mount -t tmpfs -o mode=755 none "$1"
    mkdir -p "$2"
    mount --bind "$3" "$2"
fi
echo ready
exec sleep 3600
"""


class Place:
    """The other node.

    Attributes:
        here, there: addresses of the two ends of the link.
        home: the other user's folder.
        within: what runs a command there.
    """

    def __init__(self, holder: int, home: Path) -> None:
        number = holder % 250
        self.here, self.there, self.home = f"198.18.{number}.1", f"198.18.{number}.2", home
        self._link = f"ew{holder}"
        self._enter = ("nsenter", "-t", str(holder), "-n", "-m")
        user = ("setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "env", f"HOME={home}")
        self.within: Sequence[str] = (*self._enter, *user)
        _run("ip", "link", "add", self._link, "type", "veth", "peer", "name", "ew", "netns", str(holder))
        for enter, link, address in (((), self._link, self.here), (self._enter, "ew", self.there)):
            _run(*enter, "ip", "address", "add", f"{address}/30", "dev", link)
            _run(*enter, "ip", "link", "set", link, "up")

    def slow_down(self, bytes_a_second: int) -> None:
        """Both ways."""
        how = ["rate", f"{bytes_a_second * 8}bit", "burst", "32kb", "latency", "400ms"]
        for enter, link in (((), self._link), (self._enter, "ew")):
            _run(*enter, "tc", "qdisc", "replace", "dev", link, "root", "tbf", *how)

    def give(self, *files: Path) -> None:
        """Copies of files for the other user alone."""
        for file in files:
            copy = self.home / file.name
            shutil.copyfile(file, copy)
            copy.chmod(0o600)
            os.chown(copy, int(USER), int(USER))


class UnableError(Exception):
    """This machine has not the right to it, or not the tools; for people."""


@contextmanager
def place() -> Iterator[Place]:
    """The other node, as long as it is needed. UnableError."""
    if os.getuid() != 0:
        raise UnableError("networks and users are for root")
    if missing := [name for name in ("unshare", "nsenter", "setpriv", "ip", "tc") if shutil.which(name) is None]:
        raise UnableError(f"not here: {', '.join(missing)}")
    home = Path(tempfile.mkdtemp(prefix="edgewright-elsewhere-"))
    os.chown(home, int(USER), int(USER))
    python = Path(tempfile.mkdtemp(prefix="edgewright-python-"))
    words = ["unshare", "-n", "-m", "sh", "-c", _HOLD, "sh", _closed(), sys.base_prefix, str(python)]
    holder = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert holder.stdout
        if (said := holder.stdout.readline()) != "ready\n":
            raise UnableError(said.strip())
        made = Place(holder.pid, home)
        _run(*made.within, sys.executable, "-c", "import edgewright, distributed", cwd=ROOT)
        yield made
    finally:
        holder.kill()
        holder.communicate()
        shutil.rmtree(home)
        python.rmdir()


def _closed() -> str:
    """The folder above Python that others may not enter, or nothing."""
    base = Path(sys.base_prefix)
    return next((str(path) for path in reversed(base.parents) if not path.stat().st_mode & 1), "")


def _run(*words: str, cwd: Path | None = None) -> None:
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, timeout=WAIT_S, check=False)
    if done.returncode:
        raise UnableError(f"{' '.join(words[:6])}: {done.stderr.strip()}")
