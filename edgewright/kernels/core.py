"""What the compiler knows of a processor core."""

from __future__ import annotations

from dataclasses import dataclass

from edgewright.arch import Costs, architecture_of, costs_of
from edgewright.kernels.record import REF

HOST = "host"


@dataclass(frozen=True)
class Core:
    """What the compiler knows of a processor core.

    Attributes:
        name: for instance "cortex-m4"; "host" for the machine that builds.
        arch: as an architecture takes it (edgewright/arch/), for instance "armv7e-m"; or "host".
        has_dsp: has the DSP instructions (SMLAD ...).
        has_mve: has integer Helium.
    """

    name: str = "host"
    arch: str = HOST
    has_dsp: bool = False
    has_mve: bool = False

    @property
    def isas(self) -> tuple[str, ...]:
        """Instruction sets of kernels that run on the core, best first; always ends in "ref"."""
        if self.arch == HOST:
            return (REF,)
        return (*architecture_of(self.arch).isas(self.arch, self.has_dsp, self.has_mve), REF)

    @property
    def costs(self) -> Costs:
        """What kernels cost on the core."""
        return costs_of(self.name, self.arch, self.has_dsp, self.has_mve)
