r"""Build the firmware of a microcontroller: the generated model, the harness, a port; and size it.

    python -m edgewright.stages.microcontroller.firmware --model-dir build/mcu/kws/c --out-dir build/mcu/kws \
        --options '{...}'

Options: {"target", "board_name", "board": the board's facts, "compile": {"optimize"},
"firmware": {"cc", "stack", "protocol_name"}}.
Writes firmware.elf, .bin, .hex, .map, .uf2 where the board takes one, lib<model>.a, and firmware.json.
Two images are linked from the same objects: the firmware with
its harness, and a minimal one that only runs the model. "flash" and "ram" in firmware.json are those of the minimal
image (vectors, start-up, model), which is what the model costs in a product and what budgets are about; "image" is the
firmware. The arena holds input, output and scratch; the stack is that of the model's call at its deepest.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgewright import __version__
from edgewright.arch import Architecture, MathLibrary, architecture_of
from edgewright.command_line import run
from edgewright.devices.tools import elf_file
from edgewright.errors import UserError
from edgewright.files import hashes, sha256_file, staged, write_bytes, write_json
from edgewright.images import boot2, image, sources, stack, uf2
from edgewright.images.model import GeneratedModel, Library, read_library
from edgewright.images.placement import Placement, place
from edgewright.images.toolchain import LEVELS, Toolchain
from edgewright.options.firmware import Options
from edgewright.stage_command import stage

FLASH_WRITER = "flash.c"
"""File of a port that can write flash while the firmware runs."""

_HOOK = ("-include", "harness/ew_profile.h")


_MATH = "#include <math.h>"


@dataclass(frozen=True)
class Build:
    """What shapes a firmware beside its sources."""

    target: str
    board: Mapping[str, Any]
    cc: str
    level: str
    stack_bytes: int
    protocol_name: str
    port: Path | None = None

    @property
    def architecture(self) -> Architecture:
        """Of the board's core."""
        return architecture_of(self.board["core"]["arch"])


def write(options: Options) -> None:
    """Build the firmware and size it."""
    library = read_library(options.model_dir)
    what = build_of(options, library)
    with tempfile.TemporaryDirectory(prefix="edgewright-") as name:
        folder = Path(name).resolve()
        facts = build(folder, library, what, options.templates)
        _hand_over(folder, options.out_dir, what, facts, archive_of(library))
    flash, ram = facts["flash"], facts["ram"]
    print(
        f"{library.name} on {facts['board']}: flash {flash['total_bytes']:,} B ({flash['code_bytes']:,} code), "
        f"RAM {ram['total_bytes']:,} B"
    )


def build_of(options: Options, library: Library) -> Build:
    """The options with what the board and the model say where they say nothing."""
    board, chosen = options.board, options.firmware
    port = sources.port_folder(board.port, options.ports) if board.port is not None else None
    return Build(
        target=options.target or options.board_name,
        board={"name": options.board_name, **board.model_dump()},
        cc=chosen.cc or board.toolchain.cc or architecture_of(board.core.arch).cc,
        level=LEVELS[options.compile.optimize],
        stack_bytes=chosen.stack,
        protocol_name=chosen.protocol_name or library.name,
        port=port,
    )


def build(folder: Path, library: Library, options: Build, templates: Sequence[Path]) -> dict[str, Any]:
    """Build firmware.elf and minimal.elf in the empty `folder`; what firmware.json says."""
    board = options.board
    _check_installs(library, options)
    sources.lay_out(folder, library, options.port, options.architecture)
    placement = _placement(library, board)
    sources.render_board(folder, templates, board, options.architecture, options.stack_bytes, placement)
    sources.render_glue(folder, templates, library, options.target, options.protocol_name)
    architecture, cpu_flags = options.architecture, tuple(board["toolchain"]["cpu_flags"])
    toolchain = Toolchain(architecture, options.cc, cpu_flags, folder, _math(library, architecture))
    shared = _startup(toolchain, board["port"], has_fast=_fast(board) is not None)
    if board["port"] is not None:
        _link_firmware(toolchain, library, options, shared)
    _link_minimal(toolchain, library, options, shared)
    if board["port"] is None:
        _take_minimal(folder)
    toolchain.convert("firmware.elf", "firmware.bin", "-O", "binary")
    toolchain.convert("firmware.elf", "firmware.hex", "-O", "ihex")
    return {**_facts(folder, library, options, toolchain.version()), "in_fast_ram": placement.names}


