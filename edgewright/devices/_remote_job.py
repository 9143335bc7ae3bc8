"""A measurement on a remote device: started under the device's own lock, watched, and its answer brought back."""

from __future__ import annotations

import getpass
import os
import secrets
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edgewright.devices import _client, _lock
from edgewright.devices._base import Job, Outputs
from edgewright.devices._client import Answer, Call
from edgewright.devices._remote import Remote, send
from edgewright.devices._ssh_errors import ConnectionLostError, command_error
from edgewright.devices.tools.run import quoted
from edgewright.errors import DeviceError

# $1 folder, $2 name of the job, $3 python, $4 who we are, name=hash ..., --, the program's arguments
#
# The lock goes with the program: it is let go when the program ends, however it ends. Standard input is held open by
# this side; when it closes, nobody waits for the answer any more, and the program is killed.
_RUN = """
export PYTHONHASHSEED=0 PYTHONDONTWRITEBYTECODE=1
cd "$1" || exit 91
find jobs store python -mindepth 1 -maxdepth 1 '(' -name '.*' -mtime +1 -o -path 'jobs/*' -mmin +720 ')' \
    -exec rm -rf {} + 2>/dev/null
find store -type f -mtime +90 -exec rm -f {} + 2>/dev/null
exec 8>>busy
if command -v flock >/dev/null && ! flock -n 8; then cat busy >&2; exit 90; fi
echo "$4" > busy
job=jobs/$2 python=$3
mkdir -p "$job" || exit 91
cd "$job" || exit 91
shift 4
while [ "$1" != -- ]; do ln -s "../../store/${1#*=}" "${1%%=*}"; shift; done
shift
ooms() { while read -r key count; do [ "$key" = oom_kill ] && echo "$count"; done < /proc/vmstat; }
before=$(ooms)
exec 3<&0
"$python" "$@" </dev/null &
child=$!
{ cat <&3; kill -9 $child; } >/dev/null 2>&1 8>&- &
watcher=$!
wait $child
code=$?
kill $watcher 2>/dev/null
[ $code -ne 137 ] || [ "$(ooms)" = "$before" ] || exit 92
[ $code -ne 255 ] || code=254
exit $code
"""
_FETCH = 'cat "$1/jobs/$2/outputs.npz"'
_FORGET = 'rm -rf "$1/jobs/$2"'
_BUSY, _NO_FOLDER, _OUT_OF_MEMORY = 90, 91, 92

COPY_TIMEOUT_S = 600.0
RETURN_PATIENCE_S = 60.0
"""How long a device that went away may take to come back, so that the message can say what happened to it."""
_PAUSE_S = 2.0


def run_job(remote: Remote, python: str, job: Job, call: Call, timeout_s: float) -> tuple[Answer, Outputs]:
    """Run the measuring program on a device, by its interpreter `python`.

    Raises:
        DeviceError: the device did not do it; the message says why, as far as that can be known.
    """
    name = secrets.token_hex(6)
    with tempfile.TemporaryDirectory(prefix="edgewright-") as folder:
        try:
            _client.prepare(job, Path(folder))
            hashes = send(remote, {path.name: path for path in sorted(Path(folder).iterdir())})
            files = [f"{file}={digest}" for file, digest in hashes.items()]
            words = [remote.facts.folder, name, python, _me(), *files, "--", *_client.arguments(job, call)]
            done = _run(remote, words, timeout_s)
            answer = _client.check_answer(remote.host, _client.find_answer(remote.host, done), job, call)
            _fetch(remote, name, Path(folder))
        except ConnectionLostError as error:
            raise _explain_loss(remote, error) from None
        return answer, _client.read_outputs(remote.host, Path(folder), answer, job)


def _me() -> str:
    return f"process {os.getpid()} of {getpass.getuser()} on {socket.gethostname()}"


