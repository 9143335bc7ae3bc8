"""A port to begin with: it compiles, and says at each place what belongs there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from edgewright.c_text import comment
from edgewright.commands._new.board import Asked
from edgewright.commands._new.chip import Uart
from edgewright.errors import UserError, did_you_mean
from edgewright.spec import PORTS
from edgewright.templates import render
from edgewright.text import Safe


def files(asked: Asked, uart: str | None) -> Mapping[Path, str]:
    """port.toml and port.c, in the project's own folder of ports.

    Args:
        asked: the board.
        uart: name of the serial interface; None for the first.

    Raises:
        UserError: the chip has no such interface.
    """
    chip = asked.chip or asked.name
    values = {
        "name": asked.name,
        "chip": Safe(comment(chip)),
        "pattern": asked.chip and Safe(f'"{asked.chip.upper()}*"'),
        "arch": asked.like.core.arch,
        "cortex": asked.like.core.arch.startswith("armv"),
        "uart": _uart(asked.facts.uarts, uart),
        "uarts": [Safe(comment(f"{each.name} at 0x{each.base:08X}")) for each in asked.facts.uarts],
        "sources": [Safe(comment(source)) for source in asked.facts.sources],
    }
    folder = Path(PORTS, asked.name)
    return {folder / name: render(f"new/{name}.j2", **values) for name in ("port.toml", "port.c")}


def _uart(known: Sequence[Uart], wanted: str | None) -> Mapping[str, object] | None:
    found = next((each for each in known if wanted is None or each.name == wanted), None)
    if found is None and wanted is not None:
        names = [each.name for each in known]
        hint = did_you_mean(wanted, names) or "a .svd file of the chip tells them"
        raise UserError("--uart", "the chip has no such serial interface", got=wanted, allowed=names, hint=hint)
    if found is None:
        return None
    registers = {f"UART_{name}": f"0x{found.base + offset:08X}u" for name, offset in found.registers.items()}
    return {"name": Safe(comment(found.name)), "registers": registers}
