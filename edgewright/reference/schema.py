"""JSON Schemas of the TOML files, as editors take them (draft 2020-12).

They are pydantic's of the classes, with what pydantic cannot know: that keys may stand in a file which is extended, and
that a name in a section chooses its other keys. Further keys are `x-units` and `x-allowed`, for people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from edgewright import registry
from edgewright.registry import Registry
from edgewright.sections.board import Board
from edgewright.sections.port import Port
from edgewright.spec import EMULATOR, NOTHING, MachinesFile, Model, SearchFile, Target, reachable
from edgewright.spec.device import Device

Json = dict[str, Any]
DRAFT = "https://json-schema.org/draft/2020-12/schema"


def target() -> Json:
    """Of targets/*.toml."""
    schema = of_class(Target)
    required = schema.pop("required")
    schema["properties"] |= {
        "extends": {
            **_text("name of another target, whose keys are taken where this one has none"),
            "examples": ["mcu"],
        },
        "compress": {"type": "array", "items": {"anyOf": _entries(registry.passes, "pass")}},
        "measure": {"anyOf": _measure()},
        "flash": {"anyOf": [_lenient(entry) for entry in _entries(registry.programmers, "tool")]},
    }
    schema["anyOf"] = [{"required": ["extends"]}, {"required": required}]
    return _described(schema, Target, ("compress", "measure", "flash"))


def board() -> Json:
    """Of targets/boards/*.toml."""
    schema = of_class(Board)
    schema["properties"]["flash"] = {"anyOf": _entries(registry.programmers, "tool")}
    return _described(schema, Board, ("flash",))


def port() -> Json:
    """Of firmware/ports/<port>/port.toml."""
    return of_class(Port)


def model() -> Json:
    """Of models/<m>/model.toml."""
    schema = of_class(Model)
    plain = schema["properties"]["data"]
    shared = {name: key for name, key in plain["properties"].items() if name != "dataset"}
    modules = {name: registry.datasets.load(name) for name in registry.datasets.names()}
    forms = {name: module.OPTIONS for name, module in modules.items() if hasattr(module, "OPTIONS")}
    named = {**plain["properties"]["dataset"], "enum": [name for name in modules if name not in forms]}
    first = {**plain, "properties": {"dataset": named, **shared}, "additionalProperties": False}
    entries = [_entry(kind, "dataset", [name], shared) for name, kind in forms.items()]
    schema["properties"]["data"] = {"description": plain["description"], "anyOf": [first, *entries]}
    done, steps = schema["properties"]["preprocess"]["description"], _entries(registry.preprocessing, "kind")
    several = {"type": "array", "minItems": 1, "items": {"anyOf": steps}}
    schema["properties"]["preprocess"] = {"description": done, "anyOf": [*steps, several]}
    return schema


def search() -> Json:
    """Of search/*.toml."""
    return of_class(SearchFile)


def devices() -> Json:
    """Of devices.toml."""
    schema: Json = {"$schema": DRAFT, "title": "Devices", "type": "object"}
    more = of_class(Device)["properties"]
    found = [entry for entry in _entries(registry.transports, "transport", more) if _is_thing(entry["title"])]
    return {**schema, "description": "The devices of a lab.", "additionalProperties": {"anyOf": found}}


def machines() -> Json:
    """Of machines.toml."""
    return of_class(MachinesFile)


def of_class(kind: type[BaseModel]) -> Json:
    """Pydantic's schema of a class, every reference filled in, without titles of keys."""
    whole = kind.model_json_schema()
    schema = _filled(whole, whole.pop("$defs", {}))
    return {"$schema": DRAFT, **schema}


def _filled(schema: Any, known: Mapping[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_filled(each, known) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        rest = {key: value for key, value in schema.items() if key not in {"$ref", "default"}}
        return _filled({**known[schema["$ref"].rpartition("/")[2]], **rest}, known)
    plain = {key: value for key, value in schema.items() if not (key == "title" and isinstance(value, str))}
    return _with_unit(_without_null({key: _filled(value, known) for key, value in plain.items()}))


def _with_unit(schema: Json) -> Json:
    """A default as it would stand in the file."""
    value, base = schema.get("default"), schema.get("x-base")
    if base is None or not isinstance(value, (int, float)):
        return schema
    kibi = base == "B" and value % 1024 == 0
    return {**schema, "default": f"{value // 1024} KiB" if kibi else f"{value:g} {base}"}


def _without_null(schema: Json) -> Json:
    """TOML knows no null: what may be None is left out."""
    choices = schema.get("anyOf")
    if choices is None or {"type": "null"} not in choices:
        return schema
    kept = [choice for choice in choices if choice != {"type": "null"}]
    rest = {key: value for key, value in schema.items() if key not in {"anyOf", "default"}}
    return {**kept[0], **rest} if len(kept) == 1 else {**rest, "anyOf": kept}


def _entries(found: Registry, key: str, more: Mapping[str, Any] | None = None) -> list[Json]:
    """A section for each module of a registry: the key that names it, and the keys of its OPTIONS."""
    return [_entry(found.load(name).OPTIONS, key, [name], more or {}) for name in found.names()]


def _entry(kind: type[BaseModel], key: str, names: Iterable[str], more: Mapping[str, Any]) -> Json:
    schema = of_class(kind)
    named = list(names)
    own = {**more, key: {**_text(f"which keys there are depends on the {key}"), "enum": named}}
    return {
        "type": "object",
        "title": ", ".join(named),
        "properties": {**own, **schema.get("properties", {})},
        "required": [key, *schema.get("required", [])],
        "additionalProperties": False,
    }


def _measure() -> list[Json]:
    """Those of transports; emulators are all called "qemu", and a device of the lab brings keys that are left out."""
    more = {"device": _text("name of a device in devices.toml")}
    found = []
    for name in registry.transports.names():
        called = name if _is_thing(name) else EMULATOR
        found.append({**_entry(registry.transports.load(name).OPTIONS, "transport", [called], more), "title": name})
    nothing = {"type": "object", "title": NOTHING, "properties": {}}
    nothing["properties"] = {"transport": {**_text("nothing is measured"), "enum": [NOTHING]}}
    return [*map(_lenient, found), {**nothing, "additionalProperties": False}]


def _is_thing(transport: str) -> bool:
    """Whether it reaches a thing which a lab can have: what stands in for boards is called by one name."""
    return transport in reachable()


def _lenient(entry: Json) -> Json:
    """Without required keys: they may stand in the file that is extended, in the board's, or with the device."""
    return {key: value for key, value in entry.items() if key != "required"}


def _text(description: str) -> Json:
    return {"type": "string", "description": description}


def _described(schema: Json, kind: type[BaseModel], keys: Iterable[str]) -> Json:
    for key in keys:
        schema["properties"][key]["description"] = kind.model_fields[key].description
    return schema
