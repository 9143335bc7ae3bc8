r"""Writes what [preprocess] declares as C: a header between what a device reads and the model, and its operators.

<name>_stream.h has a ring of frames, the model, smoothed scores; <name>_input.h makes an input as a whole. Operators
are <name>_frontend.h and .c, in portable C99. frontend.json lists all files with their SHA-256, and holds a raw test
example.

    python -m edgewright.stages.microcontroller.frontend --model m.tflite --name m \
        --facts build/models/m/features.json --out-dir build/mcu/m/frontend \
        --options '{"preprocess": {"kind": "log-mel", "rate": 8000}}'
"""

from __future__ import annotations

from typing import Any

from edgewright.command_line import run
from edgewright.compiler import CompiledModel, compile_model
from edgewright.compiler.options import compile_options
from edgewright.errors import UserError
from edgewright.files import Shape, hashes, read_json, write_json
from edgewright.frontend import Header, header, planned
from edgewright.options.frontend import Options
from edgewright.preprocessing import Plan
from edgewright.sections.budget import MemoryBudget
from edgewright.sections.preprocess import called
from edgewright.stage_command import stage
from edgewright.stages._steps import steps_of
from edgewright.stages.microcontroller.compile import write_files
from edgewright.tflite.reader import read_model

_FACTS: Shape = {"steps": [{"kind": str, "keys": {}}], "shape": [int], "example": str}


def write(options: Options) -> None:
    """Write header and operators."""
    facts = read_json(options.facts, _FACTS)
    kinds, declared = ", then ".join(step["kind"] for step in facts["steps"]), called(options.preprocess)
    if kinds != declared:
        raise UserError(str(options.facts), "is of another kind of preprocessing", got=kinds, allowed=declared)
    plan = planned(steps_of((step["kind"], step["keys"]) for step in facts["steps"]), tuple(facts["shape"]))
    joined = header(kinds, plan, read_model(options.model), options.name)
    whole = options.compile.model_copy(update={"input": "whole"})  # by rows is how the model takes what it makes
    chosen_options = compile_options(whole, MemoryBudget())
    compiled = compile_model(plan.graph, f"{options.name}_frontend", options=chosen_options) if plan.graph else None
    files = {joined.name: joined.text, **(compiled.files if compiled else {})}
    write_files(files, options.out_dir)
    own = _facts(options.name, joined, plan, compiled) | {"example": facts["example"]}
    write_json(options.out_dir / "frontend.json", {**own, "files": hashes(options.out_dir, files)})
    free = ", which costs nothing" if joined.is_free else ""
    print(f"{options.name}: {kinds}{free}, arena {own['arena_bytes']} B, state {own['state_bytes']} B")


def _facts(name: str, joined: Header, plan: Plan, compiled: CompiledModel | None) -> dict[str, Any]:
    made = compiled.facts() if compiled else {"arena_bytes": 0, "state_bytes": 0, "weights_bytes": 0}
    sizes = {key: made[key] for key in ("arena_bytes", "state_bytes", "weights_bytes")}
    raw = {"dtype": plan.raw.dtype, "rate": plan.raw.rate}
    return {"schema": 1, "name": name, "header": joined.name, "frames": joined.frames, "raw": raw, **sizes}


main = stage(Options, write)

if __name__ == "__main__":
    run(main)
