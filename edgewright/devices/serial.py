"""Transport "serial": a microcontroller board on a serial port, with times and cycles of its own clock.

    [measure]
    transport = "serial"
    port      = "/dev/ttyACM0"        # or "socket://host:port"

The board runs the firmware of the build (see [flash]); which one it runs is checked before anything is measured. Every
answer is checked against a checksum of the board's: a line that loses bytes ends in an error and in no wrong figure.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from pydantic import Field, ValidationError

from edgewright import kinds
from edgewright.devices._base import MEASURED, Abilities, Called, Job, Measurement, Outputs
from edgewright.devices._base import Options as BaseOptions
from edgewright.devices._checked_harness import CheckedHarness
from edgewright.devices._figures import summary
from edgewright.devices.tools.firmware import Firmware, answers_of, inputs_of, outputs_of, read_firmware
from edgewright.errors import DeviceError, UserErrors
from edgewright.sections.section import translated
from edgewright.units import Seconds

ABILITIES = Abilities(MEASURED, ("microcontroller",), runs_flashed=True)


class Options(BaseOptions):
    """Keys of [measure]."""

    port: kinds.SerialPort = Field(description='the serial port: "/dev/ttyACM0", or "socket://host:port"')
    baud: int = Field(default=115200, ge=300, le=4_000_000, description="rate of the line, that of the firmware")
    reset: Literal["none", "dtr"] = Field(
        default="none", description="dtr: pulling DTR resets the board (Arduino's way)"
    )
    runs: int = Field(default=10, ge=1, le=10_000, description="inferences that are measured")
    warmup: int = Field(default=1, ge=0, le=1000, description="inferences before them that are not")
    timeout: Seconds = Field(default=60.0, gt=0, description="longest time of one inference, with its answer")


OPTIONS = Options


def identity(options: Options) -> str:
    """Names the board, the same in every build."""
    return f"serial:{options.port}"


def look(options: Options) -> str:
    """What the board is, in a line: "mcu, model kws01"."""
    with CheckedHarness(options.port, options.port, 5.0, baud=options.baud) as harness:
        _begin(harness, options)
        return f"{harness.device()}, model {harness.model()}"


def measure(job: Job, options: Options) -> Measurement:
    """Time an inference and its layers by the board's clock, and get the answers to all samples."""
    firmware = read_firmware(job.firmware, job.select)
    values = inputs_of(job)
    with _connected(firmware, options) as harness:
        first = _first(harness, values[0], firmware)
        if options.warmup:
            harness.infer(options.warmup, 0)
        laps_us = [harness.infer(1, 0) for _ in range(options.runs)]
        unit, layers = harness.layers()
        stack_bytes = harness.stack_bytes()
        answers = answers_of(harness, values, firmware, anew=job.anew)
    figures = {
        **summary([lap * 1000 for lap in laps_us]),
        **first,
        **_layer_figures(options.port, firmware, unit, layers),
        "stack_bytes": stack_bytes,
        "runs": options.runs,
        "warmup": options.warmup,
        "cpu": job.board["core"]["cpu"],
        "clock_hz": job.board["core"]["clock"],
    }
    return Measurement(ABILITIES.kind, figures, outputs_of(answers, firmware))


def _first(harness: CheckedHarness, value: bytes, firmware: Firmware) -> dict[str, Any]:
    """Load the input that is measured; of a model with state the time of its first inference."""
    harness.load(value)
    if not firmware.facts.get("state_bytes"):
        return {}
    harness.command("reset")
    return {"first_us": harness.infer(1, 0)}


def infer(job: Job, options: Options) -> Outputs:
    """The answers of the board to all samples."""
    firmware = read_firmware(job.firmware, job.select)
    with _connected(firmware, options) as harness:
        answers = answers_of(harness, inputs_of(job), firmware, anew=job.anew)
    return outputs_of(answers, firmware)


def _called(word: str, job: Job, timeout_s: float) -> Outputs | None:
    """The answers of the board at a port, any word with a "/" in it."""
    if "/" not in word:
        return None
    data = {"port": word, "timeout": f"{timeout_s} s"}
    try:
        options = Options.model_validate(data)
    except ValidationError as error:
        raise UserErrors(translated(error, Options, data, lambda _: "--device")) from None
    return infer(job, options)


CALLED = Called("a serial port like /dev/ttyACM0", _called)


@contextmanager
def _connected(firmware: Firmware, options: Options) -> Iterator[CheckedHarness]:
    has_state = bool(firmware.facts.get("state_bytes"))
    with CheckedHarness(options.port, options.port, options.timeout, baud=options.baud, has_state=has_state) as harness:
        _begin(harness, options)
        _check_image(harness, firmware)
        if firmware.select is not None:
            harness.select(firmware.select)
        yield harness


def _begin(harness: CheckedHarness, options: Options) -> None:
    if options.reset == "dtr":
        harness.reset_by_dtr()
    harness.synchronize()


def _check_image(harness: CheckedHarness, firmware: Firmware) -> None:
    """DeviceError unless the board runs the very image that was built."""
    size, crc = harness.image()
    built = firmware.elf.with_suffix(".bin").read_bytes()
    if (size, crc) == (len(built), zlib.crc32(built)):
        return
    target = firmware.facts["target"]
    raise DeviceError(
        f"{harness.where}: another firmware is on the board: model {harness.model()}, {size:,} bytes, CRC {crc:08x};"
        f" built was {firmware.facts['protocol_name']}, {len(built):,} bytes, CRC {zlib.crc32(built):08x}"
        f"\n  hint: put it there first: scons target={target} flash"
    )


def _layer_figures(where: str, firmware: Firmware, unit: str, layers: list[tuple[str, int]]) -> dict[str, Any]:
    """Cost of each layer by the board's counter, `cycles` or what else it counts, and of all together."""
    facts = firmware.facts["layers"]
    if [op for op, _ in layers] != [layer["op"] for layer in facts]:
        raise DeviceError(f"{where}: the layers of the board are not those of the model: {[op for op, _ in layers]}")
    rows = [
        {"name": layer["name"], "op": layer["op"], "macs": layer["macs"], unit: cost}
        for layer, (_, cost) in zip(facts, layers, strict=True)
    ]
    return {unit: sum(cost for _, cost in layers), "layers": rows}
