r"""Write the model as a C library that drops into other projects: CMake, Arduino, PlatformIO, Zephyr, plain make.

    python -m edgewright.stages.bundle --model-dir build/mcu/kws/c --portable-dir build/mcu/kws/portable \
        --tflite-header build/mcu/kws/kws_tflite.h --tflite-source build/mcu/kws/kws_tflite.c \
        --out-dir build/mcu/kws/bundle [--options '{"optimize": "balanced"}']

Of kernels, only those that the model uses are in it, and portable ones for processors that cannot run them: the stage
`portable` writes these. bundle.json lists the files with their SHA-256.
"""

from __future__ import annotations

import argparse
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from edgewright import __version__
from edgewright.errors import UserError
from edgewright.files import hashes, read_manifest, write_bytes, write_json
from edgewright.home import home
from edgewright.stages import _cli
from edgewright.stages._bundle.samples import read_samples
from edgewright.stages._bundle.sources import sources
from edgewright.stages._mcu.model import GeneratedModel, read_model
from edgewright.stages._mcu.toolchain import LEVELS
from edgewright.templates import render

LISTING = "bundle.json"
SAMPLES = "samples.json"
TEMPLATES = {
    "CMakeLists.txt": "CMakeLists.txt.j2",
    "Makefile": "Makefile.j2",
    "README.md": "README.md.j2",
    "library.properties": "library.properties.j2",
    "library.json": "library.json.j2",
    "zephyr/module.yml": "zephyr/module.yml.j2",
    "zephyr/Kconfig": "zephyr/Kconfig.j2",
    "zephyr/CMakeLists.txt": "zephyr/CMakeLists.txt.j2",
    "examples/main/main.c": "main.c.j2",
    "examples/sketch/sketch.ino": "sketch.ino.j2",
}
NAMED = {
    "src/{}_selftest.h": "selftest.h.j2",
    "src/{}_selftest.c": "selftest.c.j2",
    "{}.mk": "model.mk.j2",
}
"""Files that are called after the model."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the stage."""
    parser = argparse.ArgumentParser(prog="python -m edgewright.stages.bundle", description=__doc__)
    parser.add_argument("--model-dir", type=Path, required=True, help="folder of the generated C")
    parser.add_argument("--portable-dir", type=Path, required=True, help="folder of the same in portable C")
    parser.add_argument("--tflite-header", type=Path, required=True, help="the model as an array: its header")
    parser.add_argument("--tflite-source", type=Path, required=True, help="the model as an array: its source")
    parser.add_argument("--out-dir", type=Path, required=True, help="the folder to write")
    parser.add_argument("--anew", action="store_true", help="remove what else lies in the folder to write")
    parser.add_argument("--templates", type=Path, action="append", default=[], help="searched before templates/")
    parser.add_argument("--options", type=_cli.json_object, default={}, help='[compile] optimize: {"optimize": ...}')
    arguments = parser.parse_args(argv)
    model, portable = read_model(arguments.model_dir), read_model(arguments.portable_dir)
    files = dict(_copies(model, arguments.tflite_header, arguments.tflite_source))
    files.update(sources(model, portable, arguments.templates))
    values = _values(model, arguments.portable_dir / SAMPLES, files, _level(arguments.options))
    files.update(_rendered(model, values, arguments.templates))
    if arguments.anew and arguments.out_dir.is_dir():
        shutil.rmtree(arguments.out_dir)
    write(arguments.out_dir, files)
    print(f"{model.name}: {len(files)} files in {arguments.out_dir}")
    return 0


def _level(options: Mapping[str, Any]) -> str:
    chosen = options.get("optimize", "balanced")
    if chosen not in LEVELS:
        raise UserError("--options: optimize", "unknown choice", got=chosen, allowed=LEVELS)
    return LEVELS[chosen]


def _copies(model: GeneratedModel, tflite_header: Path, tflite_source: Path) -> Iterator[tuple[str, bytes]]:
    yield f"tflite/{model.name}_tflite.h", tflite_header.read_bytes()
    yield f"tflite/{model.name}_tflite.c", tflite_source.read_bytes()
    yield "LICENSE", (home() / "LICENSE").read_bytes()


def _values(model: GeneratedModel, samples: Path, files: Iterable[str], level: str) -> dict[str, Any]:
    """What all templates of a bundle may use."""
    found = read_samples(samples, model)
    written = [f"src/{model.name}_selftest.c", *files]
    return {
        "model": model,
        "single": len(model.inputs) == len(model.outputs) == 1,
        "samples": found,
        "known": any(sample.label >= 0 for sample in found),
        "sources": sorted(name.removeprefix("src/") for name in written if re.fullmatch(r"src/.*\.c", name)),
        "needs_math": any(name.endswith("/ew_float.h") for name in files),
        "level": level,
        "version": __version__,
    }


def _rendered(
    model: GeneratedModel, values: Mapping[str, Any], templates: Sequence[Path]
) -> Iterator[tuple[str, bytes]]:
    named = {name.format(model.name): template for name, template in NAMED.items()}
    for name, template in {**TEMPLATES, **named}.items():
        yield name, render(f"bundle/{template}", templates, **values).encode()


def write(folder: Path, files: dict[str, bytes]) -> None:
    """Write the files of a bundle and its listing; what an earlier bundle listed and this one has not is removed."""
    listing = folder / LISTING
    with suppress(FileNotFoundError, UserError):  # a damaged one names nothing
        for name in read_manifest(listing):
            if name not in files:
                (folder / name).unlink(missing_ok=True)
    for name, content in sorted(files.items()):
        write_bytes(folder / name, content)
    write_json(listing, {"schema": 1, "files": hashes(folder, files)})


if __name__ == "__main__":
    _cli.run(main)
