r"""Write the model as a C library that drops into other projects: CMake, Arduino, PlatformIO, Zephyr, plain make.

    python -m edgewright.stages.microcontroller.bundle --model-dir build/mcu/kws/c \
        --portable-dir build/mcu/kws/portable --tflite-header build/mcu/kws/kws_tflite.h \
        --tflite-source build/mcu/kws/kws_tflite.c --out-dir build/mcu/kws/bundle \
        [--options '{"compile": {"optimize": "balanced"}}']

Of kernels, only those that the model uses are in it, and portable ones for processors that cannot run them: the stage
`portable` writes these. bundle.json lists the files with their SHA-256.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from edgewright import __version__
from edgewright.command_line import run
from edgewright.errors import UserError
from edgewright.files import hashes, read_manifest, write_bytes, write_json
from edgewright.home import home
from edgewright.images.model import GeneratedModel, read_model
from edgewright.images.toolchain import LEVELS
from edgewright.options.bundle import Options
from edgewright.stage_command import stage
from edgewright.stages.microcontroller._bundle.samples import read_samples
from edgewright.stages.microcontroller._bundle.sources import sources
from edgewright.templates import render

LISTING = "bundle.json"
SAMPLES = "samples.json"
TEMPLATES = {
    "CMakeLists.txt": "CMakeLists.txt.j2",
    "Makefile": "Makefile.j2",
    "README.md": "README.md.j2",
    "library.properties": "library.properties.j2",
    "library.json": "library.json.j2",
    "idf_component.yml": "idf_component.yml.j2",
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
    "Edgewright.{}.pdsc": "pack.pdsc.j2",
}
"""Files that are called after the model."""


def pack(options: Options) -> None:
    """Write the library and its listing."""
    model, portable = read_model(options.model_dir), read_model(options.portable_dir)
    files = dict(_copies(model, options.tflite_header, options.tflite_source))
    files.update(sources(model, portable, options.templates))
    values = _values(model, options.portable_dir / SAMPLES, files, LEVELS[options.compile.optimize])
    files.update(_rendered(model, values, options.templates))
    if options.anew and options.out_dir.is_dir():
        shutil.rmtree(options.out_dir)
    write(options.out_dir, files)
    print(f"{model.name}: {len(files)} files in {options.out_dir}")


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


main = stage(Options, pack)

if __name__ == "__main__":
    run(main)
