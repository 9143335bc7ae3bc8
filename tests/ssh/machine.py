"""A whole 64-bit Arm machine under QEMU, with Debian's kernel, Python and an ssh server: what a Raspberry Pi looks like
from here.

`-icount shift=0,sleep=off` makes its clock count instructions, one a nanosecond: a program that measures wall time on
it gets the same figure each time, whatever this machine does meanwhile.
"""

from __future__ import annotations

import gzip
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from edgewright.devices import _device_python
from edgewright.devices.tools import _apt, device_cache, system_root, wheelhouse
from edgewright.devices.tools.run import run_tool
from tests.ssh.conftest import free_port, keygen

PACKAGES = ("linux-image-arm64", "busybox-static", "dropbear-bin")
PYTHON = "python3.11"
RUNTIME = "tflite-runtime"
MODULES = ("failover", "net_failover", "virtio_mmio", "virtio_net", "virtio-rng")
INIT = """#!/bin/busybox sh
/bin/busybox --install -s /usr/bin 2>/dev/null
mkdir -p /proc /sys /dev /tmp /run
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts
mount -t devpts pts /dev/pts
for module in virtio_mmio virtio-rng failover net_failover virtio_net; do insmod /modules/$module.ko; done
ip link set lo up
ip link set eth0 up
ip addr add 10.0.2.15/24 dev eth0
echo 1 > /proc/sys/kernel/sysrq
# An idle machine's clock leaps to its next timer, so that the time that a busy host takes to answer a login looks like
# minutes to the server, which gives up. With this it counts instructions all the time; what else runs goes first.
python3.11 -c 'import os
os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
while True: pass' &
exec dropbear -F -E -s -r /etc/dropbear_key -p 22
"""
_FILES = {
    "init": (INIT, 0o755),
    "etc/passwd": ("root:x:0:0:root:/root:/bin/sh\n", 0o644),
    "etc/group": ("root:x:0:\n", 0o644),
    "etc/shells": ("/bin/sh\n", 0o644),
}


class Archive:
    """An initramfs: a cpio archive of the kind "newc" (described in the kernel's buffer-format.rst)."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._count = 0

    def add(self, name: str, mode: int, content: bytes = b"") -> None:
        """Add a file, a folder or a link, by its whole mode."""
        self._count += 1
        path = name.encode() + b"\0"
        sizes = (self._count, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(path), 0)
        header = b"070701" + "".join(f"{value:08X}" for value in sizes).encode() + path
        self._parts += [padded(header), padded(content)]

    def tree(self, root: Path, inside: str = "", without: Iterable[str] = ()) -> None:
        """Add all that is in a folder."""
        for path in sorted(root.rglob("*")):
            name = f"{inside}{path.relative_to(root)}"
            if any(part in name for part in without):
                continue
            if path.is_symlink():
                self.add(name, 0o120777, str(path.readlink()).encode())
            elif path.is_dir():
                self.add(name, 0o040755)
            else:
                self.add(name, 0o100000 | path.stat().st_mode & 0o777, path.read_bytes())

    def bytes(self) -> bytes:
        """The archive, compressed."""
        self.add("TRAILER!!!", 0)
        return gzip.compress(b"".join(self._parts), 1, mtime=0)


def padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)


def base() -> Path:
    """Kernel and system, in the user's cache: `vmlinuz`, `system.gz` and, for keys, `bin/dropbearkey`."""
    recipe = {"packages": PACKAGES, "modules": MODULES, "init": INIT, "environment": _environment()[0], "format": 4}
    return device_cache.ensure("test-machine-arm64", recipe, _build)


def _environment() -> tuple[str, Path]:
    """Name and content of the Python environment that an earlier use has left on the machine."""
    wheels = wheelhouse.wheels_for("aarch64", "3.11", RUNTIME)
    return _device_python.environment_name(PYTHON, wheels), _device_python.packed(wheels, RUNTIME)


def _build(folder: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="edgewright-") as name:
        unpacked = Path(name)
        _apt.unpack("bookworm", "arm64", PACKAGES, unpacked)
        archive = Archive()
        archive.tree(system_root.ensure_debian("arm64"), without=("__pycache__", "usr/share", "config-3.11"))
        libraries = _server_libraries(unpacked, folder / "lib")
        archive.tree(libraries, "usr/lib/aarch64-linux-gnu/")
        for program in ("usr/sbin/dropbear", "usr/bin/busybox"):
            archive.add(f"usr/bin/{Path(program).name}", 0o100755, (unpacked / program).read_bytes())
        archive.add("modules", 0o040755)
        for module in MODULES:
            (found,) = unpacked.glob(f"usr/lib/modules/*/kernel/**/{module}.ko")
            archive.add(f"modules/{module}.ko", 0o100644, found.read_bytes())
        for path, (text, mode) in _FILES.items():
            archive.add(path, 0o100000 | mode, text.encode())
        _add_environment(archive, unpacked / "site")
        (folder / "system.gz").write_bytes(archive.bytes())
        (kernel,) = (unpacked / "boot").glob("vmlinuz-*")
        shutil.copyfile(kernel, folder / "vmlinuz")
        shutil.copy(unpacked / "usr/bin/dropbearkey", folder / "dropbearkey")


