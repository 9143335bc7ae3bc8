"""A small model, an emulated Cortex-A76, and the stand-in of a phone behind a real adb with a server of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from edgewright.devices import Job
from edgewright.devices.tools.cpus import CPUS, write_tree
from edgewright.home import cache_home
from testbench.nets import RELU, Net, to_tflite
from testbench.streams import FRAME, running_sum

from . import adbd

BOARD = {"core": {"arch": "aarch64", "cores": 8}, "emulator": {"kind": "qemu-phone", "cpu": "cortex-a76"}}
NEEDED = ("qemu-aarch64", "aarch64-linux-gnu-gcc", "apt-get")
needs_phone = pytest.mark.skipif(not all(map(shutil.which, NEEDED)), reason="no emulator or cross-compiler")


@pytest.fixture(scope="session")
def job(tmp_path_factory: pytest.TempPathFactory) -> Job:
    net = Net()
    random = np.random.default_rng(3)
    x = net.conv(net.input((1, 6, 6, 1)), random.integers(-99, 99, (8, 3, 3, 1)), np.zeros(8), act=RELU)
    dense = net.dense(net.reshape(x, (1, 288)), random.integers(-99, 99, (10, 288)), np.zeros(10))
    model = tmp_path_factory.mktemp("job") / "m.tflite"
    model.write_bytes(to_tflite(net.graph(dense)))
    samples = np.random.default_rng(0).integers(-128, 127, (4, 1, 6, 6, 1)).astype(np.int8)
    return Job(model, "litert", (samples,), BOARD)


@pytest.fixture(scope="session")
def stream(tmp_path_factory: pytest.TempPathFactory) -> Job:
    """A model with state, whose answer to a sample depends on those before it."""
    model = tmp_path_factory.mktemp("stream") / "m.tflite"
    model.write_bytes(running_sum("int8"))
    samples = np.random.default_rng(0).integers(1, 9, (4, 1, FRAME)).astype(np.int8)
    return Job(model, "litert", (samples,), BOARD, has_state=True)


@pytest.fixture(scope="session")
def adb_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of an adb that shares nothing with the user's: server, keys, devices."""
    if shutil.which("adb") is None:
        pytest.skip("no adb")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    own = {"ANDROID_ADB_SERVER_PORT": str(port), "HOME": str(tmp_path_factory.mktemp("home"))}
    own |= {"ADB_MDNS_OPENSCREEN": "0", "EDGEWRIGHT_CACHE": str(cache_home())}
    yield own
    subprocess.run(["adb", "kill-server"], env={**os.environ, **own}, capture_output=True, check=False)


@pytest.fixture
def use_adb(adb_server: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in adb_server.items():
        monkeypatch.setenv(name, value)
    yield
    subprocess.run(["adb", "disconnect"], capture_output=True, check=False)


@pytest.fixture
def phone(use_adb: None, tmp_path: Path) -> adbd.Phone:
    write_tree(tmp_path / "cpu", CPUS["cortex-a76"], 8)
    return adbd.Phone(tmp_path / "phone", f"qemu-aarch64 -cpu cortex-a76 -L {tmp_path / 'cpu'}")


@pytest.fixture
def address(phone: adbd.Phone) -> Iterator[str]:
    """Where the phone listens; `phone` may be changed before and after."""
    with adbd.listening(phone) as found:
        yield found
