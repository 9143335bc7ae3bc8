"""Transport "ssh": a Raspberry Pi, or any Linux device with Python, over the network, with wall times.

    [measure]
    transport = "ssh"
    host      = "pi@raspberrypi.local"

The OpenSSH client does the talking, with ~/.ssh/config as it is. On first use the device gets a Python environment of
its own; nothing on it is changed besides its folder. Files are sent once, named by their content, and checked before
each use. The measuring program is the one that the emulated device runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

from pydantic import Field

from edgewright import kinds
from edgewright.devices import _device_python, _remote, _remote_job
from edgewright.devices._base import MEASURED, Abilities, Job, Measurement, Outputs
from edgewright.devices._base import Options as BaseOptions
from edgewright.devices._client import Answer, Call
from edgewright.devices._figures import measured
from edgewright.devices._remote import Remote
from edgewright.devices._ssh import CLIENT, Address, Session
from edgewright.devices.tools.run import Program
from edgewright.errors import DeviceError

ABILITIES = Abilities(MEASURED, ("linux",))
# a board's architecture, as GCC has it, where it is not what the kernel says
_ARCHITECTURES = {"armv7-a": "armv7l", "armv8-a": "aarch64", "x86-64": "x86_64"}


class Options(BaseOptions):
    """Keys of [measure]."""

    host: kinds.Host = Field(description='the device: "pi@raspberrypi.local", or a name out of ~/.ssh/config')
    port: int | None = Field(default=None, ge=1, le=65535, description="of its ssh server; else as ~/.ssh/config says")
    identity: kinds.Path | None = Field(default=None, description="file of a private key; else as ~/.ssh/config says")
    ssh_config: kinds.Path | None = Field(default=None, description="file in place of ~/.ssh/config")
    python: kinds.Path = Field(default="python3", description="the device's Python")
    wheels: Literal["auto", "device", "host"] = Field(
        default="auto", description="who fetches numpy and the runtime: the device, this machine for it, or who can"
    )
    folder: kinds.Path | None = Field(
        default=None, description="where the device keeps the files; else ~/.cache/edgewright"
    )
    runs: int = Field(default=200, ge=1, le=100_000, description="inferences that are measured")
    warmup: int = Field(default=20, ge=0, le=100_000, description="inferences before them that are not")
    threads: int = Field(default=1, ge=1, le=256, description="threads of the inference")


OPTIONS = Options


def programs(_board: Mapping[str, Any]) -> tuple[Program, ...]:
    """What has to be installed."""
    return (CLIENT,)


def identity(options: Options) -> str:
    """Names the device, the same for every user name on it."""
    return f"{options.host.rpartition('@')[2].lower()}:{options.port or 22}"


def measure(job: Job, options: Options) -> Measurement:
    """Time an inference, and get the answers to all samples."""
    call = Call(runs=options.runs, warmup=options.warmup, threads=options.threads)
    answer, outputs = _run(job, call, options, options.timeout)
    tools = {"device python": answer.python, "device numpy": answer.numpy}
    return Measurement(ABILITIES.kind, measured(answer, call, job), outputs, tools)


def look(options: Options) -> str:
    """What the device is, in a line: "Raspberry Pi 4 Model B Rev 1.4, aarch64, Python 3.11.2"."""
    with _device(options) as remote:
        facts = remote.facts
        version = ".".join(map(str, facts.python))
        return ", ".join([*([facts.model] if facts.model else []), facts.architecture, f"Python {version}"])


def _run(job: Job, call: Call, options: Options, timeout_s: float) -> tuple[Answer, Outputs]:
    with _device(options) as remote:
        _check_architecture(remote, job)
        python = _device_python.environment(remote, job.runtime, options.wheels)
        return _remote_job.run_job(remote, python, job, call, timeout_s)


@contextmanager
def _device(options: Options) -> Iterator[Remote]:
    address = Address(options.host, options.port, options.identity, options.ssh_config)
    try:
        with Session(address) as session:
            yield _remote.connect(session, options.python, options.folder)
    except TimeoutError as error:
        raise DeviceError(f"{options.host}: it answers too slowly: {error}") from None


def _check_architecture(remote: Remote, job: Job) -> None:
    wanted = str((job.board.get("core") or {}).get("arch"))
    wanted = _ARCHITECTURES.get(wanted, wanted)
    if remote.facts.architecture == wanted:
        return
    facts = remote.facts
    system = f", a {facts.bits}-bit system on a {facts.machine} kernel" if facts.machine != facts.architecture else ""
    is_a = f" ({facts.model})" if facts.model else ""
    raise DeviceError(
        f"{remote.host}: wrong architecture: it is {facts.architecture}{system}{is_a}; the target's board is {wanted}"
        "\n  hint: name in the target the board that it is, or a host that is such a board"
    )