def _add_environment(archive: Archive, site: Path) -> None:
    name, packed = _environment()
    shutil.unpack_archive(packed, site)
    place = "root/.cache/edgewright/python"
    folders = ["root", "root/.cache", "root/.cache/edgewright", place, f"{place}/{name}", f"{place}/{name}/site"]
    for folder in folders:
        archive.add(folder, 0o040755)
    archive.add(f"{place}/{name}/python", 0o100755, b'#!/bin/sh\nPYTHONPATH="${0%/*}/site" exec python3.11 "$@"\n')
    archive.tree(site, f"{place}/{name}/site/")


def _server_libraries(unpacked: Path, folder: Path) -> Path:
    """What the ssh server needs besides the system's own libraries."""
    folder.mkdir()
    for pattern in ("libtom*", "libgmp*", "libcrypt*", "libz*"):
        for path in (unpacked / "usr/lib/aarch64-linux-gnu").glob(pattern):
            shutil.copyfile(path, folder / path.name, follow_symlinks=False)
    return folder


class Machine:
    """A machine that runs; a context manager."""

    def __init__(self, folder: Path, memory_mib: int = 1024) -> None:
        self.folder = folder
        self.port = free_port()
        self.memory_mib = memory_mib

    def __enter__(self) -> Machine:
        files = base()
        keygen(self.folder / "user_key")
        own = Archive()
        host_key = self._host_key(files)
        own.add("etc/dropbear_key", 0o100600, host_key)
        own.add("root/.ssh", 0o040700)
        own.add("root/.ssh/authorized_keys", 0o100600, (self.folder / "user_key.pub").read_bytes())
        (self.folder / "initrd.gz").write_bytes((files / "system.gz").read_bytes() + own.bytes())
        self._process = subprocess.Popen(self._command(files), stdin=subprocess.DEVNULL)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def _host_key(self, files: Path) -> bytes:
        """Make a key in the server's own format, with its own program."""
        key = self.folder / "dropbear_key"
        root = system_root.ensure_debian("arm64")
        path = f"LD_LIBRARY_PATH={files}/lib:{root}/usr/lib/aarch64-linux-gnu"
        command = ["qemu-aarch64", "-L", str(root), "-E", path, str(files / "dropbearkey")]
        printed = run_tool("making a host key", [*command, "-t", "ed25519", "-f", str(key)], 60.0)
        (public,) = (line for line in printed.splitlines() if line.startswith("ssh-ed25519"))
        (self.folder / "known_hosts").write_text(f"[127.0.0.1]:{self.port} {public}\n")
        return key.read_bytes()

    def _command(self, files: Path) -> list[str]:
        return [
            *("qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a72", "-smp", "1", "-m", str(self.memory_mib)),
            *("-kernel", str(files / "vmlinuz"), "-initrd", str(self.folder / "initrd.gz")),
            *("-append", "console=ttyAMA0 quiet panic=-1", "-display", "none"),
            *("-serial", f"file:{self.folder}/console", "-monitor", "none"),
            *("-netdev", f"user,id=n0,restrict=on,hostfwd=tcp:127.0.0.1:{self.port}-:22"),
            *("-device", "virtio-net-device,netdev=n0", "-device", "virtio-rng-device"),
            *("-icount", "shift=0,sleep=off"),
        ]

    @property
    def config(self) -> Path:
        """The ssh configuration by which it is called "machine"."""
        path = self.folder / "config"
        path.write_text(
            f"Host machine\n  HostName 127.0.0.1\n  Port {self.port}\n  User root\n  IdentityAgent none\n"
            f"  IdentityFile {self.folder}/user_key\n  UserKnownHostsFile {self.folder}/known_hosts\n"
        )
        return path

    def shell(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run a command on it, over a connection of its own."""
        flags = [f"-o{flag}" for flag in ("BatchMode=yes", "ConnectTimeout=60", "ServerAliveInterval=5")]
        ssh = ["ssh", "-F", str(self.config), *flags, "machine", command]
        return subprocess.run(ssh, capture_output=True, text=True, timeout=240, check=False)

    def wait(self, timeout_s: float = 240.0) -> None:
        """Wait until it lets us in."""
        deadline = time.monotonic() + timeout_s
        while self.shell("true").returncode:
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise AssertionError((self.folder / "console").read_text()[-3000:])
            time.sleep(0.5)
