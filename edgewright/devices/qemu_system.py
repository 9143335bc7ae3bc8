"""Transport "qemu-system": a microcontroller board emulated by QEMU, with instructions counted exactly.

The firmware's harness is driven over its UART, by the very client that drives a real board. Instructions are those from
the first one of the model's function to its return, by a plugin of QEMU; the calls of the layer hook, which are not in
the library, are left out. Counts repeat exactly. Cycles and time are an estimate from a table (see `cycle_counts`).
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import Field

from edgewright.arch import Architecture, Instructions, architecture_of, instructions_of
from edgewright.devices import _plugin, _qemu
from edgewright.devices._base import EMULATED, Abilities, Called, Job, Measurement, Outputs
from edgewright.devices._base import Options as BaseOptions
from edgewright.devices.tools import blocks, cycle_counts, elf_file
from edgewright.devices.tools.firmware import Firmware, answers_of, inputs_of, outputs_of, read_firmware
from edgewright.devices.tools.harness_client import Harness, SilenceError
from edgewright.devices.tools.run import Program
from edgewright.errors import DeviceError, UserError
from edgewright.units import Hertz

ABILITIES = Abilities(EMULATED, ("microcontroller",))
WINDOW = 16  # the emulated UART has flow control
_RECORD, _PLUGIN = "blocks.txt", "blockcount.so"


class Options(BaseOptions):
    """Keys of [measure]."""

    runs: int = Field(default=2, ge=1, le=1000, description="inferences that are counted; all must count the same")
    warmup: int = Field(default=1, ge=0, le=1000, description="inferences before them that are not")
    clock: Hertz | None = Field(default=None, description='clock rate for the estimated time, for instance "120 MHz"')


OPTIONS = Options


def programs(board: Mapping[str, Any]) -> tuple[Program, ...]:
    """What has to be installed for a board."""
    architecture = architecture_of(board["core"]["arch"])
    return Program(architecture.qemu, architecture.qemu_hint, _plugin.check_version), _plugin.GCC


def measure(job: Job, options: Options) -> Measurement:
    """Count the instructions of an inference, for each layer too, and get the answers to all samples."""
    firmware = read_firmware(job.firmware, job.select)
    machine = machine_of(job.board)
    qemu = _qemu.version(machine.architecture)
    _plugin.check_version(qemu)
    has_state = bool(firmware.facts.get("state_bytes"))
    regions = has_state + options.warmup + options.runs
    with tempfile.TemporaryDirectory(prefix="edgewright-") as name:
        folder = Path(name)
        (folder / _PLUGIN).symlink_to(blocks.ensure_plugin())
        plugin = f"./{_PLUGIN},{blocks.arguments(firmware.elf, firmware.facts['model'], regions, _RECORD)}"
        with connected(firmware, machine, options.timeout, folder, plugin) as harness:
            values = inputs_of(job)
            harness.load(values[0])
            harness.infer(options.runs, has_state + options.warmup)
            stack_bytes = harness.stack_bytes()
            answers = answers_of(harness, values, firmware, anew=job.anew)
        counted = blocks.read_regions((folder / _RECORD).read_text())
    figures = {**_figures(job, options, firmware, counted, has_state), "stack_bytes": stack_bytes}
    return Measurement(ABILITIES.kind, figures, outputs_of(answers, firmware), {machine.architecture.qemu: qemu})


def infer(job: Job, timeout_s: float) -> Outputs:
    """The answers of the emulated board to all samples."""
    firmware = read_firmware(job.firmware, job.select)
    with (
        tempfile.TemporaryDirectory(prefix="edgewright-") as folder,
        connected(firmware, machine_of(job.board), timeout_s, Path(folder)) as harness,
    ):
        return outputs_of(answers_of(harness, inputs_of(job), firmware, anew=job.anew), firmware)


CALLED = Called("qemu", lambda word, job, timeout_s: infer(job, timeout_s) if word == "qemu" else None)


def machine_of(board: Mapping[str, Any]) -> _qemu.Machine:
    """What QEMU emulates for a board; UserError when the board's file names nothing."""
    emulator = board.get("emulator") or {}
    if emulator.get("kind") != "qemu-system":
        raise UserError(
            "emulator of the board",
            "nothing emulates this board",
            allowed='[emulator] kind = "qemu-system", machine, cpu in the board file',
            hint="leave [measure] out: the firmware is built and sized all the same",
        )
    architecture = architecture_of(board["core"]["arch"])
    return _qemu.Machine(architecture, emulator["machine"], emulator["cpu"], f"emulated {emulator['machine']}")


