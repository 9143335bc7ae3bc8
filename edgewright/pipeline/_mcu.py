"""Stages of a microcontroller: the model as a C library, the firmware image, the bundle."""

from __future__ import annotations

from pathlib import Path

from edgewright import registry
from edgewright.arch import architecture_of
from edgewright.pipeline._compiler import (
    COMPILER_FILES,
    architecture_modules,
    compile_section,
    compiler_modules,
    core_section,
)
from edgewright.pipeline._data import data_inputs
from edgewright.pipeline._measure import device_of
from edgewright.pipeline._stage import Job, Stage, options, short_hash
from edgewright.spec import Board

FIRMWARE = (
    *("templates/*.j2", "firmware/*/*.[chS]", "firmware/ports/*/*.[chS]"),
    "firmware/riscv/libc/*.[ch]",
)
BUNDLE = ("templates/model_memory.h.j2", "templates/bundle/*.j2", "templates/bundle/*/*.j2", "LICENSE")


def compile_stage(job: Job, labels: tuple[str, ...]) -> str:
    """Add the stage that writes the model as a C library; gives the path of its facts."""
    folder, facts = job.path("c"), job.path("c/compile.json")
    section = {
        "core": core_section(job.target.board),
        "compile": compile_section(job.target.spec),
        "labels": list(labels),
    }
    job.add(
        Stage(
            "compile",
            f"compile {job.model.name} to C for {job.target.board.core.cpu}",
            ("--model", job.tflite, "--name", job.model.name, *options(section), "--out-dir", folder),
            (job.tflite,),
            (facts, job.path("c/plan.txt"), job.path("c/plan.svg")),
            resources=COMPILER_FILES,
            modules=compiler_modules(),
            packages=("jinja2", "numpy", "tflite"),
            manifest=facts,
            aliases=("headers",),
            cached=False,
        )
    )
    return facts


def portable_stage(job: Job, tflite: str, labels: tuple[str, ...]) -> str:
    """Add the stage that writes the model as portable C, with samples and answers; gives the path of its facts.

    Args:
        job: the pair of target and model.
        tflite: the quantized model that targets share; those that compile it alike share this as well.
        labels: names of the classes.
    """
    spec, model = job.target.spec.compile, job.model
    data = data_inputs(job, model.spec) if model.spec else None
    section = {
        "compile": {"optimize": spec.optimize, "without": list(spec.without), "rounding": spec.rounding},
        "labels": list(labels),
        **({"data": data.section} if data else {}),
    }
    folder = f"{Path(tflite).parent}/portable-{short_hash(section)}"
    facts = f"{folder}/compile.json"
    model_dir = ("--model-dir", f"models/{model.name}") if data else ()
    job.add(
        Stage(
            "portable",
            f"compile {model.name} to portable C",
            ("--model", tflite, "--name", model.name, *model_dir, *options(section), "--out-dir", folder),
            (tflite, *(data.files if data else ())),
            (facts, f"{folder}/samples.json", f"{folder}/plan.txt", f"{folder}/plan.svg"),
            resources=COMPILER_FILES,
            data=data.folder if data else None,
            modules=(*compiler_modules(), *(data.modules if data else ())),
            packages=("jinja2", "numpy", "tflite"),
            manifest=facts,
            aliases=("headers",),
            cached=False,
        )
    )
    return facts


def firmware_stage(job: Job, compiled: str) -> tuple[str, str]:
    """Add the firmware; gives the paths of its image and of its facts."""
    image, facts = job.path("firmware.elf"), job.path("firmware.json")
    spec = job.target.spec
    section = {
        "target": job.target.name,
        "board_name": spec.board,
        "board": job.target.board.model_dump(mode="json", exclude={"flash"}),
        "compile": {"optimize": spec.compile.optimize},
        "firmware": spec.firmware.model_dump(mode="json", exclude_none=True),
    }
    job.add(
        Stage(
            "firmware",
            f"build firmware of {job.model.name} for {spec.board}",
            ("--model-dir", job.path("c"), *options(section), "--out-dir", job.folder),
            (compiled,),
            (image, *(job.path(f"firmware.{kind}") for kind in _formats(job.target.board)), facts),
            resources=FIRMWARE,
            modules=architecture_modules(),
            packages=("jinja2",),
            programs=(_compiler(job),),
            manifest=facts,
            aliases=("firmware",),
            cached=False,
        )
    )
    return image, facts


def _compiler(job: Job) -> str:
    board = job.target.board
    named = job.target.spec.firmware.cc or (board.toolchain.cc if board.toolchain else None)
    return named or architecture_of(board.core.arch).cc


def _formats(board: Board) -> tuple[str, ...]:
    return ("bin", "hex", "map", *(("uf2",) if board.uf2_family is not None else ()))


def flash_stage(job: Job, image: str) -> str | None:
    """Add the programming of the board; gives the path of its record, None when no tool is named."""
    flash, board = job.target.flash, job.target.board
    if flash is None:
        return None
    out = job.path("flash.json")
    origin = {"memory": {"flash": {"origin": board.memory.flash.origin}}} if board.memory else {}
    section = {"board": origin, "flash": {"tool": flash.tool, **flash.options}}
    formats = (job.path(f"firmware.{kind}") for kind in _formats(board) if kind in ("bin", "uf2"))
    job.add(
        Stage(
            "flash",
            f"flash {job.model.name} onto {job.target.spec.board} with {flash.tool}",
            ("--firmware", image, "--out", out, *options(section)),
            (image, job.path("firmware.json"), *formats),
            (out,),
            modules=(registry.programmers.module_name(flash.tool), *architecture_modules()),
            aliases=("flash",),
            cached=False,
            device=device_of(job),
            again=True,
        )
    )
    return out


def bundle_stage(job: Job, compiled: str, portable: str, headers: tuple[str, str]) -> None:
    """Add the drop-in library."""
    header, source = headers
    listing, folder = job.path("bundle/bundle.json"), str(Path(portable).parent)
    section = options({"optimize": job.target.spec.compile.optimize})
    arguments = ("--model-dir", job.path("c"), "--portable-dir", folder, "--tflite-header", header)
    job.add(
        Stage(
            "bundle",
            f"pack {job.model.name} as a library",
            (*arguments, "--tflite-source", source, "--anew", *section, "--out-dir", job.path("bundle")),
            (compiled, portable, f"{folder}/samples.json", header, source),
            (listing,),
            resources=BUNDLE,
            packages=("jinja2", "numpy"),
            manifest=listing,
            aliases=("headers", "bundle", "report"),
            cached=False,
        )
    )
