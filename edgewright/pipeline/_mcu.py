"""Stages of a microcontroller: the model as a C library, the firmware image, the bundle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from edgewright import registry
from edgewright.arch import architecture_of
from edgewright.options import bundle, compile, firmware, flash, frontend, portable, sections, words  # noqa: A004 - a stage's name
from edgewright.pipeline._compiler import (
    architecture_modules,
    compiler_files,
    compiler_modules,
    memory_budget,
)
from edgewright.pipeline._data import DataInputs, data_inputs, features_facts, kind_modules
from edgewright.pipeline._measure import device_of, measure_stage, needs_of
from edgewright.pipeline._stage import Job, Stage, short_hash
from edgewright.sections.preprocess import called
from edgewright.sections.task import Task
from edgewright.spec import PORTS, Board, Measure

Options = compile.Options | portable.Options
"""Of stages that compile to C."""

FIRMWARE = (
    *("templates/*.j2", "firmware/*/*.[chS]", "firmware/ports/*/*.[chS]", "firmware/ports/*/port.toml"),
    "firmware/riscv/libc/*.[ch]",
)
BUNDLE = ("templates/model_memory.h.j2", "templates/bundle/*.j2", "templates/bundle/*/*.j2", "LICENSE")


def compile_stage(job: Job, labels: tuple[str, ...]) -> str:
    """Add the stage that writes the model as a C library; gives the path of its facts."""
    options = compile.Options(
        model=Path(job.tflite),
        name=job.model.name,
        out_dir=Path(job.path("c")),
        core=job.target.board.core,
        compile=job.target.spec.compile,
        budget=memory_budget(job.target.spec),
        labels=list(labels),
    )
    title = f"compile {job.model.name} to C for {job.target.board.core.cpu}"
    return _to_c(job, "compile", title, options, f"{job.model.name}.h")


def _to_c(
    job: Job,
    name: str,
    title: str,
    options: Options,
    beside: str,
    data: DataInputs | None = None,
) -> str:
    """Add a stage that compiles a model to C; gives the path of its facts.

    Args:
        job: the pair of target and model.
        name: of the stage's module.
        title: of the stage.
        options: of the stage; it reads their model and writes their folder.
        beside: what it is known to write besides facts and plan.
        data: that it reads as well.
    """
    folder = options.out_dir.as_posix()
    facts = f"{folder}/compile.json"
    job.add(
        Stage(
            f"microcontroller.{name}",
            title,
            words(options),
            (options.model.as_posix(), *(data.files if data else ())),
            (facts, f"{folder}/{beside}", *(f"{folder}/plan.{kind}" for kind in ("json", "txt", "svg"))),
            resources=compiler_files(),
            modules=(*compiler_modules(), *(data.modules if data else ())),
            packages=("jinja2", "numpy", "tflite"),
            manifest=facts,
            aliases=("headers",),
            cached=False,
        )
    )
    return facts


def frontend_stage(job: Job) -> str | None:
    """Add the stage that writes what [preprocess] declares as C; gives the path of its facts, None without one."""
    preprocess = job.model.spec.preprocess if job.model.spec else []
    if not preprocess:
        return None
    facts, read = job.path("frontend/frontend.json"), features_facts(job)
    options = frontend.Options(
        model=Path(job.tflite),
        name=job.model.name,
        facts=Path(read),
        out_dir=Path(facts).parent,
        compile=job.target.spec.compile,
        preprocess=preprocess,
    )
    job.add(
        Stage(
            "microcontroller.frontend",
            f"write the {called(preprocess)} of {job.model.name} as C",
            words(options),
            (job.tflite, read),
            (facts,),
            resources=compiler_files(),
            modules=(*kind_modules(preprocess), *compiler_modules()),
            packages=("jinja2", "numpy", "tflite"),
            manifest=facts,
            aliases=("headers", "bundle", "report"),
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
    model, spec = job.model, job.target.spec
    beside = portable.Beside(core=job.target.board.core, compile=spec.compile, budget=memory_budget(spec))
    data = data_inputs(job, model.spec) if model.spec else None
    options = portable.Options(
        model=Path(tflite),
        name=model.name,
        prepared=data.prepared if data else None,
        out_dir=Path(),
        compile=spec.compile,
        beside=beside if spec.compile.input == "auto" else None,
        labels=list(labels),
        data=data.section if data else None,
        task=model.spec.task if model.spec else Task(),
    )
    folder = f"{Path(tflite).parent}/portable-{short_hash(sections(options))}"
    options = options.model_copy(update={"out_dir": Path(folder)})
    return _to_c(job, "portable", f"compile {model.name} to portable C", options, "samples.json", data)


def firmware_stage(job: Job, compiled: str, *, place: str = "", goal: str = "firmware") -> tuple[str, str]:
    """Add the firmware; gives the paths of its image and of its facts.

    Args:
        job: the pair of target and model, or group of models.
        compiled: facts of the C for the target's core.
        place: folder in that of the pair, with a slash at its end.
        goal: what builds it.
    """
    image, facts = job.path(f"{place}firmware.elf"), job.path(f"{place}firmware.json")
    spec, own = job.target.spec, job.target.port_files
    options = firmware.Options(
        model_dir=Path(job.path("c")),
        out_dir=Path(image).parent,
        target=job.target.name,
        board_name=spec.board,
        ports=[Path(PORTS)] if own else [],
        board=job.target.board,
        compile=spec.compile,
        firmware=spec.firmware,
    )
    job.add(
        Stage(
            "microcontroller.firmware",
            f"build firmware of {job.model.name} for {spec.board}",
            words(options),
            (compiled, *own),
            (
                image,
                *(job.path(f"{place}firmware.{kind}") for kind in _formats(job.target.board)),
                library_of(job, place),
                facts,
            ),
            resources=FIRMWARE,
            modules=architecture_modules(),
            packages=("jinja2",),
            programs=(_compiler(job),),
            manifest=facts,
            aliases=(goal,),
            cached=False,
        )
    )
    return image, facts


def library_of(job: Job, place: str = "") -> str:
    """Path of the model as an archive of objects, which the firmware stage writes beside its image."""
    return job.path(f"{place}lib{job.model.name}.a")


def stand_in_stages(job: Job, compiled: str) -> str | None:
    """Add firmware and measurement on the board that stands in for the target's; None where there is none.

    Its memory is not the target's, and of its figures none but instructions, cycles and stack are of interest.
    """
    found = on_stand_in(job, compiled)
    if found is None:
        return None
    there, image, name = found
    return measure_stage(there, {job.path("latency.json"): job.tflite}, firmware=image, stand_in=name)


def on_stand_in(job: Job, compiled: str) -> tuple[Job, str, str] | None:
    """Add the firmware for the board that stands in; gives the pair for that board, the image, and the board's name."""
    other = job.target.stand_in
    if other is None or other.board.emulator is None:
        return None
    transport = other.board.emulator.kind
    module = registry.transports.load(transport)
    measure = Measure(transport, module.OPTIONS().model_dump(mode="json"))
    spec = job.target.spec.model_copy(update={"board": other.name})
    target = replace(job.target, spec=spec, board=other.board, measure=measure, port_files=other.port_files)
    there = replace(job, target=target)
    image, _ = firmware_stage(there, compiled, place="stand-in/", goal="measure")
    return there, image, other.name


