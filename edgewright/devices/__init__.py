"""Devices and what stands in for them: each module that does not begin with "_" is a transport.

The contract of a transport `devices/<name>.py` (out of tree: an entry point of the group "edgewright.devices"):

    ABILITIES: Abilities
        what it can: the kind of its figures, and which boards it reaches. Nobody else knows transports by name.
    OPTIONS: type[Options]
        the keys that a target's [measure] section may hold beside `transport`, with their defaults.
    measure(job: Job, options: OPTIONS) -> Measurement
        runs the job on the device. DeviceError: the device is not reachable, not able or not answering sense;
        ToolError: an outside program is missing or failed; UserError: the job asks for what cannot be.

A transport of which a measurement is mostly its start gives as well

    measure_all(jobs: Sequence[Job], options: OPTIONS) -> list[Measurement]
        runs several models, of one runtime and board, as `measure` runs each: the figures are the same.

A transport that calls outside programs gives as well

    programs(board: Mapping) -> tuple[Program, ...]
        what has to be installed for a board, for `edgewright doctor`.

A transport whose device runs a whole Python gives as well

    infer(job: Job, timeout_s: float) -> Outputs
        only the answers to the job's samples, as many as there are, by the runtime of the device.

A transport whose device runs the firmware of a build, and that a person can name in a word, gives as well

    CALLED: Called
        the word, and the answers of the device that is called so, for `edgewright infer`.

A transport whose device is a thing that several builds could want at once gives as well

    identity(options: OPTIONS) -> str
        names the device, the same in every build; builds that have the same one measure one after the other.
    look(options: OPTIONS) -> str
        what the device is, in a line, for `edgewright devices`. DeviceError: it is not reachable.

Importing a transport is cheap and needs no device.
"""

from edgewright.devices._base import EMULATED, MEASURED, Abilities, Called, Job, Kind, Measurement, Options, Outputs
from edgewright.devices._lock import hold, holder

__all__ = [
    "EMULATED",
    "MEASURED",
    "Abilities",
    "Called",
    "Job",
    "Kind",
    "Measurement",
    "Options",
    "Outputs",
    "hold",
    "holder",
]
