"""int8 .tflite to C99: checks, exact rewrites, kernels, memory plan, sources.

compiled = compile_model(read_model(path), "kws", Core(), CompileOptions())
compiled.files      # {"kws.h": ..., "kws.c": ..., "kernels/...": ...}
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from edgewright import ops
from edgewright.arch import architecture_of
from edgewright.c_text import check_name
from edgewright.compiler import rounding
from edgewright.compiler.check import check_count
from edgewright.compiler.emit import Sources, emit
from edgewright.compiler.ir import CompileOptions, Program
from edgewright.compiler.outputs import separate_outputs
from edgewright.compiler.select import least_bytes, select
from edgewright.kernels.core import HOST, Core
from edgewright.tflite.graph import Graph

__all__ = ["CompileOptions", "CompiledModel", "CompiledModels", "Core", "compile_model", "compile_together"]


@dataclass(frozen=True, eq=False)
class CompiledModel:
    """A model as C.

    Attributes:
        program: steps, buffers and plan that the C was made from.
        sources: the C that it became.
        rewrites: what each rewrite did.
        rounding: whose answers it gives: "tflm" or "litert".
        labels: names of the output's classes.
        by_rows_bytes: estimate of the arena with the input by rows, where it is given whole and that would be less.
    """

    program: Program
    sources: Sources
    rewrites: Sequence[Mapping[str, Any]]
    rounding: str
    labels: Sequence[str] = ()
    by_rows_bytes: int | None = None

    @property
    def files(self) -> Mapping[str, str]:
        """Content by file name, relative to the folder of the sources."""
        return self.sources.files

    @property
    def host_files(self) -> Mapping[str, str]:
        """The further files of a program that runs the model on this machine."""
        return self.sources.host_files

    def facts(self) -> dict[str, Any]:
        """What reports need to know, as plain data: `compile.json`."""
        return {**self.own_facts(), **_written(self.sources)}

    def own_facts(self) -> dict[str, Any]:
        """The same without what stands in its files, which it may share."""
        program = self.program
        return {
            "name": program.name,
            "source_sha256": program.graph.sha256,
            "core": program.core.name,
            "needs": _needs(program),
            "labels": list(self.labels),
            "costs": program.core.costs.core,
            "arena_bytes": program.plan.arena_bytes,
            "by_rows_bytes": self.by_rows_bytes,
            "state_bytes": program.states.bytes,
            "scratch_bytes": max((step.scratch_bytes for step in program.steps), default=0),
            "unpack": program.unpack,
            "unpacked_bytes": self.sources.unpacked_bytes,
            "peak_layer": program.plan.peak_step,
            "bound_bytes": program.plan.bound_bytes,
            "why": program.plan.why,
            "rounding": self.rounding,
            "rewrites": [dict(facts) for facts in self.rewrites],
            "inputs": [_end(program, number) for number in program.graph.inputs],
            "outputs": [_end(program, number) for number in program.graph.outputs],
            "states": [_state(program, number) for number in program.states.offsets],
            "rows": _rows(program),
            "layers": [_layer(program, index) for index in range(len(program.steps))],
        }


@dataclass(frozen=True, eq=False)
class CompiledModels:
    """Models that were compiled together: what they have in common is in their files once.

    Attributes:
        name: of the whole.
        models: each of them, with the files of all.
    """

    name: str
    models: tuple[CompiledModel, ...]

    @property
    def files(self) -> Mapping[str, str]:
        """Content by file name."""
        return self.models[0].files

    def facts(self) -> dict[str, Any]:
        """The compile.json of the whole: what it holds of each model is what that one's own says."""
        return {
            "name": self.name,
            "core": self.models[0].program.core.name,
            **_written(self.models[0].sources),
            "models": [model.own_facts() for model in self.models],
        }


def _written(sources: Sources) -> dict[str, Any]:
    files = {name: _sha256(sources.files[name]) for name in sorted(sources.files)}
    return {"weights_bytes": sources.weights_bytes, "files": files}


def compile_model(
    graph: Graph,
    name: str,
    core: Core = Core(),  # noqa: B008 - a frozen value
    options: CompileOptions = CompileOptions(),  # noqa: B008
    labels: Sequence[str] = (),
    command: str = "edgewright.compiler.compile_model",
    *,
    stem: str | None = None,
) -> CompiledModel:
    """Compile a model for a core.

    Args:
        graph: as read from a file.
        name: C identifier that begins all names of the generated code.
        core: what runs it.
        options: the user's choices.
        labels: names of the output's classes.
        command: how to make these files again, for their banner.
        stem: what the names of the .c file and of its constants begin with; None for `name`.

    Raises:
        UserError: the model holds what is not supported, or an option fits nothing.
    """
    made = _selected(graph, name, core, options)
    (sources,) = emit([(made.program, labels)], name, command, optimize=options.optimize, stem=stem)
    return made.with_(sources, options, labels)


