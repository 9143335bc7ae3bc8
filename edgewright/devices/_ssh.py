"""A connection to a device by the OpenSSH client, with ~/.ssh/config, agents and jump hosts as the user has them.

One connection serves all commands of a session (ControlMaster). Nobody is asked for anything (BatchMode), and host keys
are always verified, whatever the configuration says. Files are sent and fetched through `cat`: that works with every
server, and tells why it failed.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO

from edgewright.devices._ssh_errors import ConnectionLostError, command_error, connection_error
from edgewright.devices.tools.run import Program, need, run
from edgewright.errors import DeviceError, ToolError

CLIENT = Program("ssh", "apt-get install openssh-client")

_CONNECT_TIMEOUT_S = 20
_PERSIST_S = 120
_GONE = 255
_PROLOGUE = "export LC_ALL=C; umask 022; "
_FLAGS = (
    "BatchMode=yes",
    "StrictHostKeyChecking=yes",
    "ControlMaster=auto",
    f"ControlPersist={_PERSIST_S}",
    "ServerAliveInterval=5",
    "ServerAliveCountMax=4",
    "ClearAllForwardings=yes",
    "ForwardAgent=no",
    "RemoteCommand=none",
    "RequestTTY=no",
)


@dataclass(frozen=True)
class Address:
    """How a device is reached.

    Attributes:
        host: "pi@raspberrypi.local", or a name out of ~/.ssh/config.
        port: None leaves it to the configuration.
        identity: file of a private key; None leaves it to the configuration and the agent.
        config: in place of ~/.ssh/config.
    """

    host: str
    port: int | None = None
    identity: str | None = None
    config: str | None = None

    def flags(self) -> list[str]:
        """Command-line flags of ssh."""
        flags = ["-F", str(Path(self.config).expanduser())] if self.config else []
        flags += ["-p", str(self.port)] if self.port else []
        if self.identity:
            flags += ["-i", str(Path(self.identity).expanduser()), "-o", "IdentitiesOnly=yes"]
        return flags


class Session:
    """Commands on one device over one connection; a context manager.

    Raises:
        ToolError: there is no ssh here.
        DeviceError: on entry, and by each call: the device cannot be reached or refuses.
        ConnectionLostError: by each call: the device was there and is gone.
    """

    def __init__(self, address: Address) -> None:
        self.address = address
        self.host = address.host
        need(CLIENT.name, CLIENT.hint)
        for file in (address.identity, address.config):
            if file and not Path(file).expanduser().is_file():
                raise ToolError(f"{file} does not exist\n  hint: see identity and ssh_config in [measure]")

    def __enter__(self) -> Session:
        self._folder = Path(tempfile.mkdtemp(prefix="ew-", dir="/tmp"))
        limits = ["-o", f"ConnectTimeout={_CONNECT_TIMEOUT_S}", "-o", f"ControlPath={self._folder}/s"]
        flags = [word for flag in _FLAGS for word in ("-o", flag)]
        self._ssh = ["ssh", *limits, *flags, *self.address.flags()]
        try:
            self._run("true", 3 * _CONNECT_TIMEOUT_S)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        with suppress(TimeoutError):
            run([*self._ssh, "-O", "exit", "--", self.host], 10.0)
        shutil.rmtree(self._folder, ignore_errors=True)

    def run(
        self,
        script: str,
        *words: str,
        timeout_s: float,
        stdin: int | IO[bytes] = subprocess.DEVNULL,
        stdout: int | IO[bytes] = subprocess.PIPE,
    ) -> subprocess.CompletedProcess[str]:
        """Run a script of the POSIX shell on the device, with `words` as $1, $2, ...

        Raises:
            TimeoutError: it ran longer than `timeout_s` seconds.
        """
        command = shlex.join(["sh", "-c", _PROLOGUE + script, "edgewright", *words])
        return self._run(command, timeout_s, stdin, stdout)

    def do(
        self,
        what: str,
        script: str,
        *words: str,
        timeout_s: float,
        stdin: int | IO[bytes] = subprocess.DEVNULL,
        stdout: int | IO[bytes] = subprocess.PIPE,
    ) -> str:
        """Run a script that must succeed; gives what it prints. `what` names it in messages: "copying m.tflite"."""
        try:
            done = self.run(script, *words, timeout_s=timeout_s, stdin=stdin, stdout=stdout)
        except TimeoutError:
            raise DeviceError(f"{self.host}: no end of {what} after {timeout_s:g} s") from None
        if done.returncode:
            raise command_error(self.host, what, done.returncode, done.stderr)
        return done.stdout

    def _run(
        self,
        command: str,
        timeout_s: float,
        stdin: int | IO[bytes] = subprocess.DEVNULL,
        stdout: int | IO[bytes] = subprocess.PIPE,
    ) -> subprocess.CompletedProcess[str]:
        words = [*self._ssh, "--", self.host, command]
        done = run(words, timeout_s, env={**os.environ, "LC_ALL": "C"}, stdin=stdin, stdout=stdout)
        if done.returncode == _GONE:
            raise connection_error(self.host, self._port(), done.stderr)
        return done

    def _port(self) -> str:
        """The port that the configuration ends at."""
        with suppress(TimeoutError):
            printed = run([*self._ssh, "-G", "--", self.host], 10.0).stdout
            for line in printed.splitlines():
                if line.startswith("port "):
                    return line.removeprefix("port ")
        return str(self.address.port or 22)


__all__ = ["Address", "ConnectionLostError", "Session"]
