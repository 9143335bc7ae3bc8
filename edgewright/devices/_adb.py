"""An Android phone through the adb client: found, its states told, commands run, files kept by their content.

On the phone everything is in /data/local/tmp/edgewright, where the shell's user may write and execute:

    store/<sha256>    files, named by their content: sent once, checked before each use
    kit-<sha256>/     what runs a model (see `_phone`), under the names that it needs; named by its list of hashes
    jobs/<name>/      a measurement that is going on

A file or a kit takes its name only when it is whole. adb's exit status says little; what it prints is read as well.
"""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from edgewright.devices import _adb_errors
from edgewright.devices.tools.run import Program, need, quoted, run
from edgewright.errors import DeviceError, ToolError
from edgewright.files import sha256_file

FOLDER = "/data/local/tmp/edgewright"
COMMAND_S, COPY_S = 60.0, 600.0
ABI = "arm64-v8a"
ADB = Program("adb", "apt-get install adb")
_UNUSED_DAYS = 30
_UNSETTLED, _SETTLE_S = ("authorizing", "connecting", "offline"), 3.0

# $1 file, $2 its hash: succeeds when it is there and whole
_IS_WHOLE = '[ "$(sha256sum < "$1" 2>/dev/null)" = "$2  -" ] && touch "$1"'
# $1 file that has come, $2 its hash, $3 its name
_TAKE = (
    '[ "$(sha256sum < "$1")" = "$2  -" ] || { echo "the copy that arrived is not whole" >&2; exit 1; }; mv -f "$1" "$3"'
)


@dataclass(frozen=True)
class Phone:
    """A phone that answers.

    Attributes:
        serial: by which adb knows it.
        facts: what `facts_of` found.
    """

    serial: str
    facts: Mapping[str, str]

    @property
    def where(self) -> str:
        """What messages call it: "Pixel 8 (3A1B2C)"."""
        model = self.facts.get("model")
        return f"{model} ({self.serial})" if model else self.serial

    def run(self, script: str, *words: str, timeout_s: float = COMMAND_S) -> subprocess.CompletedProcess[str]:
        """Run a script of the phone's shell, with `words` as $1, $2 and on.

        Raises:
            DeviceError: the phone is gone.
            TimeoutError: it took longer.
        """
        command = f"sh -c {shlex.quote(script)} sh {' '.join(map(shlex.quote, words))}"
        done = adb(["-s", self.serial, "shell", command], timeout_s)
        if done.returncode == 1 and (fault := _adb_errors.of_link(self.where, done.stderr)):
            raise fault
        return done

    def do(self, what: str, script: str, *words: str, timeout_s: float = COMMAND_S) -> str:
        """Standard output of a script that must succeed."""
        done = self.run(script, *words, timeout_s=timeout_s)
        if done.returncode != 0:
            raise _adb_errors.of_command(self.where, what, done)
        return done.stdout

    def push(self, files: Sequence[Path], to: str) -> None:
        """Copy files to a file or a folder on the phone."""
        self._copy(f"copying {', '.join(file.name for file in files)}", ["push", *map(str, files), to])

    def pull(self, file: str, to: Path) -> None:
        """Copy a file from the phone."""
        self._copy(f"fetching {file.rpartition('/')[2]}", ["pull", file, str(to)])

    def _copy(self, what: str, words: Sequence[str]) -> None:
        done = adb(["-s", self.serial, *words], COPY_S)
        if done.returncode != 0:
            raise _adb_errors.of_command(self.where, what, done)

    def store(self, file: Path, mode: str = "644") -> str:
        """Have a file in the store; gives its path there."""
        digest = sha256_file(file)
        name = f"{FOLDER}/store/{digest}"
        if self.run(_IS_WHOLE, name, digest).returncode != 0:
            part = f"{name}.{os.getpid()}.part"
            self.do("making its folder", 'mkdir -p "$1/store"', FOLDER)
            try:
                self.push([file], part)
                self.do(f"checking {file.name}", f'chmod {mode} "$1"; {_TAKE}', part, digest, name)
            except DeviceError:
                self._forget(part)
                raise
        return name

    def keep_kit(self, files: Sequence[Path]) -> str:
        """Have a folder of files; gives its path."""
        listing = "".join(f"{sha256_file(file)}  {file.name}\n" for file in files)
        name = f"{FOLDER}/kit-{hashlib.sha256(listing.encode()).hexdigest()[:16]}"
        check = 'cd "$1" 2>/dev/null && [ "$(sha256sum $3)" = "$2" ] && touch .'
        names = " ".join(file.name for file in files)
        if self.run(check, name, listing.strip(), names).returncode == 0:
            return name
        part = f"{name}.{os.getpid()}.part"
        try:
            self.do("making its folder", 'mkdir -p "$1"', part)
            self.push(files, f"{part}/")
            self.do("checking what runs the model", f"{check} || exit 1", part, listing.strip(), names)
            self.do("naming it", 'chmod 755 "$1"/*; rm -rf "$2"; mv "$1" "$2"', part, name)
        except DeviceError:
            self._forget(part)
            raise
        return name

    def clean(self) -> None:
        """Remove what no measurement has used for a month, and what killed ones have left for a day."""
        script = f"""cd "$1" || exit 0
find store -type f -mtime +{_UNUSED_DAYS} -exec rm -f {{}} +
find . -maxdepth 1 -name 'kit-*' -mtime +{_UNUSED_DAYS} -exec rm -rf {{}} +
find jobs -maxdepth 1 -mindepth 1 -mtime +1 -exec rm -rf {{}} + 2>/dev/null
exit 0"""
        self.do("cleaning up", script, FOLDER)

    def _forget(self, path: str) -> None:
        try:
            self.run('rm -rf "$1"', path)
        except (DeviceError, TimeoutError):
            return  # it is gone; what it keeps of this has no name that anybody uses


