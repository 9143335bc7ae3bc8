"""A transport, a flash tool and an importer of another package: found, checked, in the graph, and run by the stages."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgewright import registry
from edgewright.errors import UserErrors
from edgewright.files import hashes, read_json
from edgewright.home import home
from edgewright.pipeline import stages_of
from edgewright.programmers import Image
from edgewright.spec import load_project
from edgewright.stages.device import measure
from edgewright.stages.microcontroller import flash
from edgewright.stages.model import adopt
from testbench.nets import Net, to_tflite

ROOT = home()
ENTRY_POINTS = """
[edgewright.devices]
carrier-pigeon = outside.carrier_pigeon
[edgewright.programmers]
chisel = outside.chisel
[edgewright.importers]
stone = outside.stone
"""
CARRIER_PIGEON = '''
"""A transport."""
from pydantic import Field
from edgewright.devices import MEASURED, Abilities, Measurement, Options as Base

ABILITIES = Abilities(MEASURED, ("microcontroller",), runs_flashed=True)

class Options(Base):
    loft: str = Field(description="where it lives")

OPTIONS = Options

def identity(options):
    return f"pigeon:{options.loft}"

def measure(job, options):
    return Measurement(ABILITIES.kind, {"latency_us": 7.2e9, "cpu": "pigeon", "runs": options.runs})
'''
CHISEL = '''
"""A flash tool."""
from pydantic import Field
from edgewright.programmers import Options as Base

PROGRAM = "chisel"

class Options(Base):
    width: int = Field(default=3, ge=1, description="of its edge, in mm")

OPTIONS = Options

def flash(image, options, folder):
    return image.binary.read_bytes()
'''
STONE = '''
"""An importer: a .stone is a .tflite behind five letters."""
SUFFIXES = (".stone",)
PACKAGES = ("numpy",)

def read(path):
    return path.read_bytes()[5:]
'''
TARGET = """
description = "a board on an island"
board       = "pico"
runtime     = "aot"
model       = "net.stone"

[measure]
transport = "carrier-pigeon"
{keys}

[flash]
tool  = "chisel"
width = 5
"""
REGISTRIES = (registry.transports, registry.programmers, registry.importers)


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a project, and another package as pip would install it."""
    package = tmp_path / "site" / "outside"
    info = tmp_path / "site" / "outside-1.0.dist-info"
    for folder in (package, info, tmp_path / "targets"):
        folder.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: outside\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(ENTRY_POINTS)
    (package / "__init__.py").write_text("")
    for name, text in (("carrier_pigeon", CARRIER_PIGEON), ("chisel", CHISEL), ("stone", STONE)):
        (package / f"{name}.py").write_text(text)
    net = Net()
    model = to_tflite(net.graph(net.dense(net.input((1, 4)), np.ones((2, 4), np.int8))))
    (tmp_path / "net.stone").write_bytes(b"stone" + model)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    importlib.invalidate_caches()
    for each in REGISTRIES:
        monkeypatch.setattr(each, "_foreign", {})
        del each._foreign  # found anew, and by the next test as well
    monkeypatch.chdir(tmp_path)
    write_target(tmp_path)
    return tmp_path


def write_target(folder: Path, keys: str = 'loft = "attic"') -> None:
    (folder / "targets" / "island.toml").write_text(TARGET.format(keys=keys))


@pytest.fixture(autouse=True)
def _forgotten() -> Any:
    yield
    for each in REGISTRIES:
        each.__dict__.pop("_foreign", None)
    for name in [name for name in sys.modules if name.split(".")[0] == "outside"]:
        del sys.modules[name]


def test_a_project_is_planned_with_them(outside: Path) -> None:
    project = load_project(outside, ROOT)
    target = project.targets["island"]
    assert target.measure is not None
    assert (target.measure.transport, target.measure.options["loft"]) == ("carrier-pigeon", "attic")
    [model] = project.select_models("net.stone")
    stages = {stage.name: stage for stage in stages_of(target, model)}
    assert stages["adopt"].inputs == ("net.stone",)
    assert stages["adopt"].modules == ("outside.stone",)
    assert stages["adopt"].packages == ("numpy",)
    assert "outside.carrier_pigeon" in stages["measure"].modules
    assert "build/island/net/flash.json" in stages["measure"].inputs  # it runs what is flashed
    assert stages["measure"].device == "pigeon-attic"
    assert "outside.chisel" in stages["flash"].modules


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("", "measure.loft: is missing, allowed: where it lives"),
        ('loft = "a"\nnest = 1', "measure.nest: unknown key, allowed: runs, warmup, timeout, loft"),
    ],
)
def test_their_keys_are_checked(keys: str, message: str, outside: Path) -> None:
    write_target(outside, keys)
    with pytest.raises(UserErrors, match=f"targets/island.toml:[0-9]+: {message}"):
        load_project(outside, ROOT)


def test_a_board_of_another_class_is_refused(outside: Path) -> None:
    text = (outside / "targets" / "island.toml").read_text().split("[flash]")[0]
    text = text.replace('"pico"', '"raspberry-pi-4"').replace('"aot"', '"litert"')
    (outside / "targets" / "island.toml").write_text(text)
    with pytest.raises(UserErrors, match="reaches a microcontroller and no other; the board is a Linux-class board"):
        load_project(outside, ROOT)


def test_the_stages_run_them(outside: Path) -> None:
    files = ["--model", "net.stone", "--out", "net.tflite", "--stats", "facts.json"]
    assert adopt.main(files) == 0
    assert (outside / "net.tflite").read_bytes() == (outside / "net.stone").read_bytes()[5:]
    asked = {"runtime": "aot", "measure": {"transport": "carrier-pigeon", "loft": "attic", "runs": 3}}
    measured = ["--model", "net.tflite", "--out", "latency.json", "--options", json.dumps(asked)]
    assert measure.main(measured) == 0
    record = read_json(outside / "latency.json")
    assert (record["latency_us"], record["transport"], record["runs"]) == (7.2e9, "carrier-pigeon", 3)
    (outside / "firmware.elf").write_bytes(b"elf")
    (outside / "firmware.bin").write_bytes(b"bytes")
    manifest = {"files": hashes(outside, ["firmware.elf", "firmware.bin"])}
    (outside / "firmware.json").write_text(json.dumps(manifest))
    found = flash.program(Image(outside / "firmware.elf", 0), {"tool": "chisel", "width": 5})
    assert (found["tool"], found["verified"]) == ("chisel", True)
