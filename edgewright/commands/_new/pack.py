"""What a CMSIS-Pack tells of a chip: its .pdsc, alone or in the .pack file that a vendor gives out.

A device inherits from its family and its subfamily; a variant from its device. Of memory `access` and `default` decide,
and the identifiers IROM1 and IRAM1 of packs before version 1.4 of the schema.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

from edgewright.commands._new import xml_file
from edgewright.commands._new.chip import LARGEST, Facts, Place, best
from edgewright.errors import UserError

_FPU = {"0": "", "NO_FPU": "", "1": "fpu", "FPU": "fpu", "SP_FPU": "sp", "DP_FPU": "dp"}
_DSP = {"NO_DSP": False, "DSP": True, "1": True}
_MVE = {"NO_MVE": False, "MVE": True, "FP_MVE": True}
_TCM = 0x2000_0000
"""Where a Cortex-M7 has its DTCM: Arm, Cortex-M7 Technical Reference Manual, memory system."""

Levels = tuple[ET.Element, ...]
"""Family, subfamily, device and variant, those that there are."""


def facts_of(path: Path, chip: str, processor: str | None) -> Facts | None:
    """What it says of a chip; None where it does not have it. UserError when it is damaged, or has several."""
    root = _root(path)
    if root is None or root.tag != "package":
        return None
    devices = dict(_devices(root))
    names = best(chip, list(devices))
    found = [_facts(devices[name], path, processor) for name in names]
    if not found:
        return None
    if any(other != found[0] for other in found):
        raise UserError(str(path), "has several chips of this name", got=chip, allowed=names, hint="name one of them")
    said = [root.findtext(key, "").strip() for key in ("vendor", "name")]
    version = next((release.get("version", "") for release in root.iter("release")), "")
    facts = found[0]
    source = f"CMSIS-Pack {said[0]}.{said[1]} {version}".strip()
    return Facts(**{**facts.__dict__, "names": tuple(names[:1]), "sources": (source,)})


def _root(path: Path) -> ET.Element | None:
    if path.suffix != ".pack":
        return xml_file.parse(xml_file.read(path), str(path))
    try:
        with zipfile.ZipFile(path) as archive:
            inside = [name for name in archive.namelist() if name.endswith(".pdsc") and "/" not in name]
            if not inside:
                return None
            with archive.open(inside[0]) as file:
                return xml_file.parse(file.read(LARGEST + 1), f"{path}: {inside[0]}")
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise UserError(str(path), f"is no pack: {error}") from None


def _devices(root: ET.Element) -> Iterator[tuple[str, Levels]]:
    for family in root.iterfind("devices/family"):
        above: list[Levels] = [(family,), *((family, sub) for sub in family.iterfind("subFamily"))]
        for levels in above:
            for device in levels[-1].iterfind("device"):
                yield device.get("Dname", ""), (*levels, device)
                for variant in device.iterfind("variant"):
                    yield variant.get("Dvariant", ""), (*levels, device, variant)


def _facts(levels: Levels, path: Path, processor: str | None) -> Facts:
    core = _processor(levels, path, processor)
    cpu = core.get("Dcore", "").lower().replace("+", "plus")
    memories = _memories(levels, core.get("Pname"))
    flash, ram, fast = _chosen(memories, cpu)
    return Facts(
        cpu=cpu or None,
        fpu=_precision(cpu, _FPU.get(core.get("Dfpu", ""))),
        dsp=_DSP.get(core.get("Ddsp", "")),
        mve=_MVE.get(core.get("Dmve", "")),
        clock_hz=xml_file.number(core.get("Dclock")),
        flash=flash,
        ram=ram,
        fast=fast,
        others=tuple(place for place, _ in memories.values() if place not in (flash, ram, fast)),
    )


def _precision(cpu: str, fpu: str | None) -> str | None:
    """Of a unit of which nothing more is said: only a Cortex-M55 and M85 always have both."""
    return ("dp" if cpu in ("cortex-m55", "cortex-m85") else "sp") if fpu == "fpu" else fpu


def _processor(levels: Levels, path: Path, wanted: str | None) -> Mapping[str, str]:
    found: dict[str | None, dict[str, str]] = {}
    for level in levels:
        for element in level.iterfind("processor"):
            found.setdefault(element.get("Pname"), {}).update(element.attrib)
    shared = found.pop(None, {}) if len(found) > 1 else {}
    names = sorted(str(name) for name in found)
    if wanted is not None and wanted in names:
        return {**shared, **found[wanted]}
    if len(found) > 1:
        hint = "say --processor"
        raise UserError(str(path), "the chip has several processors", got=wanted, allowed=names, hint=hint)
    return {**shared, **next(iter(found.values()), {})}


_Memory = tuple[Place, Mapping[str, str]]


def _memories(levels: Levels, processor: str | None) -> dict[str, _Memory]:
    """Memory by name; what stands nearer to the chip replaces what its family says."""
    found: dict[str, _Memory] = {}
    for level in levels:
        for element in level.iterfind("memory"):
            name = element.get("name") or element.get("id") or ""
            origin, size = (xml_file.number(element.get(key)) for key in ("start", "size"))
            if origin is None or not size or "alias" in element.attrib or element.get("Pname", processor) != processor:
                continue
            found[name] = (Place(name, origin, size), {"id": name, **element.attrib})
    return found


def _chosen(memories: Mapping[str, _Memory], cpu: str) -> tuple[Place | None, Place | None, Place | None]:
    """The flash and the RAM that the linker script lays out, and what a core reads without waiting."""
    flash = _largest([each for each in memories.values() if not _writable(each[1])])
    written = [each for each in memories.values() if _writable(each[1])]
    fast = next((place for place, _ in written if cpu == "cortex-m7" and place.origin == _TCM), None)
    rest = [each for each in written if each[0] != fast]
    far = [each for each in rest if fast and each[0].origin >= fast.origin + fast.size + (1 << 16)]
    return (flash, _largest(far), fast) if fast and far else (flash, _largest(written), None)


def _writable(attributes: Mapping[str, str]) -> bool:
    if "access" in attributes:
        return "w" in attributes["access"]
    return attributes["id"].startswith("IRAM")


def _largest(memories: list[_Memory]) -> Place | None:
    """Of those that a linker takes by itself, where the pack says which."""
    chosen = [each for each in memories if each[1].get("default") in ("1", "true")] or memories
    return max((place for place, _ in chosen), key=lambda place: (place.size, -place.origin), default=None)
