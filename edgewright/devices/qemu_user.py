"""Transport "qemu-user": a Linux-class device emulated by QEMU's user mode, with instructions counted exactly.

The measuring program runs in a system root of Debian's Python and the runtime's real wheels for the device's
architecture. Counted are the instructions of the process between the begin and the end of an inference. The count is
the same in each run and on each machine; it is no time, and no time is reported.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from itertools import accumulate
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
    return measure_all([job], options)[0]


def measure_all(jobs: Sequence[Job], options: Options) -> list[Measurement]:
    """The same of several models in one emulated process, whose start is most of what one takes."""
    board = jobs[0].board
    machine = system_root.known_machine(_fact(board, "emulator", "arch"))
    version = system_root.qemu_version(machine)
    _plugin.check_version(version)
    call = Call(runs=options.runs, warmup=options.warmup, threads=options.threads, mark=True)
    answers, record = _run(jobs, call, options.timeout, machine, _plugin.ensure_plugin())
    counts = _of_each(jobs, _plugin.read_regions(record), options.runs)
    asked = {"runs": options.runs, "warmup": options.warmup, "threads": options.threads}
    found = []
    for job, (answer, outputs), own in zip(jobs, answers, counts, strict=True):
        figures = {**counted(_where(job), own, job, options.runs), **asked, "cpu": _fact(board, "emulator", "cpu")}
        tools = {machine.qemu: version, "device python": answer.python, "device numpy": answer.numpy}
        found.append(Measurement(ABILITIES.kind, figures, outputs, tools))
    return found


def _of_each(jobs: Sequence[Job], counts: Sequence[int], runs: int) -> list[Sequence[int]]:
    """The counts of each model, which come one after the other; the last has what is too much or too little."""
    ends = list(accumulate(runs + job.has_state for job in jobs))
    return [counts[begin:end] for begin, end in zip([0, *ends], [*ends[:-1], None], strict=False)]


def infer(job: Job, timeout_s: float) -> Outputs:
    """The answers of the emulated device to all samples."""
    machine = system_root.known_machine(_fact(job.board, "emulator", "arch"))
    (answer,), _ = _run([job], Call(), timeout_s, machine, None)
    return answer[1]


def _run(
    jobs: Sequence[Job], call: Call, timeout_s: float, machine: system_root.Machine, plugin: Path | None
) -> tuple[list[tuple[Answer, Outputs]], str]:
    """Run the measuring program; answer and outputs of each model, and the plugin's record."""
    board = jobs[0].board
    cpu = system_root.known_cpu(_fact(board, "emulator", "cpu"))
    sysroot = system_root.ensure_sysroot(_fact(board, "emulator", "arch"), jobs[0].runtime)
    with tempfile.TemporaryDirectory(prefix="edgewright-") as name:
        root = Path(name)
        folder = sysroot.lay_out(root, cpu, _cores(board))
        flags = _counting(machine, plugin, folder / _RECORD) if plugin else []
        python, environment = sysroot.command(root, cpu, flags), system_root.ENVIRONMENT
        by = _client.Interpreter(_where(jobs[0]), python, root, environment, folder, system_root.JOB_FOLDER)
        answers = _client.run_all(jobs, call, by, timeout_s)
        return answers, _read(folder / _RECORD) if plugin else ""


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