def compile_together(
    models: Sequence[tuple[Graph, str, Sequence[str]]],
    name: str,
    core: Core = Core(),  # noqa: B008 - a frozen value
    options: CompileOptions = CompileOptions(),  # noqa: B008
    command: str = "edgewright.compiler.compile_together",
) -> CompiledModels:
    """Compile models that share one program: their kernels and equal weights are there once.

    Args:
        models: of each its graph, the C identifier that begins its names, and the names of its classes.
        name: C identifier that the common files are named after.
        core: what runs them.
        options: the user's choices, of all.
        command: how to make these files again, for their banner.

    Raises:
        UserError: a model holds what is not supported, or an option fits nothing.
    """
    check_name(name)
    every = sum(graph.constant_bytes for graph, _, _ in models)
    chosen = [replace(options, beside_bytes=every - graph.constant_bytes) for graph, _, _ in models]
    made = [_selected(graph, each, core, own) for (graph, each, _), own in zip(models, chosen, strict=True)]
    named = [(each.program, labels) for each, (_, _, labels) in zip(made, models, strict=True)]
    written = emit(named, name, command, optimize=options.optimize)
    compiled = (
        each.with_(sources, options, labels)
        for sources, each, (_, _, labels) in zip(written, made, models, strict=True)
    )
    return CompiledModels(name, tuple(compiled))


@dataclass(frozen=True, eq=False)
class _Selected:
    """A model before its C: with kernels and memory, what each rewrite did, and what the input by rows would save."""

    program: Program
    rewrites: Sequence[Mapping[str, Any]]
    by_rows_bytes: int | None

    def with_(self, sources: Sources, options: CompileOptions, labels: Sequence[str]) -> CompiledModel:
        """The same as C."""
        return CompiledModel(self.program, sources, self.rewrites, options.rounding, labels, self.by_rows_bytes)


def _selected(graph: Graph, name: str, core: Core, options: CompileOptions) -> _Selected:
    check_name(name)
    check_count(graph)
    made, rewrites = select(rounding.apply(separate_outputs(graph), options.rounding), core, options)
    program = Program(name, made.graph, core, made.schedule.steps, made.schedule.buffers, made.plan)
    return _Selected(program, rewrites, least_bytes(made, core, options) if options.input == "whole" else None)


def _needs(program: Program) -> list[str]:
    """What a compiler has to know for the program's kernels: conditions of C's preprocessor."""
    if program.core.arch == HOST:
        return []
    known = architecture_of(program.core.arch).instructions
    isas = {ops.get_for(step.view).kernel(step.variant).isa for step in program.steps}
    return sorted({known[isa] for isa in isas if isa in known})


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _end(program: Program, number: int) -> dict[str, Any]:
    tensor = program.graph.tensors[number]
    quantization = tensor.quantization
    return {
        "name": tensor.name,
        "shape": list(tensor.shape),
        "dtype": tensor.dtype,
        "bytes": tensor.bytes,
        "scale": quantization.scale if quantization else None,
        "zero_point": quantization.zero_point if quantization else None,
        "arena_offset": program.place_of(number),
    }


def _rows(program: Program) -> dict[str, Any] | None:
    """The layers that run by rows; None where the input comes whole."""
    if program.rows is None:
        return None
    first = program.rows.layers[0].bands[0]
    layers = [
        {"operator": layer.operator, "op": layer.op, "variant": layer.variant, "rows": layer.made, "runs": layer.runs}
        for layer in program.rows.layers
    ]
    return {"rows": first.rows, "row_bytes": first.row_bytes, "band_bytes": program.rows.bytes, "layers": layers}


def _state(program: Program, number: int) -> dict[str, Any]:
    state = program.graph.states[number]
    return {
        "name": state.name,
        "shape": list(state.shape),
        "dtype": state.dtype,
        "bytes": state.bytes,
        "offset": program.states.offsets[number],
    }


def _layer(program: Program, index: int) -> dict[str, Any]:
    step = program.steps[index]
    computed = [t for t in step.view.inputs if t is not None and not t.is_constant]
    return {
        "name": step.view.output().name or step.view.node.op,
        "op": step.view.node.op,
        "operator": step.view.node.index,
        "macs": step.macs,
        "inputs": [list(t.shape) for t in computed],
        "outputs": [list(t.shape) for t in step.view.outputs],
        "variant": step.variant,
        "why": step.why,
        "weights": dataclasses.asdict(step.weights) if step.weights else None,
        "constant_bytes": step.constant_bytes,
        "scratch_bytes": step.scratch_bytes,
        "scratch_offset": program.plan.scratch.get(index),
    }
