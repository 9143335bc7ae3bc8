r"""Compiles an int8 .tflite to a C library: <name>.h, <name>.c, its constants, the kernels it uses, compile.json.

The memory plan stands beside them as a picture: plan.txt and plan.svg.

    python -m edgewright.stages.compile --model kws.tflite --name kws --out-dir build/kws --options \
        '{"core":{"name":"cortex-m4","arch":"armv7e-m","has_dsp":true},"compile":{"optimize":"size"},"labels":[]}'

All options may be left out; the core is then the machine that builds.
"""

from __future__ import annotations

import argparse
import dataclasses
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from edgewright.compiler import CompiledModel, Core, compile_model
from edgewright.compiler.lowered import Problem
from edgewright.compiler.memory.svg import render_svg
from edgewright.compiler.memory.text import render_text
from edgewright.compiler.options import read_options
from edgewright.errors import UserError
from edgewright.files import canonical_json, write_json, write_text
from edgewright.stages import _disagreement
from edgewright.stages._cli import json_object, run
from edgewright.tflite.reader import read_model


def main(argv: Sequence[str] | None = None) -> int:
    """Run the stage."""
    parser = argparse.ArgumentParser(prog="python -m edgewright.stages.compile", description=__doc__)
    parser.add_argument("--model", required=True, type=Path)
    parser.add_argument("--name", required=True)
    parser.add_argument("--options", default="{}")
    parser.add_argument("--out-dir", required=True, type=Path)
    arguments = parser.parse_args(argv)
    options = json_object(arguments.options)
    graph, chosen = read_model(arguments.model), read_options(options.get("compile", {}))
    compiled = compile_model(
        graph,
        arguments.name,
        _core(options.get("core", {})),
        chosen,
        options.get("labels", ()),
        _command(arguments.model.name, arguments.name, options),
    )
    write_sources(compiled, arguments.out_dir)
    for line in _disagreement.warnings(arguments.model, graph, chosen.rounding):
        print(f"{arguments.name}: {line}")
    facts = compiled.facts()
    print(f"{arguments.name}: arena {facts['arena_bytes']} B, constants {facts['weights_bytes']} B")
    return 0


def write_sources(compiled: CompiledModel, folder: Path) -> None:
    """Write the files of a compiled model and its plan, compile.json last; kernels of an earlier build are removed."""
    for old in sorted((folder / "kernels").glob("*.h")):
        if f"kernels/{old.name}" not in compiled.files:
            old.unlink()
    for name, text in compiled.files.items():
        write_text(folder / name, text)
    program = compiled.program
    problem = Problem(program.steps, program.buffers)
    write_text(folder / "plan.txt", render_text(program.name, problem, program.plan))
    write_text(folder / "plan.svg", render_svg(program.name, problem, program.plan))
    write_json(folder / "compile.json", compiled.facts())


def _core(facts: Mapping[str, Any]) -> Core:
    known = [field.name for field in dataclasses.fields(Core)]
    if unknown := sorted(set(facts) - set(known)):
        raise UserError("--options: core", "unknown key", got=unknown[0], allowed=known)
    return Core(**facts)


def _command(model: str, name: str, options: Mapping[str, Any]) -> str:
    """How to make the files again; the model's folder is left out, so that the same model gives the same bytes."""
    words = ("--model", model, "--name", name, "--options", canonical_json(options), "--out-dir", ".")
    return shlex.join(["python", "-m", "edgewright.stages.compile", *words])


if __name__ == "__main__":
    run(main)
