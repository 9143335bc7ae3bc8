"""What a .tflite of a scan is worth on the target: its metric on validation data, bytes, RAM."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

from edgewright import tasks
from edgewright.devices import Job
from edgewright.errors import ToolError
from edgewright.kernels.headers import headers
from edgewright.pipeline import DataInputs, memory_budget
from edgewright.several import each
from edgewright.spec import Model, ProjectTarget

SAMPLES = 5000  # the most validation examples that a point is judged by


def content(target: ProjectTarget) -> list[Any]:
    """What the judgement depends on besides the model."""
    spec = target.spec
    if spec.runtime != "aot":
        return [_runtime(target)]
    from edgewright.compiler.options import core_of

    kernels = hashlib.sha256(b"".join(path.read_bytes() for _, path in sorted(headers().items())))
    core = core_of(target.board.core)
    sections = [section.model_dump(mode="json") for section in (spec.compile, memory_budget(spec))]
    return [_runtime(target), asdict(core), *sections, kernels.hexdigest()]


def worth(tflite: Path, spec: Model, inputs: DataInputs, target: ProjectTarget) -> dict[str, Any]:
    """The metric on validation examples, as `tasks.record` tells it.

    The runtime is the target's where this machine has it, else another one that it has; the answers of runtimes differ
    by a step of rounding, which is far below what so few examples can tell.
    """
    from edgewright.answers import agreement, model_inputs
    from edgewright.datasets import load_data
    from edgewright.tflite.ends import real
    from edgewright.tflite.reader import read_model

    parts = load_data(inputs.section, prepared=inputs.prepared, task=spec.task)
    truths = tasks.Truths(spec.task, parts.validation_x, each(parts.validation_y)).first(SAMPLES)
    graph = read_model(tflite)
    samples = model_inputs.as_input(graph, truths.inputs)
    outputs = agreement.host_outputs(Job(tflite, _runtime(target), samples, rounding=target.spec.compile.rounding))
    if outputs is None:
        raise ToolError(f"{_runtime(target)}: is installed, and cannot be run here")
    decides = tasks.figures(real(outputs.values, graph, spec.task.names), truths)[0]
    return tasks.record([decides])


def _runtime(target: ProjectTarget) -> str:
    """A runtime of this machine: the target's own, another, or the C compiler's."""
    from edgewright.answers.agreement import runs_here

    own = [target.spec.runtime] if target.spec.runtime != "aot" else []
    return next((name for name in (*own, "tflite-runtime", "litert") if runs_here(name)), "aot")


def on_device(tflite: Path, name: str, target: ProjectTarget) -> dict[str, Any]:
    """Bytes of the weights as the target stores them; on a microcontroller the arena, and the weights stored coded."""
    if target.spec.runtime != "aot":
        return {"device_bytes": tflite.stat().st_size}
    from edgewright.compiler import compile_model
    from edgewright.compiler.options import compile_options, core_of
    from edgewright.tflite.reader import read_model

    spec, core = target.spec, core_of(target.board.core)

    def compiled(**changes: object) -> dict[str, Any]:
        options = compile_options(spec.compile.model_copy(update=changes), memory_budget(spec))
        return compile_model(read_model(tflite), name, core, options, (), "").facts()

    facts = compiled()
    sizes = {"device_bytes": facts["weights_bytes"], "arena_bytes": facts["arena_bytes"]}
    return {**sizes, "device_bytes_coded": compiled(weights="coded")["weights_bytes"]}
