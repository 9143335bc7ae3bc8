"""What is wrong with a phone, in a person's words, from what adb prints."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping

from edgewright.devices.tools.run import quoted
from edgewright.errors import DeviceError

_STATES = {
    "unauthorized": ("it does not trust this machine", "unlock it and allow USB debugging for this machine"),
    "authorizing": ("it does not trust this machine yet", "unlock it and allow USB debugging for this machine"),
    "offline": ("it is offline: it does not answer adb", "unplug it and plug it in again, or: adb reconnect"),
    "connecting": ("it is not ready", "wait a moment, and try again"),
    "recovery": ("it is in recovery", "adb reboot"),
    "sideload": ("it is in sideload", "adb reboot"),
    "bootloader": ("it is in its boot loader", "fastboot reboot"),
    "no permissions": (
        "this user may not open the USB device",
        "apt-get install android-sdk-platform-tools-common, join the group plugdev, and plug it in again",
    ),
}
_GONE = re.compile(
    r"device '[^']*' not found|no devices/emulators found|device (?:still )?offline|device unauthorized"
    r"|error: closed|connection reset|broken pipe|protocol fault|couldn't read from device|read copy response"
    r"|failed to read (?:command|copy)|unexpected EOF|transport .* not found|device .* disconnected|closed$",
    re.IGNORECASE | re.MULTILINE,
)
_FULL = re.compile(r"No space left on device|ENOSPC|Disk quota exceeded", re.IGNORECASE)
_KILLED = 128 + 9


def of_choice(known: Mapping[str, str]) -> DeviceError:
    """No phone, or several and none is named."""
    if not known:
        hint = "plug one in with USB debugging on (Settings, Developer options), and look at: adb devices"
        return DeviceError(f"adb sees no phone\n  hint: {hint}")
    names = ", ".join(f"{serial} ({state})" for serial, state in known.items())
    return DeviceError(
        f'adb sees several phones: {names}\n  hint: choose one in [measure]: serial = "{next(iter(known))}"'
    )


def of_state(serial: str, state: str | None, known: Mapping[str, str]) -> DeviceError:
    """A phone that is not there, or not ready."""
    if state is None:
        seen = f"adb sees {', '.join(known)}" if known else "adb sees no phone"
        return DeviceError(f"{serial}: no such phone; {seen}\n  hint: adb devices")
    for name, (problem, hint) in _STATES.items():
        if state.startswith(name):
            return DeviceError(f"{serial}: {problem}\n  hint: {hint}")
    return DeviceError(f"{serial}: it is in the state {state!r}, not ready for work\n  hint: adb devices -l")


def of_link(where: str, text: str) -> DeviceError | None:
    """The phone went away; None when the text says nothing like it."""
    if not _GONE.search(text):
        return None
    hint = "look at the cable and at: adb devices; what was half sent is never used"
    return DeviceError(f"{where}: it went away{quoted(_to_the_point(text), 3)}\n  hint: {hint}")


def _to_the_point(text: str) -> str:
    """The lines that tell an error: adb mixes them with what it copied."""
    told = [line for line in text.splitlines() if "error" in line or _FULL.search(line)]
    return "\n".join(told) or text


def of_command(where: str, what: str, done: subprocess.CompletedProcess[str]) -> DeviceError:
    """A command on the phone, or a copy, that failed."""
    text = done.stderr or done.stdout
    if _FULL.search(text):
        hint = "adb shell df -h /data; adb shell rm -r /data/local/tmp/edgewright takes nothing that is not made again"
        return DeviceError(f"{where}: its disk is full, while {what}{quoted(_to_the_point(text), 3)}\n  hint: {hint}")
    if fault := of_link(where, text):
        return fault
    return DeviceError(f"{where}: failed while {what} (exit status {done.returncode}){quoted(text)}")


def of_program(where: str, done: subprocess.CompletedProcess[str]) -> DeviceError:
    """The measuring program that did not end well."""
    if done.returncode == _KILLED:
        hint = "phones kill what takes too much memory: close apps, or build a smaller model"
        return DeviceError(
            f"{where}: the measuring program was killed (SIGKILL){quoted(done.stderr, 3)}\n  hint: {hint}"
        )
    if done.returncode > 128:
        signal = done.returncode - 128
        return DeviceError(f"{where}: the measuring program crashed (signal {signal}){quoted(done.stderr)}")
    if _FULL.search(done.stderr):
        return of_command(where, "writing the answers", done)
    status = f"failed with exit status {done.returncode}"
    return DeviceError(f"{where}: the measuring program {status}{quoted(done.stderr or done.stdout)}")