def _fast(board: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The board's fast RAM."""
    return (board["memory"] or {}).get("fast")


def _placement(library: Library, board: Mapping[str, Any]) -> Placement:
    fast = _fast(board)
    return place(library, fast["size"]) if fast else Placement()


def _take_minimal(folder: Path) -> None:
    """Without a port nothing could speak to a harness: the image that is sized is all there is."""
    for suffix in (".elf", ".map"):
        shutil.copyfile(folder / f"minimal{suffix}", folder / f"firmware{suffix}")


def _check_installs(library: Library, options: Build) -> None:
    port = options.port
    if not _installs(library):
        return
    if port is None:
        hint = 'name a port that writes flash, or take "startup"'
        raise UserError('compile.weights = "install"', f"{options.board['name']} has no port", hint=hint)
    if not (port / FLASH_WRITER).is_file():
        raise UserError(
            'compile.weights = "install"',
            f"the port of {options.board['name']} does not write flash",
            hint=f'write firmware/ports/{port.name}/{FLASH_WRITER}, or take "startup"',
        )


def _installs(library: Library) -> bool:
    return any(model.unpack == "install" for model in library.models)


def _math(library: Library, architecture: Architecture) -> MathLibrary | None:
    """What the model's C needs of the architecture beside its compiler: an int8 model calls nothing of math.h."""
    calls = any(_MATH in (library.folder / name).read_text(encoding="utf-8") for name in library.files)
    return architecture.math if calls else None


def _startup(toolchain: Toolchain, port: str | None, *, has_fast: bool) -> list[str]:
    """Objects of both images."""
    architecture = toolchain.architecture
    flags = ["-Os", *_includes(architecture), *(["-DEW_FAST_RAM"] if has_fast else [])]
    objects = [toolchain.compile(name, flags) for name in architecture.startup_files]
    if port and (toolchain.folder / sources.PORTS / port / "boot2.S").is_file():
        objects.append(_boot2(toolchain, port))
    return objects


def _includes(architecture: Architecture) -> tuple[str, ...]:
    folders = ("model", sources.HARNESS, sources.PORTS, sources.BARE, architecture.folder, *architecture.includes)
    return ("-I.", *(f"-I{folder}" for folder in folders))


def _boot2(toolchain: Toolchain, port: str) -> str:
    bare = toolchain.compile(f"{sources.PORTS}/{port}/boot2.S", [])
    toolchain.convert(bare, "boot2.bin", "-O", "binary", "-j", ".boot2")
    (toolchain.folder / "boot2_summed.S").write_text(boot2.assembly((toolchain.folder / "boot2.bin").read_bytes()))
    return toolchain.compile("boot2_summed.S", [])


def _link_firmware(toolchain: Toolchain, library: Library, options: Build, shared: Sequence[str]) -> None:
    architecture, includes = options.architecture, _includes(options.architecture)
    folders = (sources.BARE, architecture.folder, f"{sources.PORTS}/{options.board['port']}", sources.HARNESS)
    names = [name for name in sources.c_files(toolchain.folder, *folders) if name not in architecture.startup_files]
    objects = [toolchain.compile(name, ["-Os", *includes]) for name in (*names, "glue.c")]
    objects += [toolchain.compile(f"model/{name}", [options.level, *includes, *_HOOK]) for name in library.sources]
    toolchain.link([*shared, *objects], "linker.ld", "firmware.elf", "firmware.map")


def _link_minimal(toolchain: Toolchain, library: Library, options: Build, shared: Sequence[str]) -> None:
    flags = [*_includes(options.architecture), "-DEW_MINIMAL"]
    names = [f"{sources.MINIMAL}/main.c", "glue.c"]
    if _installs(library):
        names.append(f"{sources.PORTS}/{options.board['port']}/{FLASH_WRITER}")
    objects = [toolchain.compile(name, ["-Os", *flags]) for name in names]
    model = [toolchain.compile(f"model/{name}", [options.level, *flags]) for name in library.sources]
    toolchain.link([*shared, *objects, *model], "linker.ld", "minimal.elf", "minimal.map")
    toolchain.archive(model, archive_of(library))


def _facts(folder: Path, library: Library, options: Build, cc_version: str) -> dict[str, Any]:
    least = image.sizes(folder / "minimal.elf", library.weight_names())
    whole = image.sizes(folder / "firmware.elf", library.weight_names())
    stack_bytes, largest = _stack_bytes(folder, library, options.architecture), library.largest
    return {
        "schema": 1,
        "version": __version__,
        "model": library.name,
        "protocol_name": options.protocol_name,
        "target": options.target,
        "board": options.board["name"],
        "port": options.board["port"],
        "core": options.board["core"]["cpu"],
        "arch": options.board["core"]["arch"],
        "emulator": options.board["emulator"],
        "cc": cc_version,
        "flash": {"code_bytes": least.code, "weights_bytes": least.weights, "total_bytes": least.flash},
        "ram": {
            "arena_bytes": least.arena,
            "scratch_bytes": largest.facts["scratch_bytes"],
            "static_bytes": least.static,
            "fast_bytes": least.fast,
            "stack_bytes": stack_bytes,
            "total_bytes": least.arena + least.static + (stack_bytes or 0),
            "peak_layer": f"{largest.name}: {largest.peak_layer}" if library.has_several else largest.peak_layer,
            "by_rows_bytes": largest.facts.get("by_rows_bytes"),
        },
        "stack_kind": "estimated",
        "image": {"flash_bytes": whole.flash, "ram_bytes": whole.arena + whole.static + options.stack_bytes},
        "sha256": sha256_file(folder / "firmware.elf"),
        **({"models": [*map(_model_facts, library.models)]} if library.has_several else _model_facts(largest)),
    }


def _model_facts(model: GeneratedModel) -> dict[str, Any]:
    """What a transport has to know of a model in the image."""
    ends = {key: model.facts[key] for key in ("inputs", "outputs", "layers")}
    return {"model": model.name, "state_bytes": model.state_bytes, **ends}


def _stack_bytes(folder: Path, library: Library, architecture: Architecture) -> int | None:
    """Of the deepest call of a model; None where no bound exists."""
    frames = stack.read_frames(sorted((folder / "obj").glob("*.su")))
    code = elf_file.disassemble(folder / "minimal.elf")
    found = [stack.deepest(code, architecture, frames, f"{model.name}_invoke") for model in library.models]
    known = [size for size in found if size is not None]
    return max(known) if len(known) == len(found) else None


def archive_of(library: Library) -> str:
    """Name of the file with the model's objects, as linkers look for it."""
    return f"lib{library.name}.a"


def _hand_over(folder: Path, out_dir: Path, options: Build, facts: Mapping[str, Any], archive: str) -> None:
    names = [f"firmware{suffix}" for suffix in (".elf", ".bin", ".hex", ".map")]
    names.append(archive)
    for name in names:
        with staged(out_dir / name) as aside:
            shutil.copyfile(folder / name, aside)
    family = options.board.get("uf2_family")
    if family is not None:
        data, origin = (folder / "firmware.bin").read_bytes(), options.board["memory"]["flash"]["origin"]
        names.append("firmware.uf2")
        write_bytes(out_dir / "firmware.uf2", b"".join(uf2.blocks(data, origin, family)))
    write_json(out_dir / "firmware.json", {**facts, "files": hashes(out_dir, names)})


main = stage(Options, write)

if __name__ == "__main__":
    run(main)