@contextmanager
def connected(
    firmware: Firmware, machine: _qemu.Machine, timeout_s: float, folder: Path, plugin: str | None = None
) -> Iterator[Harness]:
    """The harness of a firmware that runs in QEMU; what goes wrong is told with what QEMU and the registers say."""
    with _qemu.emulated(machine, firmware.elf, folder, plugin) as emulation:
        try:
            with Harness(emulation.url, machine.where, timeout_s, window=WINDOW) as harness:
                emulation.start()
                harness.wait_for_boot()
                if firmware.select is not None:
                    harness.select(firmware.select)
                yield harness
        except DeviceError as error:
            raise DeviceError(f"{error}{_circumstances(error, firmware.elf, emulation)}") from error


def _circumstances(error: DeviceError, elf: Path, emulation: _qemu.Emulation) -> str:
    """Where a crashed or hanging firmware is."""
    if isinstance(error, SilenceError):
        address = emulation.program_counter()
        if address is not None:
            return f"\n  hint: the processor is in {_function_at(elf, address)} (pc=0x{address:08x})"
    named = [
        f"{name} in {_function_at(elf, emulation.architecture.place(int(value, 16)))}"
        for name, value in _registers(str(error), emulation.architecture)
    ]
    if named:
        return f"\n  hint: {', '.join(named)}"
    fate = emulation.fate()
    return f"\n  hint: {fate}" if fate else ""


def _registers(message: str, architecture: Architecture) -> list[tuple[str, str]]:
    found = re.findall(r"\b(\w+)=0x([0-9a-f]{8})", message)
    return [match for match in found if match[0] in architecture.registers]


def _function_at(elf: Path, address: int) -> str:
    for symbol in elf_file.symbols(elf):
        if symbol.kind in "tTwW" and symbol.address <= address < symbol.end:
            return symbol.name
    return "no function of the firmware"


def _figures(
    job: Job, options: Options, firmware: Firmware, regions: Sequence[blocks.Region], has_state: bool
) -> dict[str, Any]:
    """Of the inferences behind the warm-up; with state, which they are in by then, of the first one besides."""
    core = job.board["core"]
    model = instructions_of(core.get("cycle_model") or "", core["arch"])
    arch = architecture_of(core["arch"])
    count = cycle_counts.counter(elf_file.disassemble(firmware.elf), arch, model or Instructions())
    costs = [_cost_of(region, count) for region in regions[has_state + options.warmup :]]
    if len(costs) != options.runs:
        raise DeviceError(f"{options.runs} inferences were asked for, {len(costs)} were counted")
    totals = [sum(cost.instructions for cost in layers) for layers in costs]
    if len(set(totals)) != 1 and not has_state:
        raise DeviceError(f"inferences of one input took different instructions: {totals}")
    clock_hz = options.clock or core["clock"]
    return {
        "instructions": totals[0],
        "instructions_max": max(totals),
        "instructions_all": totals,
        **({"first_instructions": sum(cost.instructions for cost in _cost_of(regions[0], count))} if has_state else {}),
        **_estimate(sum(cost.cycles for cost in costs[0]), clock_hz, bool(model)),
        "layers": _layers(firmware.facts["layers"], costs[0], bool(model)),
        "runs": options.runs,
        "warmup": options.warmup,
        "cpu": core["cpu"],
    }


def _cost_of(region: blocks.Region, count: Any) -> list[cycle_counts.Cost]:
    """Cost of each layer, and of what comes after the last one."""
    return [*(count(interval) for interval in region.layers), count(region.rest)]


def _estimate(cycles: float, clock_hz: int, known: bool) -> dict[str, Any]:
    if not known:
        return {}
    return {"estimated_cycles": round(cycles), "estimated_us": round(cycles * 1e6 / clock_hz, 1), "clock_hz": clock_hz}


def _layers(
    facts: Sequence[Mapping[str, Any]], costs: Sequence[cycle_counts.Cost], known: bool
) -> list[dict[str, Any]]:
    if len(costs) != len(facts) + 1:
        raise DeviceError(f"the model has {len(facts)} layers, {len(costs) - 1} were seen")
    rows = []
    for layer, cost in zip(facts, costs[:-1], strict=True):
        row = {"name": layer["name"], "op": layer["op"], "macs": layer["macs"], "instructions": cost.instructions}
        rows.append({**row, "estimated_cycles": round(cost.cycles)} if known else row)
    return rows