def _run(remote: Remote, words: list[str], timeout_s: float) -> str:
    """What the program printed; waits while another machine measures on the device."""
    deadline = time.monotonic() + _lock.PATIENCE_S
    told = False
    while True:
        done = _attempt(remote, words, timeout_s)
        if done.returncode != _BUSY:
            break
        holder = done.stderr.strip() or "somebody"
        if time.monotonic() > deadline:
            raise DeviceError(f"{remote.host}: busy with {holder} for more than {_lock.PATIENCE_S / 60:.0f} minutes")
        if not told:
            print(f"waiting for {remote.host}: busy with {holder}", flush=True)
        told = True
        time.sleep(_PAUSE_S)
    if done.returncode:
        raise _failure(remote, done, words)
    return done.stdout


def _attempt(remote: Remote, words: list[str], timeout_s: float) -> subprocess.CompletedProcess[str]:
    try:
        with _open_pipe() as stdin:
            return remote.session.run(_RUN, *words, timeout_s=timeout_s, stdin=stdin)
    except TimeoutError:
        hint = "raise `timeout` in [measure], or lower `runs`"
        raise DeviceError(f"{remote.host}: no answer after {timeout_s:g} s\n  hint: {hint}") from None


@contextmanager
def _open_pipe() -> Iterator[int]:
    """Standard input for a program that is to live as long as this side does."""
    reading, writing = os.pipe()
    try:
        yield reading
    finally:
        os.close(reading)
        os.close(writing)


def _failure(remote: Remote, done: subprocess.CompletedProcess[str], words: list[str]) -> DeviceError:
    code, said, where = done.returncode, quoted(done.stderr), remote.host
    if code == _OUT_OF_MEMORY:
        memory = remote.facts.memory_bytes
        has = f" of {memory >> 20} MiB" if memory else ""
        hint = "end other programs there, add swap, or take a smaller model"
        return DeviceError(f"{where}: the measuring program was killed for want of memory{has}{said}\n  hint: {hint}")
    if code == _NO_FOLDER:
        return command_error(where, "making a folder for the job", code, done.stderr)
    if code == 128 + signal.SIGKILL:
        return DeviceError(f"{where}: the measuring program was killed by somebody there (SIGKILL){said}")
    if code > 128:
        names = {member.value: member.name for member in signal.Signals}
        hint = _client.crash_hint(_runtime(words)) if code == 128 + signal.SIGSEGV else ""
        ended = f"the measuring program was killed by {names.get(code - 128, f'signal {code - 128}')}"
        return DeviceError(f"{where}: {ended}{said}{hint}")
    return command_error(where, "the measuring program", code, done.stderr)


def _runtime(words: list[str]) -> str:
    return words[words.index("--runtime") + 1]


def _fetch(remote: Remote, name: str, folder: Path) -> None:
    with (folder / _client.OUTPUTS).open("wb") as file:
        remote.session.do(
            "fetching the outputs", _FETCH, remote.facts.folder, name, timeout_s=COPY_TIMEOUT_S, stdout=file
        )
    remote.session.do("tidying up", _FORGET, remote.facts.folder, name, timeout_s=COPY_TIMEOUT_S)


def _explain_loss(remote: Remote, error: ConnectionLostError) -> DeviceError:
    """What happened to a device whose connection was lost: it is asked again, if it comes back."""
    deadline = time.monotonic() + RETURN_PATIENCE_S
    while True:
        try:
            script = "cat /proc/sys/kernel/random/boot_id"
            now = remote.session.run(script, timeout_s=20.0).stdout.strip()
            break
        except (DeviceError, TimeoutError):
            if time.monotonic() > deadline:
                hint = "it was switched off, has crashed, or fell out of the network: power supply, heat, cable"
                return DeviceError(f"{error}\n  it does not come back within {RETURN_PATIENCE_S:.0f} s\n  hint: {hint}")
            time.sleep(_PAUSE_S)
    if remote.facts.boot_id and now != remote.facts.boot_id:
        hint = "look at its power supply and temperature (dmesg, vcgencmd get_throttled), then build again"
        return DeviceError(f"{remote.host}: it was started anew during the measurement\n  hint: {hint}")
    return DeviceError(
        f"{error}\n  the device itself stayed up\n  hint: build again; if it repeats, look at the network"
    )
