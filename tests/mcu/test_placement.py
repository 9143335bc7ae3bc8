"""What lies in a board's fast RAM: chosen by worth, within its size, and run in the emulator."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgewright.compiler import compile_model, host
from edgewright.devices.tools import elf_file
from edgewright.files import read_json
from edgewright.images.model import read_library
from edgewright.images.placement import place
from edgewright.sections.board import Memory
from edgewright.stages.microcontroller import firmware
from edgewright.tflite.reader import read_model

from .bundles import make_bundle, small_network
from .conftest import measured, stage_options

M4 = "mps2-an386"
PSRAM = 0x21000000
"""RAM of the emulated machine beside the one that its board file names."""


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("placed")
    make_bundle(folder, small_network(), "net")
    return folder


def built(parts: Path, fast: int | None) -> tuple[Path, dict[str, Any]]:
    """The firmware with so many bytes of fast RAM, and its facts."""
    options, out = stage_options(M4), parts / f"fw{fast}"
    if fast is not None:
        options["board"]["memory"]["fast"] = {"origin": PSRAM, "size": f"{fast} B"}
    arguments = ["--model-dir", str(parts / "net_c"), "--out-dir", str(out), "--options", json.dumps(options)]
    assert firmware.main(arguments) == 0
    return out / "firmware.elf", dict(read_json(out / "firmware.json"))


def test_the_arena_comes_first_then_what_is_read_most(parts: Path) -> None:
    library = read_library(parts / "net_c")
    arena = int(library.models[0].facts["arena_bytes"])
    whole = place(library, 1 << 20)
    assert whole.variables == ("arena",)
    assert set(whole.constants) == library.weight_names()
    macs = [layer["macs"] for layer in library.models[0].facts["layers"]]
    sizes = [sum(each.bytes for each in library.constants() if each.layer == layer) for layer in (0, 1)]
    most = max((0, 1), key=lambda layer: macs[layer] / sizes[layer])
    assert whole.constants[0].startswith(f"layer_{most}_")
    assert place(library, arena - 1).variables == ()
    assert place(library, arena).constants == ()
    assert place(library, 0).names == []


@pytest.mark.parametrize("fast", [320, 1024])
def test_it_lies_there_and_the_answers_are_the_same(parts: Path, tmp_path: Path, fast: int) -> None:
    elf, facts = built(parts, fast)
    _, without = built(parts, None)
    names = facts["in_fast_ram"]
    places = {symbol.name: symbol.address for symbol in elf_file.symbols(elf)}
    assert names
    assert all(PSRAM <= places[name] < PSRAM + fast for name in names)
    assert places["arena"] < PSRAM if fast == 320 else "arena" in names
    assert 0 < facts["ram"]["fast_bytes"] <= fast
    assert without["ram"]["fast_bytes"] == 0
    assert facts["flash"]["weights_bytes"] == without["flash"]["weights_bytes"]
    copied = facts["ram"]["total_bytes"] - without["ram"]["total_bytes"]
    assert copied == facts["ram"]["static_bytes"] - without["ram"]["static_bytes"] > 0
    samples = np.random.default_rng(5).integers(-128, 128, (2, 1, 6, 5, 3), dtype=np.int8)
    here = host.build(compile_model(read_model(parts / "net.tflite"), "net"), tmp_path).run([samples])[0]
    assert np.array_equal(measured(elf, M4, samples).outputs.values[0], here)


def test_the_map_of_several_models_shows_where_each_thing_lies(group: Path, tmp_path: Path) -> None:
    """700 bytes: room for the arena of all, and for constants of one layer of one model."""
    options, out = stage_options(M4), tmp_path / "out"
    options["board"]["memory"]["fast"] = {"origin": PSRAM, "size": "700 B"}
    library = group / "first_and_second_and_third_c"
    assert firmware.main(["--model-dir", str(library), "--out-dir", str(out), "--options", json.dumps(options)]) == 0
    names = read_json(out / "firmware.json")["in_fast_ram"]
    assert names[0] == "arena"
    assert len(names) == 2
    text = (out / "firmware.map").read_text()
    sections = dict(re.findall(r"^ \.(?:bss|rodata)\.(\w+)\s+0x0*([0-9a-f]+)\s+0x[1-9a-f]", text, re.MULTILINE))
    assert {name for name in sections if PSRAM <= int(sections[name], 16) < PSRAM + 700} == set(names)
    assert int(sections["first_layer_0_weights"], 16) < 1 << 22  # in flash
    assert int(sections["arena"], 16) == PSRAM


@pytest.mark.parametrize(
    ("fast", "message"),
    [
        ({"origin": 0x20000800, "size": "1 KiB"}, "regions overlap"),
        ({"origin": 0x1FFFF000, "size": "4 KiB"}, "in the 64 KiB below ram, which guard the stack"),
    ],
)
def test_regions_that_cannot_be(fast: dict[str, Any], message: str) -> None:
    regions = {"flash": {"origin": 0, "size": "4 KiB"}, "ram": {"origin": 0x20000000, "size": "4 KiB"}, "fast": fast}
    with pytest.raises(ValueError, match=message):
        Memory.model_validate(regions)
