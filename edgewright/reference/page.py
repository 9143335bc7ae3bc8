"""Pages of the keys of a file, made from its JSON Schema: type, unit, default, what is allowed, and an example."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

Json = Mapping[str, Any]
HEAD = "| key | is | default | what it does | example |\n|---|---|---|---|---|\n"
_BOUNDS = {"minimum": "at least", "exclusiveMinimum": "more than", "maximum": "at most", "exclusiveMaximum": "below"}
_TYPES = {"integer": "a whole number", "number": "a number", "boolean": "`true` or `false`", "string": "text"}
_QUANTITIES = {"KiB": ("a size", "64 KiB"), "ms": ("a time", "20 ms"), "MHz": ("a clock rate", "120 MHz")}


def table(schema: Json) -> str:
    """The keys of a section; sections in it have tables of their own."""
    properties = schema.get("properties", {}).items()
    required = schema.get("required", ())
    rows = [_row(name, key, needed=name in required) for name, key in properties if not is_section(key)]
    return HEAD + "".join(rows) if rows else "" if properties else "It has no keys.\n"


def is_section(key: Json) -> bool:
    """Whether the value of a key is a table with keys that are known."""
    return "properties" in key or any("properties" in each for each in _choices(key))


def _choices(key: Json) -> list[Json]:
    items = key.get("items")
    inner = items if isinstance(items, dict) else {}
    return [*key.get("anyOf", ()), *inner.get("anyOf", ())]


def _row(name: str, key: Json, *, needed: bool) -> str:
    default = "needed" if needed else literal(key["default"]) if _shown(key) else "-"
    shown = default if default in ("needed", "-") else f"`{default}`"
    cells = (f"`{name}`", kind(key), shown, key.get("description", ""), f"`{name} = {literal(example(key))}`")
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"


def _shown(key: Json) -> bool:
    return key.get("default") not in (None, [], {})


def kind(key: Json) -> str:
    """What a value is, for people: type, unit, bounds."""
    if "enum" in key or "const" in key:
        return " or ".join(f"`{literal(each)}`" for each in key.get("enum", [key.get("const")]))
    if "anyOf" in key:
        return ", or ".join(map(kind, key["anyOf"]))
    if "properties" in key:
        return f"any of {', '.join(f'`{name}`' for name in key['properties'])}"
    if key.get("type") in ("array", "object"):
        return f"a list: {_items(key)}" if key["type"] == "array" else f"a table: {kind(_value(key))}"
    return _scalar(key)


def _scalar(key: Json) -> str:
    if "x-units" in key:
        return f"{_quantity(key)[0]}, text with a unit: {', '.join(key['x-units'])}"
    text = key.get("x-allowed") or _TYPES[key["type"]]
    bounds = [f"{words} {key[bound]}" for bound, words in _BOUNDS.items() if bound in key]
    return f"{text}, {', '.join(bounds)}" if bounds else text


def _items(key: Json) -> str:
    return ", ".join(map(kind, key["prefixItems"])) if "prefixItems" in key else kind(key["items"])


def _value(key: Json) -> Json:
    """The schema of a table's values, whatever their names are."""
    inner = key.get("additionalProperties")
    found: Json = inner if isinstance(inner, dict) else next(iter(key.get("patternProperties", {}).values()), {})
    return found or {"type": "string"}


def _quantity(key: Json) -> tuple[str, str]:
    return next(value for unit, value in _QUANTITIES.items() if unit in key["x-units"])


def example(key: Json) -> Any:
    """A value that may stand there: what the class names, else another than the default, else one of its type."""
    if key.get("examples"):
        return key["examples"][0]
    if key.get("type") == "boolean":
        return not key.get("default", False)
    others = [value for value in key.get("enum", ()) if value != key.get("default")]
    if others:
        return others[0]
    return key["default"] if _shown(key) else next(_examples(key))


def _examples(key: Json) -> Iterator[Any]:
    if "enum" in key or "const" in key:
        yield from key.get("enum", [key.get("const")])
    elif "anyOf" in key:
        yield example(key["anyOf"][0])
    elif key.get("type") == "array":
        yield [example(each) for each in key["prefixItems"]] if "prefixItems" in key else [example(key["items"])]
    elif "properties" in key:
        yield {name: example(each) for name, each in [*key["properties"].items()][1:2]}
    elif key.get("type") == "object":
        yield {"name": example(_value(key))}
    elif "x-units" in key:
        yield _quantity(key)[1]
    elif key["type"] == "string":
        yield key.get("x-example", "text")
    else:
        yield _number(key)


def _number(key: Json) -> Any:
    low, high = key.get("minimum", key.get("exclusiveMinimum", 0)), key.get("maximum", key.get("exclusiveMaximum"))
    if key["type"] == "integer":
        return low + 1 if "exclusiveMinimum" in key else low
    return (low + high) / 2 if high is not None else low + 1


def literal(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, dict):
        inner = ", ".join(f"{_name(name)} = {literal(each)}" for name, each in value.items())
        return f"{{ {inner} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    return json.dumps(value, ensure_ascii=False)


def _name(text: str) -> str:
    return text if re.fullmatch(r"[A-Za-z_][\w-]*", text) else json.dumps(text)


def sections(schema: Json, at: str = "") -> Iterator[tuple[str, Json]]:
    """Every section below a schema, by its name in the file: "quantize", "train.augment", "core"."""
    for name, key in schema.get("properties", {}).items():
        if "properties" in key:
            yield f"{at}{name}", key
            yield from sections(key, f"{at}{name}.")
