"""What goes to a transport and what comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from edgewright.sections.section import Section
from edgewright.units import Seconds

if TYPE_CHECKING:
    from numpy.typing import NDArray

Kind = Literal["emulated", "measured"]
EMULATED: Kind = "emulated"
MEASURED: Kind = "measured"


DeviceClass = Literal["microcontroller", "android", "linux"]


@dataclass(frozen=True)
class Abilities:
    """What a transport can.

    Attributes:
        kind: "emulated": its figures are exact counts of instructions, and a wall time is never reported; "measured":
            they are wall times of a real device, in microseconds. An emulated one stands in for boards: it is what
            [emulator] kind of a board names, and no device of a lab.
        reaches: classes of boards.
        runs_flashed: the board runs what a flash tool has put there, so it is flashed before it is measured.
        is_this_machine: its answers are those of the machine that builds, and are compared with none.
        needs_system_root: it runs programs of a Linux device, whose files are made first.
    """

    kind: Kind
    reaches: tuple[DeviceClass, ...]
    runs_flashed: bool = False
    is_this_machine: bool = False
    needs_system_root: bool = False


class Options(Section):
    """Base of a transport's OPTIONS: what every way of measuring has."""

    runs: int = Field(default=20, ge=1, le=100_000, description="inferences that are measured")
    warmup: int = Field(default=3, ge=0, le=100_000, description="inferences before them that are not")
    timeout: Seconds = Field(default=120.0, gt=0, description='longest time the device may take, for instance "120 s"')


@dataclass(frozen=True)
class Job:
    """One model to run on one device.

    Attributes:
        model: the .tflite file.
        runtime: "tflite-runtime", "litert" or "aot".
        samples: one array for each input of the model, of the input's dtype; shape (n, *shape of the input),
            the same n >= 1 for all. The first sample is the one whose inference is measured.
        board: the board's facts, as in its file.
        firmware: the image for a microcontroller.
        check_samples: how many of the samples are also run with the runtime's reference kernels.
        rounding: of generated C: "tflm" or "litert".
        has_state: the model goes on from one inference to the next: the samples are one stream, from its beginning.
        anew: they are examples of their own instead: a state begins anew with each.
        select: which of the firmware's models this one is, where it has several.
    """

    model: Path
    runtime: str
    samples: tuple[NDArray[Any], ...]
    board: Mapping[str, Any] = field(default_factory=dict)
    firmware: Path | None = None
    check_samples: int = 0
    rounding: str = "tflm"
    has_state: bool = False
    anew: bool = False
    select: str | None = None

    @property
    def count(self) -> int:
        """Number of samples."""
        return len(self.samples[0])


@dataclass(frozen=True)
class Outputs:
    """A device's answers.

    Attributes:
        values: one array for each output of the model; shape (n, *shape of the output), n the job's samples.
        reference: the same by the reference kernels, for the first `check_samples` samples; None when not asked for.
        runtime: name and version of what ran the model, for instance ("tflite-runtime", "2.14.0").
    """

    values: tuple[NDArray[Any], ...]
    reference: tuple[NDArray[Any], ...] | None
    runtime: tuple[str, str]


@dataclass(frozen=True)
class Called:
    """What a person calls a transport's device on a command line: `edgewright infer --device WORD`.

    Attributes:
        example: the words, for messages: "qemu", "a serial port like /dev/ttyACM0".
        infer: (word, job, longest time in seconds) -> the answers to all samples; None where the word means no device
            of this transport.
    """

    example: str
    infer: Callable[[str, Job, float], Outputs | None]


@dataclass(frozen=True)
class Measurement:
    """What a transport found.

    Attributes:
        kind: "emulated" or "measured".
        figures: JSON values with the unit in the name, in the order in which they are written. Emulated:
            at least `instructions` and `cpu`. Measured: at least `latency_us` and `cpu`.
        outputs: the device's answers to the samples; None when it gives none.
        tools: versions of the outside programs that took part.
    """

    kind: Kind
    figures: Mapping[str, Any]
    outputs: Outputs | None = None
    tools: Mapping[str, str] = field(default_factory=dict)
