r"""Compiles what [preprocess] declares to C: <name>_frontend.h and .c.

<name>_stream.h joins it with the model: a ring of frames, the model, smoothed scores.

python -m edgewright.stages.microcontroller.frontend --model m.tflite --name m --out-dir build/mcu/m/frontend \
        --options '{"preprocess": {"kind": "log-mel", "rate": 8000}}'
"""

from __future__ import annotations

from edgewright.command_line import run
from edgewright.compiler import compile_model
from edgewright.compiler.options import compile_options, core_of
from edgewright.files import write_text
from edgewright.frontend import front_end, stream
from edgewright.options.frontend import Options
from edgewright.sections.budget import MemoryBudget
from edgewright.stage_command import stage
from edgewright.stages.microcontroller.compile import write_sources
from edgewright.tflite.reader import read_model


def write(options: Options) -> None:
    """Compile the front end and write its files."""
    joined = stream(options.preprocess, read_model(options.model), options.name)
    chosen = compile_options(options.compile, MemoryBudget())
    compiled = compile_model(front_end(options.preprocess), f"{options.name}_frontend", core_of(options.core), chosen)
    write_text(options.out_dir / f"{options.name}_stream.h", joined.header)
    write_sources(compiled, options.out_dir)
    facts = compiled.facts()
    print(f"{options.name}: front end, arena {facts['arena_bytes']} B, state {facts['state_bytes']} B")


main = stage(Options, write)

if __name__ == "__main__":
    run(main)