def adb(words: Sequence[str], timeout_s: float) -> subprocess.CompletedProcess[str]:
    """Run the adb client; ToolError when it is not installed, TimeoutError when it takes longer."""
    program = need(ADB.name, ADB.hint)
    return run([program, *words], timeout_s, env={**os.environ, "LC_ALL": "C"})


def connect(serial: str | None) -> Phone:
    """The phone of that serial, or the only one.

    Raises:
        DeviceError: there is none, or it is in no state to work; the message says what to do.
        ToolError: adb does not work.
    """
    started = adb(["start-server"], COMMAND_S)
    if started.returncode != 0:
        raise ToolError(f"adb's server does not start{quoted(started.stderr)}")
    if serial and ":" in serial:
        _dial(serial)
    found = _state_of(serial)
    phone = Phone(found, {})
    return _checked(Phone(found, facts_of(phone)))


def _dial(address: str) -> None:
    """Connect to a phone on the network; adb gives status 0 whatever comes of it."""
    said = adb(["connect", address], COMMAND_S)
    if "connected to" not in said.stdout and address not in devices():
        raise DeviceError(
            f"{address}: cannot be reached{quoted(said.stdout + said.stderr)}"
            "\n  hint: the phone must be in this network and listen: adb tcpip 5555 while it is on the cable"
        )


def devices() -> dict[str, str]:
    """State by serial of all that adb sees: "device", "offline", "unauthorized", ..."""
    listing = adb(["devices"], COMMAND_S)
    if listing.returncode != 0:
        raise ToolError(f"adb does not work{quoted(listing.stderr)}")
    rows = re.findall(r"^(\S+)\t(.+)$", listing.stdout, re.MULTILINE)
    return {serial: state.strip() for serial, state in rows}


def _state_of(serial: str | None) -> str:
    """The serial of the phone, which is ready."""
    known = devices()
    if serial is None and len(known) != 1:
        raise _adb_errors.of_choice(known)
    chosen = serial or next(iter(known))
    deadline = time.monotonic() + _SETTLE_S
    while (state := known.get(chosen)) in _UNSETTLED and time.monotonic() < deadline:
        time.sleep(0.1)
        known = devices()
    if state != "device":
        raise _adb_errors.of_state(chosen, state, known)
    return chosen


_FACTS = """
echo "model=$(getprop ro.product.model)"
echo "soc=$(getprop ro.soc.model)"
echo "android=$(getprop ro.build.version.release)"
echo "abi=$(getprop ro.product.cpu.abi)"
"""


def facts_of(phone: Phone) -> dict[str, str]:
    """What a phone says of itself: model, soc, android, abi."""
    lines = phone.do("asking what it is", _FACTS).splitlines()
    return {key: value.strip() for key, equals, value in (line.partition("=") for line in lines) if equals}


def _checked(phone: Phone) -> Phone:
    abi = phone.facts.get("abi")
    if abi != ABI:
        raise DeviceError(
            f"{phone.where}: wrong architecture: its programs are {abi or 'of no kind that it tells'}, not {ABI}"
        )
    return phone
