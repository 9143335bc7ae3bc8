"""docs/reference/ says what the classes say; its schemas take every file of this repository, and no wrong one."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edgewright.home import home
from edgewright.reference.files import FILES, files
from edgewright.reference.page import example, is_section, literal

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

jsonschema = pytest.importorskip("jsonschema", reason="it is of the extra dev: ./sconsw --setup")
ROOT = home()
REFERENCE = ROOT / "docs" / "reference"
PATTERNS = {
    "target": "targets/*.toml",
    "board": "targets/boards/*.toml",
    "model": "models/*/model.toml",
    "search": "search/*.toml",
    "port": "firmware/ports/*/port.toml",
}
TOML = [(name, path) for name, pattern in PATTERNS.items() for path in sorted(ROOT.glob(pattern))]
DEVICES = """
[kitchen-pi]
description = "on the shelf"
transport   = "ssh"
host        = "pi@kitchen.local"
runs        = 50
"""
TARGET: dict[str, Any] = {"description": "a board", "board": "pico", "runtime": "aot"}


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return files()


@pytest.fixture(scope="module")
def schemas(made: dict[str, str]) -> dict[str, Any]:
    return {name: json.loads(made[f"{name}.schema.json"]) for name in FILES}


def faults(schema: Any, data: Any) -> list[str]:
    return [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(data)]


def test_the_folder_holds_what_the_command_makes(made: dict[str, str]) -> None:
    assert {path.name for path in REFERENCE.iterdir()} == {*made, "README.md"}
    for name, text in made.items():
        assert (REFERENCE / name).read_text() == text, "make it anew: python -m edgewright.reference"


def keys(schema: Any, at: str) -> Iterator[tuple[str, Any]]:
    """Every key of a schema, those of sections and of what a name chooses as well."""
    for name, key in schema.get("properties", {}).items():
        if not is_section(key):
            yield f"{at}.{name}", key
        yield from keys(key, f"{at}.{name}")
        for part in (*key.get("anyOf", ()), *(key.get("items") or {}).get("anyOf", ())):
            yield from keys(part, f"{at}.{name}")
    further = schema.get("additionalProperties")
    for part in further.get("anyOf", ()) if isinstance(further, dict) and "properties" not in schema else ():
        yield from keys(part, at)


@pytest.mark.parametrize("name", FILES)
def test_every_key_says_what_it_does_and_has_an_example_that_fits(name: str, schemas: dict[str, Any]) -> None:
    found = list(keys(schemas[name], name))
    assert len(found) > 4
    for place, key in found:
        assert key.get("description"), place
        written = tomllib.loads(f"key = {literal(example(key))}")["key"]
        assert faults(key, written) == [], (place, written)


@pytest.mark.parametrize("name", FILES)
def test_the_schema_is_one(name: str, schemas: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(schemas[name])


@pytest.mark.parametrize(("name", "path"), TOML, ids=lambda value: str(getattr(value, "stem", value)))
def test_every_file_of_the_repository_fits(name: str, path: Path, schemas: dict[str, Any]) -> None:
    assert faults(schemas[name], tomllib.loads(path.read_text())) == []


def test_devices_fit(schemas: dict[str, Any]) -> None:
    lab = tomllib.loads(DEVICES)
    assert faults(schemas["devices"], lab) == []
    assert faults(schemas["devices"], {"x": {"transport": "ssh"}})  # host is missing
    assert faults(schemas["devices"], {"x": {"transport": "qemu-user"}})  # no thing


@pytest.mark.parametrize(
    "wrong",
    [
        {"budgets": {}},
        {"budget": {"flash": "64"}},
        {"budget": {"flash": 65536}},
        {"budget": {"accuracy": 2}},
        {"quantize": {"scheme": "int4"}},
        {"quantize": {"calibration_samples": 3}},
        {"compress": [{"pass": "prunes"}]},
        {"compress": [{"pass": "prune", "schedule": {"kind": "stairs"}}]},
        {"compress": [{"epochs": 3}]},
        {"measure": {"transport": "host", "rums": 3}},
        {"measure": {"transport": "qemu", "runs": 0}},
        {"flash": {"tool": "openocd", "config": "a.cfg"}},
        {"firmware": {"stack": "much"}},
        {"board": "../pico"},
    ],
)
def test_wrong_targets_do_not_fit(wrong: dict[str, Any], schemas: dict[str, Any]) -> None:
    assert faults(schemas["target"], TARGET) == []
    assert faults(schemas["target"], {**TARGET, **wrong})


def test_what_a_target_extends_may_have_the_rest(schemas: dict[str, Any]) -> None:
    assert faults(schemas["target"], {"extends": "mcu", "measure": {"runs": 5}}) == []
    assert faults(schemas["target"], {"measure": {"runs": 5}})


@pytest.mark.parametrize(("name", "path"), TOML, ids=lambda value: getattr(value, "stem", value))
def test_every_file_names_its_schema_for_editors(name: str, path: Path) -> None:
    first = path.read_text().splitlines()[0]
    assert first.startswith("#:schema ")
    assert (path.parent / first.removeprefix("#:schema ")).resolve() == REFERENCE / f"{name}.schema.json"
