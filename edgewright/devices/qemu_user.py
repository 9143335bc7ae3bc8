"""Transport "qemu-user": a Linux-class device emulated by QEMU's user mode, with instructions counted exactly.

The measuring program runs in a system root of Debian's Python and the runtime's real wheels for the device's
architecture. Counted are the instructions of the process between the begin and the end of an inference. The count is
the same in each run and on each machine; it is no time, and no time is reported.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from edgewright.devices import _client, _plugin
from edgewright.devices._base import EMULATED, Abilities, Job, Measurement, Outputs
from edgewright.devices._base import Options as BaseOptions
from edgewright.devices._client import Answer, Call
from edgewright.devices._figures import counted
from edgewright.devices.tools import system_root
from edgewright.devices.tools.run import Program
from edgewright.errors import UserError

ABILITIES = Abilities(EMULATED, ("linux",), needs_system_root=True)
_RECORD = "marks.txt"


class Options(BaseOptions):
    """Keys of [measure]."""

    threads: Literal[1] = Field(
        default=1, description="threads of the inference; with more, waiting threads spin and no count repeats"
    )


OPTIONS = Options


def programs(board: Mapping[str, Any]) -> tuple[Program, ...]:
    """What has to be installed for a board."""
    machine = system_root.known_machine(_fact(board, "emulator", "arch"))
    return Program(machine.qemu, system_root.QEMU_HINT, _plugin.check_version), _plugin.GCC


def measure(job: Job, options: Options) -> Measurement:
    """Count the instructions of an inference, and get the answers to all samples."""
    machine = system_root.known_machine(_fact(job.board, "emulator", "arch"))
    version = system_root.qemu_version(machine)
    _plugin.check_version(version)
    call = Call(runs=options.runs, warmup=options.warmup, threads=options.threads, mark=True)
    answer, outputs, record = _run(job, call, options.timeout, machine, _plugin.ensure_plugin())
    figures = {
        **counted(_where(job), _plugin.read_regions(record), job, options.runs),
        "runs": options.runs,
        "warmup": options.warmup,
        "threads": options.threads,
        "cpu": _fact(job.board, "emulator", "cpu"),
    }
    tools = {machine.qemu: version, "device python": answer.python, "device numpy": answer.numpy}
    return Measurement(ABILITIES.kind, figures, outputs, tools)


def infer(job: Job, timeout_s: float) -> Outputs:
    """The answers of the emulated device to all samples."""
    machine = system_root.known_machine(_fact(job.board, "emulator", "arch"))
    return _run(job, Call(), timeout_s, machine, None)[1]


def _run(
    job: Job, call: Call, timeout_s: float, machine: system_root.Machine, plugin: Path | None
) -> tuple[Answer, Outputs, str]:
    """Run the measuring program; its answer, the outputs and the plugin's record."""
    cpu = system_root.known_cpu(_fact(job.board, "emulator", "cpu"))
    sysroot = system_root.ensure_sysroot(_fact(job.board, "emulator", "arch"), job.runtime)
    with tempfile.TemporaryDirectory(prefix="edgewright-") as name:
        root = Path(name)
        folder = sysroot.lay_out(root, cpu, _cores(job.board))
        _client.prepare(job, folder)
        flags = _counting(machine, plugin, folder / _RECORD) if plugin else []
        command = [*sysroot.command(root, cpu, flags), *_client.arguments(job, call, system_root.JOB_FOLDER)]
        answer = _client.execute(_where(job), command, timeout_s, cwd=root, env=system_root.ENVIRONMENT)
        checked = _client.check_answer(_where(job), answer, job, call)
        outputs = _client.read_outputs(_where(job), folder, checked, job)
        return checked, outputs, _read(folder / _RECORD) if plugin else ""


def _counting(machine: system_root.Machine, plugin: Path, record: Path) -> list[str]:
    def escaped(path: Path) -> str:
        return str(path).replace(",", ",,")  # QEMU separates a plugin's arguments by commas

    return ["-plugin", f"{escaped(plugin)},out={escaped(record)},syscall={machine.prctl}"]


def _read(path: Path) -> str:
    return path.read_text() if path.is_file() else ""


def _where(job: Job) -> str:
    return f"emulated {job.board['emulator']['cpu']}"


def _cores(board: Mapping[str, Any]) -> int:
    return int((board.get("core") or {}).get("cores", 1))


def _fact(board: Mapping[str, Any], *keys: str) -> str:
    value: Any = board
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    if not isinstance(value, str):
        hint = "qemu-user needs emulator.arch and emulator.cpu"
        raise UserError(f"{'.'.join(keys)} of the board", "is missing", hint=hint)
    return value
