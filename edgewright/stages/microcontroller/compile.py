r"""Compiles an int8 .tflite to a C library: <name>.h, <name>.c, its constants, the kernels it uses, compile.json.

The memory plan stands beside them: plan.json, and as a picture plan.txt and plan.svg.

    python -m edgewright.stages.microcontroller.compile --model kws.tflite --name kws --out-dir build/kws --options \
        '{"core":{"cpu":"cortex-m4","arch":"armv7e-m","dsp":true},"compile":{"optimize":"size"},"labels":[]}'

All options may be left out; the core is then the machine that builds.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

from edgewright.command_line import run
from edgewright.compiler import CompiledModel, compile_model
from edgewright.compiler.ir import Schedule
from edgewright.compiler.memory.blocks import facts as plan_facts
from edgewright.compiler.memory.svg import render_svg
from edgewright.compiler.memory.text import render_text
from edgewright.compiler.options import compile_options, core_of
from edgewright.files import write_json, write_text
from edgewright.options import words
from edgewright.options.compile import Options
from edgewright.stage_command import stage
from edgewright.stages.microcontroller import _disagreement
from edgewright.tflite.reader import read_model


def write(options: Options) -> None:
    """Compile the model and write its files."""
    graph, chosen = read_model(options.model), compile_options(options.compile, options.budget)
    command = _command(options)
    compiled = compile_model(graph, options.name, core_of(options.core), chosen, options.labels, command)
    write_sources(compiled, options.out_dir)
    for line in _disagreement.warnings(options.model, graph, chosen.rounding):
        print(f"{options.name}: {line}")
    facts = compiled.facts()
    print(f"{options.name}: arena {facts['arena_bytes']} B, constants {facts['weights_bytes']} B")


def write_sources(compiled: CompiledModel, folder: Path) -> None:
    """Write the files of a compiled model and its plan, compile.json last; kernels of an earlier build are removed."""
    write_files(compiled.files, folder)
    program = compiled.program
    schedule = Schedule(program.steps, program.buffers)
    write_text(folder / "plan.txt", render_text(program.name, schedule, program.plan))
    write_text(folder / "plan.svg", render_svg(program.name, schedule, program.plan))
    write_json(folder / "plan.json", plan_facts(schedule, program.plan))
    write_json(folder / "compile.json", compiled.facts())


def write_files(files: Mapping[str, str], folder: Path) -> None:
    """Write generated files by their names; kernels of an earlier build are removed."""
    for old in sorted((folder / "kernels").glob("*.h")):
        if f"kernels/{old.name}" not in files:
            old.unlink()
    for name, text in files.items():
        write_text(folder / name, text)


def _command(options: Options) -> str:
    """How to make the files again; the model's folder is left out, so that the same model gives the same bytes."""
    here = options.model_copy(update={"model": Path(options.model.name), "out_dir": Path()})
    return shlex.join(["python", "-m", main.module, *words(here)])


main = stage(Options, write)

if __name__ == "__main__":
    run(main)
