"""What went wrong between here and a device, from what ssh says: its exit status is 255 for all of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from edgewright.devices.tools.run import quoted
from edgewright.errors import DeviceError


class ConnectionLostError(DeviceError):
    """A connection that stood is gone."""


@dataclass(frozen=True)
class _Fault:
    """A pattern in ssh's messages, the cause in a person's words, and the way out; {host} and {port} are filled in."""

    pattern: str
    cause: str
    hint: str


# in this order: the first that is found counts
_FAULTS = (
    _Fault(
        r"Could not resolve hostname",
        "no such host name",
        "check the spelling; a name in .local needs mDNS on this machine (libnss-mdns); an address works always",
    ),
    _Fault(
        r"HOST IDENTIFICATION HAS CHANGED",
        "its host key has changed since it was last seen",
        "if the device was set up anew: ssh-keygen -R {known}, then ssh {host} and compare the fingerprint; "
        "if it was not, something else answers at its address",
    ),
    _Fault(
        r"Host key verification failed|host key is known for",
        "its host key is unknown to this machine",
        "run once: ssh {host}, and compare the fingerprint with the device's (ssh-keygen -lf /etc/ssh/ssh_host_*.pub)",
    ),
    _Fault(
        r"Permission denied|Too many authentication failures|No more authentication methods",
        "it refuses the key",
        "ssh-copy-id {host} puts yours on the device; user and key are those of [measure] and ~/.ssh/config, and "
        "passwords are never asked for",
    ),
    _Fault(
        r"Connection refused",
        "it is there, and no ssh server answers at port {port}",
        "switch it on: sudo systemctl enable --now ssh, or in raspi-config under interfaces",
    ),
    _Fault(
        r"timed out|No route to host|unreachable|Host is down",
        "it is not reachable",
        "is it switched on, started up and in the same network?",
    ),
    _Fault(
        r"Bad configuration option|bad configuration|Bad owner or permissions", "the ssh configuration is wrong", ""
    ),
    _Fault(r"Unable to negotiate", "ssh here and the server there have no method in common", "update the older one"),
)
_LOST = re.compile(
    r"closed by remote host|Connection reset|Connection closed|Broken pipe|not responding|client_loop|mux_client|"
    r"kex_exchange_identification|banner exchange"
)


def connection_error(host: str, port: str, stderr: str) -> DeviceError:
    """The error behind what ssh wrote before it ended with status 255."""
    for fault in _FAULTS:
        if re.search(fault.pattern, stderr):
            known = host.rpartition("@")[2]
            words = {"host": host, "port": port, "known": known if port == "22" else f"'[{known}]:{port}'"}
            hint = f"\n  hint: {fault.hint.format(**words)}" if fault.hint else ""
            return DeviceError(f"{host}: {fault.cause.format(**words)}{quoted(stderr, 3)}{hint}")
    if _LOST.search(stderr) or not stderr.strip():
        return ConnectionLostError(f"{host}: the connection was lost{quoted(stderr, 3)}")
    return DeviceError(f"{host}: ssh failed{quoted(stderr)}")


def command_error(host: str, what: str, code: int, stderr: str) -> DeviceError:
    """The error behind a command that the device could not carry out."""
    if "No space left on device" in stderr or "Disk quota exceeded" in stderr:
        hint = "make room, or name a folder on another disk: folder in [measure]"
        return DeviceError(f"{host}: its disk is full while {what}{quoted(stderr, 3)}\n  hint: {hint}")
    if "Read-only file system" in stderr:
        hint = "name a folder that can be written: folder in [measure]; a worn SD card goes read-only too"
        return DeviceError(f"{host}: its file system is read-only while {what}{quoted(stderr, 3)}\n  hint: {hint}")
    return DeviceError(f"{host}: {what} failed with exit status {code}{quoted(stderr)}")
