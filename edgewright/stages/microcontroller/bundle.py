r"""Write the model as a C library that drops into other projects: CMake, Arduino, PlatformIO, Zephyr, plain make.

    python -m edgewright.stages.microcontroller.bundle --model-dir build/mcu/kws/c \
        --portable-dir build/mcu/kws/portable --tflite-header build/mcu/kws/kws_tflite.h \
        --tflite-source build/mcu/kws/kws_tflite.c --front-dir build/mcu/kws/frontend \
        --out-dir build/mcu/kws/bundle [--options '{"compile": {"optimize": "balanced"}}']

`--front-dir` is that of the stage `frontend`, for a model whose model.toml has [preprocess]. Of kernels, only those
that the model uses are in it, and portable ones for processors that cannot run them: the stage `portable` writes these.
bundle.json lists the files with their SHA-256.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgewright import __version__
from edgewright.command_line import run
from edgewright.errors import UserError
from edgewright.files import hashes, read_manifest, write_bytes, write_json
from edgewright.home import home
from edgewright.images.model import GeneratedModel, Library, read_library
from edgewright.images.toolchain import LEVELS
from edgewright.options.bundle import Options
from edgewright.stage_command import stage
from edgewright.stages.microcontroller._bundle.front import Front, read_front
from edgewright.stages.microcontroller._bundle.names import ARDUINO, COMPONENT, short_name
from edgewright.stages.microcontroller._bundle.samples import Sample, read_samples
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
    "{}.mk": "model.mk.j2",
    "Edgewright.{}.pdsc": "pack.pdsc.j2",
}
"""Files of the whole, some called after it."""

OF_A_MODEL = {"src/{}_selftest.h": "selftest.h.j2", "src/{}_selftest.c": "selftest.c.j2"}
"""Files that each model has of its own, called after it."""

EXAMPLES = {
    False: {"examples/main/main.c": "main.c.j2", "examples/sketch/sketch.ino": "sketch.ino.j2"},
    True: {"examples/main/main.c": "main_several.c.j2", "examples/sketch/sketch.ino": "sketch_several.ino.j2"},
}
"""Programs of one model, and of several."""


@dataclass(frozen=True)
class Part:
    """A model of the library as the templates take it."""

    model: GeneratedModel
    samples: Sequence[Sample]
    front: Front | None = None

    @property
    def single(self) -> bool:
        """Whether it has one input and one output, so that its function takes two pointers."""
        return len(self.model.inputs) == len(self.model.outputs) == 1

    @property
    def known(self) -> bool:
        """Whether the right classes are known of its samples."""
        return any(sample.label >= 0 for sample in self.samples)

    def values(self) -> dict[str, Any]:
        """What a template of this model alone may use."""
        of_all = {"model": self.model, "samples": self.samples, "single": self.single, "known": self.known}
        names = ("raw_ctype", "suffix", "rate", "operators")
        return of_all | ({name: getattr(self.front, name) for name in names} if self.front else {})


def pack(options: Options) -> None:
    """Write the library and its listing."""
    library = read_library(options.model_dir)
    portable = [read_library(folder) for folder in options.portable_dir]
    files = dict(_copies(library, options))
    files.update(sources(library, portable, options.templates))
    samples = [folder / SAMPLES for folder in options.portable_dir]
    fronts = {front.model: front for front in map(read_front, options.front_dir)}
    for front in fronts.values():
        files.update(front.sources())
    parts = [
        Part(model, read_samples(path, model), fronts.get(model.name))
        for path, model in zip(samples, library.models, strict=True)
    ]
    files.update(_rendered(library, parts, files, options))
    if options.anew and options.out_dir.is_dir():
        shutil.rmtree(options.out_dir)
    write(options.out_dir, files)
    print(f"{library.name}: {len(files)} files in {options.out_dir}")


def _copies(library: Library, options: Options) -> Iterator[tuple[str, bytes]]:
    if not len(library.models) == len(options.tflite_header) == len(options.tflite_source):
        raise UserError(
            "--tflite-header, --tflite-source", "one of each for each model", allowed=f"{len(library.models)}"
        )
    for model, header, source in zip(library.models, options.tflite_header, options.tflite_source, strict=True):
        yield f"tflite/{model.name}_tflite.h", header.read_bytes()
        yield f"tflite/{model.name}_tflite.c", source.read_bytes()
    yield "LICENSE", (home() / "LICENSE").read_bytes()


def _values(library: Library, files: Iterable[str], level: str) -> dict[str, Any]:
    """What all templates of a bundle may use."""
    names = [model.name for model in library.models]
    written = [*(f"src/{name}_selftest.c" for name in names), *files]
    what = "The neural networks" if library.has_several else "The neural network"
    title = f"{what} {' and '.join(names)}"
    return {
        "library": library,
        "title": title,
        "short_title": title[4].upper() + title[5:],
        "sources": sorted(name.removeprefix("src/") for name in written if re.fullmatch(r"src/.*\.c", name)),
        "needs_math": any(name.endswith("/ew_float.h") for name in files),
        "level": level,
        "version": __version__,
        "arduino_name": short_name(library.name, ARDUINO, library.source_sha256),
        "component": short_name(library.name, COMPONENT, library.source_sha256),
    }


def _rendered(
    library: Library, parts: Sequence[Part], files: Iterable[str], options: Options
) -> Iterator[tuple[str, bytes]]:
    shared = {**_values(library, files, LEVELS[options.compile.optimize]), "parts": parts}
    first = {**shared, **parts[0].values()}
    for name, template in {**TEMPLATES, **EXAMPLES[library.has_several]}.items():
        values = shared if library.has_several else first
        yield name.format(library.name), render(f"bundle/{template}", options.templates, **values).encode()
    for part in parts:
        for name, template in OF_A_MODEL.items():
            values = {**shared, **part.values()}
            yield name.format(part.model.name), render(f"bundle/{template}", options.templates, **values).encode()
        if part.front:
            folder, values = f"examples/{part.model.name}_raw", {**shared, **part.values()}
            template = f"bundle/{part.front.template}"
            yield f"{folder}/main.c", render(template, options.templates, **values).encode()
            yield f"{folder}/sample.{part.front.suffix}", part.front.sample()


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
