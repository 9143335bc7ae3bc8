"""A transport: the badge that stands on the desk. Here it is an emulated one; yours would speak to the real one."""

from dataclasses import replace

from edgewright.devices import EMULATED, Abilities, Measurement
from edgewright.devices import Options as BaseOptions
from edgewright.registry import transports

ABILITIES = Abilities(EMULATED, ("microcontroller",))


class Options(BaseOptions):
    """Keys of [measure]."""

    runs: int = 2
    warmup: int = 1


OPTIONS = Options


def measure(job, options):
    """Count the instructions of an inference by the emulator of Edgewright, and get the answers to all samples."""
    qemu = transports.load("qemu-system")
    board = {**job.board, "emulator": {**job.board["emulator"], "kind": "qemu-system"}}
    found = qemu.measure(replace(job, board=board), qemu.OPTIONS.model_validate(options.model_dump(mode="json")))
    return Measurement(found.kind, {**found.figures, "place": "desk"}, found.outputs, found.tools)
