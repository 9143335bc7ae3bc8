"""The files of docs/reference/ with their text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from edgewright.reference import schema
from edgewright.reference.page import Json, sections, table


@dataclass(frozen=True)
class File:
    """A kind of TOML file: what its page says first, its schema, and the keys that a name in their section chooses."""

    title: str
    text: str
    schema: Callable[[], schema.Json]
    chosen: tuple[tuple[str, str, str], ...] = ()


_COMPRESS = ("compress", "[[compress]]", "pass")
_DATA = ("data", "[data]", "dataset")
_PREPROCESS = ("preprocess", "[preprocess]", "kind")
_MEASURE = ("measure", "[measure]", "transport")
_FLASH = ("flash", "[flash]", "tool")
FILES = {
    "target": File(
        "Targets: targets/*.toml",
        "What is built for one deployment. `extends` names another target: tables are laid over its own, all else is\n"
        "replaced.",
        schema.target,
        (_COMPRESS, _MEASURE, _FLASH),
    ),
    "board": File("Boards: targets/boards/*.toml", "Facts about hardware, and nothing else.", schema.board, (_FLASH,)),
    "port": File(
        "Ports: firmware/ports/*/port.toml",
        "For which chips a port is, and which keys of a board's `[port_config]` it reads. The port itself is port.c\n"
        "beside it: [adding a port](../adding-a-port.md).",
        schema.port,
    ),
    "model": File(
        "Models: models/*/model.toml", "What a model learns from, and how.", schema.model, (_DATA, _PREPROCESS)
    ),
    "search": File(
        "Searches: search/*.toml",
        "What a search may vary, and by what it judges: [search.md](../search.md). A target may have the section, too.",
        schema.search,
    ),
    "devices": File(
        "Devices: devices.toml",
        "The devices of a lab, a table each, in the project's folder or in ~/.config/edgewright. The keys are these\n"
        "and those that [measure] knows for the transport ([target.md](target.md)).",
        schema.devices,
    ),
    "machines": File(
        "Machines: machines.toml",
        "Other machines that stages run on, in the project's folder or in ~/.config/edgewright:\n"
        "[machines.md](../machines.md).",
        schema.machines,
    ),
}
_MADE = "Made by `python -m edgewright.reference` from the classes that check the files."


def files() -> dict[str, str]:
    """Name and text of every file."""
    return schema_files() | {f"{name}.md": page(name) for name in FILES}


def schema_files() -> dict[str, str]:
    """Name and text of the JSON Schema of every kind of file."""
    return {f"{name}.schema.json": _json(file.schema()) for name, file in FILES.items()}


def _json(value: Json) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def page(name: str) -> str:
    """The page of a kind of file."""
    file = FILES[name]
    whole = file.schema()
    first = f"# {file.title}\n\n{file.text}\n\n{_MADE}\n[README.md](README.md) says how an editor uses [the schema]"
    return f"{first}({name}.schema.json).\n\n" + "\n".join(_parts(name, file, whole))


def _parts(name: str, file: File, whole: Json) -> Iterator[str]:
    needed = whole.get("required") or whole.get("anyOf", [{}])[-1].get("required", ())
    yield _device_table(whole) if name == "devices" else table({**whole, "required": needed})
    for place, key in sections(whole):
        yield f"## [{place}]\n\n{_first(key)}{table(key)}"
    for chosen, shown, chooser in file.chosen:
        yield from _chosen(whole["properties"][chosen], shown, chooser)


def _device_table(whole: Json) -> str:
    """Keys that all devices have."""
    entries = whole["additionalProperties"]["anyOf"]
    shared = set.intersection(*(set(entry["properties"]) for entry in entries)) - {"timeout", "runs", "warmup"}
    own = {name: key for name, key in entries[0]["properties"].items() if name in shared and name != "transport"}
    names = sorted(name for entry in entries for name in entry["properties"]["transport"]["enum"])
    transport = {**entries[0]["properties"]["transport"], "enum": names, "description": "how it is reached"}
    return table({"properties": {"transport": transport, **own}, "required": ["transport"]})


def _chosen(key: Json, shown: str, chooser: str) -> Iterator[str]:
    entries = (key.get("items") or key)["anyOf"]
    entries = [entry for entry in entries if "properties" in entry]
    yield f"## {shown}\n\n{_first(key)}Which keys there are depends on `{chooser}`.\n"
    for entry in entries:
        [called, *others], title = entry["properties"][chooser]["enum"], entry.get("title", "")
        if others:
            yield table(entry)
            continue
        kind = "" if title == called else f" ({title})"
        rest = {name: value for name, value in entry["properties"].items() if name != chooser}
        inner = {"properties": rest, "required": entry.get("required", ())}
        yield f'### {chooser} = "{called}"{kind}\n\n{table(inner)}'
        for place, section in sections(inner):
            yield f"#### {place}\n\n{_first(section)}{table(section)}"


def _first(section: Json) -> str:
    """The first sentence of a section's own description."""
    text = section.get("description", "").split("\n\n")[0].replace("\n", " ")
    return f"{text[:1].upper()}{text[1:].rstrip('.')}.\n\n" if text else ""
