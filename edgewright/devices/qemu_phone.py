"""Transport "qemu-phone": an Android phone stood in for by QEMU's user mode, with instructions counted exactly.

The C program that transport "adb" puts on a phone runs on an emulated core of the phone's kind, with the same
libraries. Counted are the instructions of the process between the begin and the end of an inference. The count is the
same in each run and on each machine; it is no time, and no time is reported.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from edgewright.devices import _phone, _plugin
from edgewright.devices._base import EMULATED, Abilities, Job, Measurement, Outputs
from edgewright.devices._base import Options as BaseOptions
from edgewright.devices._figures import counted
from edgewright.devices.tools import system_root
from edgewright.devices.tools.cpus import CPUS, write_tree
from edgewright.devices.tools.run import Program, ending, need, quoted, run
from edgewright.errors import DeviceError

ABILITIES = Abilities(EMULATED, ("android",))
_GUEST = "edgewright-phone"  # at the root: a path that exists on no machine, so that QEMU finds it below -L alone
_RECORD = "marks.txt"


class Options(BaseOptions):
    """Keys of [measure]."""

    threads: Literal[1] = Field(
        default=1, description="threads of the inference; with more, waiting threads spin and no count repeats"
    )
    xnnpack: bool = Field(default=True, description="kernels of XNNPACK, or those built into LiteRT")
    accuracy_samples: int = Field(default=200, ge=0, description="test examples whose answers are judged on the device")


OPTIONS = Options


def programs(_board: Mapping[str, Any]) -> tuple[Program, ...]:
    """What has to be installed."""
    qemu = Program(system_root.known_machine(_phone.ARCH).qemu, system_root.QEMU_HINT, _plugin.check_version)
    return qemu, _plugin.GCC, _phone.COMPILER


def measure(job: Job, options: Options) -> Measurement:
    """Count the instructions of an inference, and get the answers to all samples."""
    _phone.check_runtime(job)
    machine = system_root.known_machine(_phone.ARCH)
    version = system_root.qemu_version(machine)
    _plugin.check_version(version)
    kit = _phone.ensure_kit()
    call = _phone.Call(options.runs, options.warmup, xnnpack=options.xnnpack, mark=True)
    outputs, counts = _run(job, call, kit, options.timeout)
    figures = {
        **counted(_where(job), counts, job, options.runs),
        "runs": options.runs,
        "warmup": options.warmup,
        "threads": options.threads,
        "xnnpack": options.xnnpack,
        "cpu": system_root.known_cpu(job.board["emulator"]["cpu"]),
    }
    return Measurement(ABILITIES.kind, figures, outputs, {machine.qemu: version, **_phone.versions(kit)})


def infer(job: Job, timeout_s: float) -> Outputs:
    """The answers of the emulated phone to all samples."""
    _phone.check_runtime(job)
    return _run(job, _phone.Call(1, 0, mark=True), _phone.ensure_kit(), timeout_s)[0]


def _run(job: Job, call: _phone.Call, kit: _phone.Kit, timeout_s: float) -> tuple[Outputs, list[int]]:
    _phone.check_states(job)
    where = _where(job)
    with tempfile.TemporaryDirectory(prefix="edgewright-") as name:
        root = Path(name)
        folder = _lay_out(root, job, kit)
        words = _phone.arguments(job, call, f"/{_GUEST}", _phone.MODEL, _phone.SAMPLES)
        _execute(where, [*_emulator(job, root, folder), f"{root}{words[0]}", *words[1:]], folder, timeout_s)
        outputs = _phone.read_answer(where, folder, job, call, kit.version)[1]
        counts = _plugin.read_regions((folder / _RECORD).read_text())
    return outputs, counts


def _where(job: Job) -> str:
    return f"emulated {job.board['emulator']['cpu']}"


def _lay_out(root: Path, job: Job, kit: _phone.Kit) -> Path:
    """Fill the root of the emulated phone; gives the folder of the job."""
    write_tree(root, CPUS[system_root.known_cpu(job.board["emulator"]["cpu"])], int(job.board["core"]["cores"]))
    (root / _GUEST).symlink_to(kit.folder)
    folder = root / "job"
    folder.mkdir()
    (folder / _phone.MODEL).write_bytes(job.model.read_bytes())
    (folder / _phone.SAMPLES).write_bytes(_phone.sample_bytes(job))
    return folder


def _emulator(job: Job, root: Path, folder: Path) -> list[str]:
    def escaped(path: Path) -> str:
        return str(path).replace(",", ",,")  # QEMU separates a plugin's arguments by commas

    machine = system_root.MACHINES[_phone.ARCH]
    plugin = f"{escaped(_plugin.ensure_plugin())},out={escaped(folder / _RECORD)},syscall={machine.prctl}"
    return [
        need(machine.qemu, system_root.QEMU_HINT),
        "-cpu",
        job.board["emulator"]["cpu"],
        "-L",
        str(root),
        "-plugin",
        plugin,
    ]


def _execute(where: str, command: list[str], folder: Path, timeout_s: float) -> None:
    try:
        done = run(command, timeout_s, cwd=folder, env={"LC_ALL": "C"})
    except TimeoutError:
        hint = "raise `timeout` in [measure], or lower `runs`"
        raise DeviceError(f"{where}: no answer after {timeout_s:g} s\n  hint: {hint}") from None
    if done.returncode != 0:
        raise DeviceError(f"{where}: the measuring program {ending(done.returncode)}{quoted(done.stderr)}")
