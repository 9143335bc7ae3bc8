"""What a CMSIS-SVD file tells of a chip: its core and its serial interfaces; of memory and clock it says nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

from edgewright.commands._new import xml_file
from edgewright.commands._new.chip import Facts, Uart, fits

_CORE = re.compile(r"C(?:ortex-)?M(\d+)(PLUS|\+)?", re.IGNORECASE)
_UART = re.compile(r"(?:LP|E|FLEX)?US?ARTE?", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z_]\w{0,40}", re.ASCII)


def facts_of(path: Path, chip: str) -> Facts | None:
    """What it says of a chip; None where it is of another. UserError when it is damaged."""
    root = xml_file.parse(xml_file.read(path), str(path))
    name = root.findtext("name", "").strip()
    if root.tag != "device" or not (fits(chip, name) or fits(chip, path.stem)):
        return None
    cpu = root.find("cpu")
    return Facts(
        names=(name,),
        cpu=_core(cpu),
        fpu=_fpu(cpu),
        dsp=_flag(cpu, "dspPresent"),
        mve=_flag(cpu, "mvePresent"),
        uarts=tuple(_uarts(root)),
        sources=(f"CMSIS-SVD {path.name} {root.findtext('version', '').strip()}".strip(),),
    )


def _core(cpu: ET.Element | None) -> str | None:
    found = _CORE.fullmatch(cpu.findtext("name", "").strip()) if cpu is not None else None
    return f"cortex-m{found[1]}{'plus' if found[2] else ''}" if found else None


def _flag(cpu: ET.Element | None, name: str) -> bool | None:
    text = cpu.findtext(name, "").strip().lower() if cpu is not None else ""
    return text in ("true", "1") if text else None


def _fpu(cpu: ET.Element | None) -> str | None:
    present = _flag(cpu, "fpuPresent")
    return None if present is None else ("dp" if _flag(cpu, "fpuDP") else "sp") if present else ""


def _uarts(root: ET.Element) -> Iterator[Uart]:
    """Those whose group, or whose name without its number, says so; registers may stand at the one they derive from."""
    by_name = {each.findtext("name", "").strip(): each for each in root.iterfind("peripherals/peripheral")}
    for name, element in by_name.items():
        model = by_name.get(element.get("derivedFrom", ""), element)
        group = element.findtext("groupName") or model.findtext("groupName") or ""
        base = xml_file.number(element.findtext("baseAddress"))
        if base is not None and any(_UART.fullmatch(each.rstrip("0123456789")) for each in (name, group.strip())):
            registers = element if element.find("registers") is not None else model
            yield Uart(name, base, dict(_registers(registers)))


def _registers(peripheral: ET.Element) -> Iterator[tuple[str, int]]:
    for register in peripheral.iterfind("registers/register"):
        name, offset = register.findtext("name", "").strip(), xml_file.number(register.findtext("addressOffset"))
        if offset is not None and _WORD.fullmatch(name):
            yield name.upper(), offset
