"""Tells of a device what has to be known before anything is sent there; runs on the device, by any Python.

It is given to the interpreter on its standard input, and prints one line: `EDGEWRIGHT-ANSWER ` and a JSON object. An
old Python must get as far as telling its version, so this keeps to what Python 2.7 understands too.
"""

import json
import os
import platform
import struct
import sys


def read(path):
    # type: (str) -> str | None
    """Content of a small file; None when it cannot be read."""
    try:
        with open(path) as file:
            return file.read().strip().strip("\0")
    except (IOError, OSError):
        return None


def memory_bytes():
    # type: () -> int | None
    """Size of the main memory."""
    for line in (read("/proc/meminfo") or "").splitlines():
        if line.startswith("MemTotal:"):
            return int(line.split()[1]) * 1024
    return None


def free_bytes(path):
    # type: (str) -> int
    """Space on the disk that a folder is on, or will be."""
    while not os.path.isdir(path):
        path = os.path.dirname(path)
    space = os.statvfs(path)
    return space.f_bavail * space.f_frsize


def folder():
    # type: () -> str
    """Where Edgewright keeps its files."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join("~", ".cache")
    asked = sys.argv[1] if sys.argv[1:] else os.path.join(cache, "edgewright")
    return os.path.abspath(os.path.expanduser(asked))


def main():
    # type: () -> None
    """Print the answer."""
    answer = {
        "python": list(sys.version_info[:3]),
        "bits": struct.calcsize("P") * 8,
        "machine": platform.machine(),
        "model": read("/proc/device-tree/model"),
        "boot_id": read("/proc/sys/kernel/random/boot_id"),
        "memory_bytes": memory_bytes(),
        "folder": folder(),
        "free_bytes": free_bytes(folder()),
    }
    sys.stdout.write("EDGEWRIGHT-ANSWER " + json.dumps(answer, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
