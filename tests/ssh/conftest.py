"""A device behind a real sshd on this machine: its own keys, its own port, and a home and programs of its own.

Commands run as the server runs them, by this machine's shell. `python3` is what a test says it is: this machine's, or
that of a 64-bit Arm system under QEMU.
"""

from __future__ import annotations

import getpass
import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgewright.devices import Job, ssh
from edgewright.devices.tools import cpus, system_root
from testbench.nets import RELU, Net, to_tflite

SSHD = "/usr/sbin/sshd"
needs_sshd = pytest.mark.skipif(
    not Path(SSHD).exists() or not shutil.which("ssh"), reason="openssh-server is not installed"
)
NATIVE = {"core": {"arch": os.uname().machine}}
ARM64 = {"core": {"arch": "aarch64", "cores": 4}}
RUNTIME = "tflite-runtime" if sys.version_info < (3, 12) else "litert"


@dataclass
class Server:
    """A running sshd and the device that it leads to.

    Attributes:
        folder: holds everything.
        port: where it listens.
        programs: the device's own, found before this machine's.
    """

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    programs: dict[str, str] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        """The device's home."""
        return self.folder / "home"

    @property
    def cache(self) -> Path:
        """Where the device keeps Edgewright's files."""
        return self.home / ".cache/edgewright"

    @property
    def config(self) -> Path:
        """The ssh configuration by which it is called "device"."""
        return self.folder / "config"

    def program(self, name: str, script: str) -> None:
        """Give the device a program."""
        path = self.folder / "bin" / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def forget(self, name: str) -> None:
        """Take it away."""
        (self.folder / "bin" / name).unlink()

    def options(self, **changes: Any) -> ssh.Options:
        """Of the transport, for this device."""
        given = {"host": "device", "ssh_config": str(self.config), "runs": 5, "warmup": 1, **changes}
        return ssh.OPTIONS.model_validate(given)

    def start(self) -> None:
        """Let it listen."""
        command = [SSHD, "-D", "-f", str(self.folder / "sshd_config"), "-E", str(self.folder / "log")]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        for _ in range(200):
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.05)
        raise AssertionError((self.folder / "log").read_text())

    def stop(self) -> None:
        """End it, and every connection to it."""
        if self.process:
            for child in children(self.process.pid):
                with suppress(ProcessLookupError):
                    os.kill(child, 9)
            self.process.kill()
            self.process.wait()
            self.process = None


def children(pid: int) -> list[int]:
    """All processes below one."""
    found = []
    with suppress(OSError):
        for child in map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()):
            found += [child, *children(child)]
    return found


def keygen(path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def make_server(folder: Path) -> Server:
    """An sshd in an empty folder, not started."""
    server = Server(folder, free_port())
    for name in ("home", "bin"):
        (folder / name).mkdir()
    for name in ("host_key", "user_key"):
        keygen(folder / name)
    (folder / "authorized_keys").write_bytes((folder / "user_key.pub").read_bytes())
    shell = folder / "shell"
    shell.write_text(
        "#!/bin/sh\nunset XDG_CACHE_HOME\n"
        f"export HOME={shlex.quote(str(server.home))} PATH={shlex.quote(str(folder / 'bin'))}:/usr/bin:/bin\n"
        'cd; exec sh -c "$SSH_ORIGINAL_COMMAND"\n'
    )
    shell.chmod(0o755)
    (folder / "sshd_config").write_text(
        f"Port {server.port}\nListenAddress 127.0.0.1\nHostKey {folder}/host_key\n"
        f"AuthorizedKeysFile {folder}/authorized_keys\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n"
        f"UsePAM no\nStrictModes no\nPidFile none\nForceCommand {shell}\nMaxStartups 100\nPermitRootLogin yes\n"
    )
    write_config(server)
    return server


def write_config(server: Server, **changes: str) -> None:
    """Describe the device for ssh, and note its host key."""
    key = (server.folder / "host_key.pub").read_text()
    (server.folder / "known_hosts").write_text(f"[127.0.0.1]:{server.port} {key}")
    lines = {
        "HostName": "127.0.0.1",
        "Port": str(server.port),
        "User": getpass.getuser(),
        "IdentityFile": str(server.folder / "user_key"),
        "IdentitiesOnly": "yes",
        "IdentityAgent": "none",
        "UserKnownHostsFile": str(server.folder / "known_hosts"),
        **changes,
    }
    server.config.write_text("Host device\n" + "".join(f"  {key} {value}\n" for key, value in lines.items()))


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One device for all tests that only use it: this machine's Python."""
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # where sshd goes while nobody has logged in yet
    server = make_server(tmp_path_factory.mktemp("sshd"))
    server.program("python3", f'exec {sys.executable} "$@"')
    server.start()
    yield server
    server.stop()


@pytest.fixture
def server(shared_server: Server) -> Iterator[Server]:
    """The device, as it was before each test; its files stay."""
    yield shared_server
    shared_server.program("python3", f'exec {sys.executable} "$@"')
    write_config(shared_server)
    for path in (shared_server.folder / "bin").iterdir():
        if path.name != "python3":
            path.unlink()
    if not shared_server.process or shared_server.process.poll() is not None:
        shared_server.start()


@pytest.fixture(scope="session")
def arm64_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bare 64-bit Arm system for QEMU: Debian's Python, no wheels."""
    for program in ("qemu-aarch64", "apt-get"):
        if not shutil.which(program):
            pytest.skip(f"{program} is not installed")
    debian = system_root.ensure_debian("arm64")
    root = tmp_path_factory.mktemp("arm64")
    for name in ("usr", "lib", "bin", "sbin", "etc"):
        (root / name).symlink_to(debian / name)
    cpus.write_tree(root, cpus.CPUS["cortex-a72"], 4)
    return root


def arm64_python(root: Path) -> str:
    """A `python3` that is the Arm system's."""
    return f'exec qemu-aarch64 -cpu cortex-a72 -L {root} {root}/usr/bin/python3.11 "$@"'


def make_job(path: Path, runtime: str = RUNTIME, board: dict[str, Any] = NATIVE) -> Job:
    """A small network and four inputs."""
    net = Net()
    random = np.random.default_rng(3)
    x = net.conv(net.input((1, 6, 6, 1)), random.integers(-99, 99, (8, 3, 3, 1)), np.zeros(8), act=RELU)
    dense = net.dense(net.reshape(x, (1, 288)), random.integers(-99, 99, (10, 288)), np.zeros(10))
    path.write_bytes(to_tflite(net.graph(dense)))
    samples = random.integers(-128, 127, (4, 1, 6, 6, 1)).astype(np.int8)
    return Job(path, runtime, (samples,), board, check_samples=2)


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """A job for a device like this machine."""
    return make_job(tmp_path / "m.tflite")
