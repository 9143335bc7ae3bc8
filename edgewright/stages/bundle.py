r"""Write the model as a C library that drops into other projects: CMake, Arduino, PlatformIO, Zephyr, plain make.

    python -m edgewright.stages.bundle --model-dir build/mcu/kws/c --tflite-header build/mcu/kws/kws_tflite.h \
        --tflite-source build/mcu/kws/kws_tflite.c --out-dir build/mcu/kws/bundle

Of kernels, only those that the model uses are in it. bundle.json lists the files with their SHA-256.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from edgewright import __version__
from edgewright.errors import UserError
from edgewright.files import hashes, read_manifest, write_bytes, write_json
from edgewright.home import home
from edgewright.options.bundle import Options
from edgewright.stages._cli import run
from edgewright.stages._command import stage
from edgewright.stages._mcu.model import GeneratedModel, read_model
from edgewright.templates import render

LISTING = "bundle.json"
TEMPLATES = {
    "CMakeLists.txt": "CMakeLists.txt.j2",
    "README.md": "README.md.j2",
    "library.properties": "library.properties.j2",
    "library.json": "library.json.j2",
    "zephyr/module.yml": "zephyr/module.yml.j2",
    "zephyr/Kconfig": "zephyr/Kconfig.j2",
    "zephyr/CMakeLists.txt": "zephyr/CMakeLists.txt.j2",
    "examples/main/main.c": "main.c.j2",
    "examples/sketch/sketch.ino": "sketch.ino.j2",
}


def pack(options: Options) -> None:
    """Write the library and its listing."""
    model = read_model(options.model_dir)
    files = dict(_copies(model, options.tflite_header, options.tflite_source))
    files.update(_rendered(model, options.templates))
    if options.anew and options.out_dir.is_dir():
        shutil.rmtree(options.out_dir)
    write(options.out_dir, files)
    print(f"{model.name}: {len(files)} files in {options.out_dir}")


def _copies(model: GeneratedModel, tflite_header: Path, tflite_source: Path) -> Iterator[tuple[str, bytes]]:
    for name in model.files:
        if name != f"{model.name}_layers.h":  # of use to the harness alone
            yield f"src/{name}", (model.folder / name).read_bytes()
    yield f"tflite/{model.name}_tflite.h", tflite_header.read_bytes()
    yield f"tflite/{model.name}_tflite.c", tflite_source.read_bytes()
    yield "LICENSE", (home() / "LICENSE").read_bytes()


def _rendered(model: GeneratedModel, templates: Sequence[Path]) -> Iterator[tuple[str, bytes]]:
    single = len(model.inputs) == len(model.outputs) == 1
    for name, template in TEMPLATES.items():
        yield name, render(f"bundle/{template}", templates, model=model, single=single, version=__version__).encode()


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
