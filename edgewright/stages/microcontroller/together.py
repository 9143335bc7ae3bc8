r"""Compiles several .tflite models to one C library: kernels and constants that they have in common are there once.

    python -m edgewright.stages.microcontroller.together --name kws_and_anomaly --out-dir build/both --options \
        '{"models":[{"name":"kws","model":"kws.tflite"},{"name":"anomaly","model":"anomaly.tflite"}],"core":{...}}'

Each model keeps its own header, <model>.h; <name>.c holds all of them, and <name>.h the type of an arena for all.
"""

from __future__ import annotations

import shlex
from pathlib import Path

from edgewright.command_line import run
from edgewright.compiler import compile_together
from edgewright.compiler.options import compile_options, core_of
from edgewright.files import write_json
from edgewright.options import words
from edgewright.options.together import Options
from edgewright.stage_command import stage
from edgewright.stages.microcontroller.compile import write_files
from edgewright.tflite.reader import read_model


def write(options: Options) -> None:
    """Compile the models and write their files."""
    compiled = compile_together(
        [(read_model(Path(each.model)), each.name, each.labels) for each in options.models],
        options.name,
        core_of(options.core),
        compile_options(options.compile),
        _command(options),
    )
    write_files(compiled.files, options.out_dir)
    facts = compiled.facts()
    write_json(options.out_dir / "compile.json", facts)
    arenas = ", ".join(f"{each['name']} {each['arena_bytes']} B" for each in facts["models"])
    print(f"{options.name}: arenas {arenas}; constants of all {facts['weights_bytes']} B")


def _command(options: Options) -> str:
    """How to make the files again; folders are left out, so that the same models give the same bytes."""
    models = [each.model_copy(update={"model": Path(each.model).name}) for each in options.models]
    return shlex.join(
        ["python", "-m", main.module, *words(options.model_copy(update={"models": models, "out_dir": Path()}))]
    )


main = stage(Options, write)

if __name__ == "__main__":
    run(main)