def _compiler(job: Job) -> str:
    board = job.target.board
    return job.target.spec.firmware.cc or board.toolchain.cc or architecture_of(board.core.arch).cc


def _formats(board: Board) -> tuple[str, ...]:
    return ("bin", "hex", "map", *(("uf2",) if board.uf2_family is not None else ()))


def flash_stage(job: Job, image: str, *, after: tuple[str, ...] = ()) -> str | None:
    """Add the programming of the board; gives the path of its record, None when no tool is named.

    `after` are outputs of stages that need another image on the board, and come first.
    """
    chosen, board = job.target.flash, job.target.board
    if chosen is None:
        return None
    out = job.path("flash.json")
    asked = {"tool": chosen.tool, **chosen.options}
    options = flash.Options(firmware=Path(image), out=Path(out), origin=_origin(board), flash=asked)
    formats = (job.path(f"firmware.{kind}") for kind in _formats(board) if kind in ("bin", "uf2"))
    job.add(
        Stage(
            "microcontroller.flash",
            f"flash {job.model.name} onto {job.target.spec.board} with {chosen.tool}",
            words(options),
            (image, job.path("firmware.json"), *formats, *after),
            (out,),
            modules=(registry.programmers.module_name(chosen.tool), *architecture_modules()),
            aliases=("flash",),
            cached=False,
            device=device_of(job),
            again=True,
            needs=needs_of(job),
            here=True,
        )
    )
    return out


def _origin(board: Board) -> int:
    return board.memory.flash.origin if board.memory else 0


def bundle_stage(
    job: Job,
    compiled: str,
    in_portable_c: Sequence[str],
    arrays: Sequence[tuple[str, str]],
    fronts: Sequence[str] = (),
) -> None:
    """Add the drop-in library.

    Args:
        job: the pair of target and model, or group of models.
        compiled: facts of the C for the target's core.
        in_portable_c: facts of each model in portable C.
        arrays: header and source of each model as an array.
        fronts: facts of what [preprocess] declares of models, as C.
    """
    listing, folders = job.path("bundle/bundle.json"), [Path(facts).parent for facts in in_portable_c]
    options = bundle.Options(
        model_dir=Path(job.path("c")),
        portable_dir=folders,
        tflite_header=[Path(header) for header, _ in arrays],
        tflite_source=[Path(source) for _, source in arrays],
        front_dir=[Path(facts).parent for facts in fronts],
        anew=True,
        out_dir=Path(job.path("bundle")),
        compile=job.target.spec.compile,
    )
    job.add(
        Stage(
            "microcontroller.bundle",
            f"pack {job.model.name} as a library",
            words(options),
            (
                compiled,
                *in_portable_c,
                *fronts,
                *(f"{folder}/samples.json" for folder in folders),
                *(p for pair in arrays for p in pair),
            ),
            (listing,),
            resources=BUNDLE,
            packages=("jinja2", "numpy"),
            manifest=listing,
            aliases=("headers", "bundle", "report"),
            cached=False,
        )
    )
