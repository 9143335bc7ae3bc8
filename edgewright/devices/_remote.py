"""A Linux device behind an ssh session: what it is, and the files that it has.

On the device everything is in one folder, ~/.cache/edgewright unless the target says otherwise:

    store/<sha256>    files, named by their content: sent once, checked before each use
    python/<hash>     a Python environment (see `_device_python`)
    jobs/<name>       a measurement that is going on
    busy              who measures now; locked while somebody does

A file or an environment takes its name only when it is whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from edgewright.devices._client import find_answer
from edgewright.devices._ssh import Session
from edgewright.devices._ssh_errors import command_error
from edgewright.devices.tools.run import quoted
from edgewright.errors import DeviceError
from edgewright.files import sha256_file

_PROBE = Path(__file__).with_name("_probe.py")
_PROBE_TIMEOUT_S = 60.0
_COPY_TIMEOUT_S = 600.0

# $1 folder, then hashes: prints those that are there, whole
_PRESENT = """
cd "$1/store" 2>/dev/null || exit 0
shift
for name; do
    [ "$(sha256sum < "$name" 2>/dev/null)" = "$name  -" ] && touch "$name" && echo "$name"
done
exit 0
"""
# $1 folder, $2 hash; the content is on standard input
_PUT = """
set -e
mkdir -p "$1/store"
cd "$1/store"
part=".$2.$$"
trap 'rm -f "$part"' EXIT
cat > "$part"
[ "$(sha256sum < "$part")" = "$2  -" ] || { echo "the copy that arrived is not whole" >&2; exit 1; }
mv "$part" "$2"
"""


class Facts(BaseModel):
    """What a device says of itself (see `_probe.py`)."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    python: list[int]
    bits: int
    machine: str
    model: str | None
    boot_id: str | None
    memory_bytes: int | None
    folder: str
    free_bytes: int

    @property
    def version(self) -> str:
        """Of Python: "3.11"."""
        return f"{self.python[0]}.{self.python[1]}"

    @property
    def architecture(self) -> str:
        """Of programs: a 32-bit system on a 64-bit kernel is a 32-bit device."""
        return "armv7l" if (self.machine, self.bits) == ("aarch64", 32) else self.machine


@dataclass(frozen=True)
class Remote:
    """A device in a session.

    Attributes:
        session: the connection.
        python: command of its interpreter.
        facts: what it says of itself.
    """

    session: Session
    python: str
    facts: Facts

    @property
    def host(self) -> str:
        """What messages call it."""
        return self.session.host


def connect(session: Session, python: str, folder: str | None) -> Remote:
    """Ask the device what it is.

    Raises:
        DeviceError: it has no such Python, or answers nonsense.
    """
    words = [python, *([folder] if folder else [])]
    script = 'python=$1; shift; exec "$python" - "$@"'
    with _PROBE.open("rb") as program:
        done = session.run(script, *words, timeout_s=_PROBE_TIMEOUT_S, stdin=program)
    if done.returncode in (126, 127):
        hint = 'sudo apt install python3 there, or name its Python: python = "..." in [measure]'
        raise DeviceError(f"{session.host}: it has no {python}{quoted(done.stderr, 3)}\n  hint: {hint}")
    if done.returncode:
        raise command_error(session.host, f"asking {python} what it runs on", done.returncode, done.stderr)
    try:
        return Remote(session, python, Facts.model_validate(find_answer(session.host, done.stdout)))
    except ValidationError as error:
        raise DeviceError(f"{session.host}: its answer makes no sense: {error.errors()[0]['msg']}") from None


def send(remote: Remote, files: Mapping[str, Path]) -> dict[str, str]:
    """Have files on the device, each under its hash in the store; gives the hashes by the names of the files."""
    hashes = {name: sha256_file(path) for name, path in files.items()}
    present = remote.session.do(
        "looking at its files", _PRESENT, remote.facts.folder, *hashes.values(), timeout_s=_COPY_TIMEOUT_S
    ).split()
    for name, digest in hashes.items():
        if digest not in present:
            _send(remote, name, files[name], digest)
    return hashes


def _send(remote: Remote, name: str, path: Path, digest: str) -> None:
    with path.open("rb") as file:
        remote.session.do(f"copying {name}", _PUT, remote.facts.folder, digest, timeout_s=_COPY_TIMEOUT_S, stdin=file)
