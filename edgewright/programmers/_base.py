"""What goes to a programmer, and whether it has arrived."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from edgewright.errors import DeviceError, UserError
from edgewright.sections.section import Section
from edgewright.units import Seconds


class Options(Section):
    """Base of a tool's OPTIONS."""

    timeout: Seconds = Field(default=120.0, gt=0, description='longest time that one run of the tool may take: "120 s"')


@dataclass(frozen=True)
class Image:
    """A firmware.

    Attributes:
        elf: the linked file; firmware.bin, and firmware.uf2 where the board takes one, lie beside it.
        origin: address of its first byte in flash.
    """

    elf: Path
    origin: int

    @property
    def binary(self) -> Path:
        """Its bytes from `origin` on, without a gap."""
        return self._beside(".bin")

    @property
    def uf2(self) -> Path:
        """The same as UF2."""
        return self._beside(".uf2")

    @property
    def size(self) -> int:
        """Bytes in flash."""
        return self.binary.stat().st_size

    @property
    def end(self) -> int:
        """Address behind its last byte."""
        return self.origin + self.size

    def _beside(self, suffix: str) -> Path:
        path = self.elf.with_suffix(suffix)
        if not path.is_file():
            raise UserError(str(path), "no such file", hint="build the firmware first: scons target=... firmware")
        return path


def verify(image: Image, found: bytes, tool: str) -> None:
    """DeviceError unless `found`, read back from the board, is the image."""
    wanted = image.binary.read_bytes()
    if found == wanted:
        return
    if len(found) != len(wanted):
        problem = f"{len(found):,} of {len(wanted):,} bytes could be read back"
    else:
        at = next(index for index, (a, b) in enumerate(zip(found, wanted, strict=True)) if a != b)
        wrong = sum(a != b for a, b in zip(found, wanted, strict=True))
        problem = f"{wrong:,} of {len(wanted):,} bytes differ, the first at 0x{image.origin + at:08x}"
    raise DeviceError(
        f"{tool}: the board does not hold the image: {problem}\n  hint: try again; is it the right board?"
    )
