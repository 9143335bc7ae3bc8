"""TensorFlow SavedModels: a folder, whose name is given with "/" at its end.

The function of the signature "serving_default" becomes a float .tflite with a batch of one. A SavedModel is a program,
so it is looked at before TensorFlow opens it: operators that reach files, Python or anything else outside are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgewright.errors import UserError
from edgewright.importers import Brought, Input, Look
from edgewright.importers._functions import to_tflite

if TYPE_CHECKING:
    from numpy.typing import NDArray

SUFFIXES = ("/",)
CALLED = ("folder/",)
PACKAGES = ("tensorflow",)
SIGNATURE = "serving_default"

_OUTSIDE = re.compile(
    r".*(File|PyFunc|PyCall|Print|Summary|Dataset|Iterator|Debug|Rpc|Queue|Reader|Directory|Env|VocabRemapping).*"
)
"""Operators that read, write or call something outside of the model."""

_STATE = re.compile(
    r"(Stateful)?PartitionedCall|If|While|NoOp|Placeholder|Assert|VarHandleOp|VarIsInitializedOp|ReadVariableOp"
    r"|DisableCopyOnRead|Assign(Add|Sub)?VariableOp|Resource(Sparse)?Apply\w+|Resource(Gather|Scatter)\w+"
    r"|CudnnRNN\w*|(Random|Stateful|Truncated|ParameterizedTruncated)(Standard|Truncated)?(Normal|Uniform)\w*"
)
"""Operators that TensorFlow calls stateful and that reach nothing."""

_SAVES = {"SaveV2", "MergeV2Checkpoints", "ShardedFilename"}
_RESTORES = {"RestoreV2"}
"""What only the model's own saver may do, and its own restorer."""

_RUN_WHEN_LOADED = {"asset": "a file", "resource": "a table or the like"}


def look(source: str) -> Look:
    """The files of the folder. UserError: it is no SavedModel."""
    folder = Path(source)
    if not (folder / "saved_model.pb").is_file():
        raise UserError(source, "no SavedModel: it has no saved_model.pb", allowed="a folder, with / at its end")
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    stop = "a SavedModel holds functions and no layers"
    return Look(tuple(f"{source.rstrip('/')}/{name}" for name in files), stops=(stop,))


def bring(tf: Any, source: str, _form: str) -> Brought:
    """The float .tflite of its signature. UserError: it reaches outside, has no signature, or cannot be converted."""
    check(Path(source))
    try:
        loaded = tf.saved_model.load(source)
    except (OSError, ValueError, LookupError, tf.errors.OpError) as error:
        hint = "where a file of it is cut short or missing, copy it or save it again"
        raise UserError(source, f"TensorFlow cannot read it: {str(error).splitlines()[0]}", hint=hint) from error
    if SIGNATURE not in loaded.signatures:
        hint = f"save it with tf.saved_model.save(..., signatures={{'{SIGNATURE}': function}})"
        raise UserError(source, f"has no signature {SIGNATURE}", got=", ".join(loaded.signatures) or "none", hint=hint)
    signature = loaded.signatures[SIGNATURE]
    specs = signature.structured_input_signature[1]
    inputs = tuple(_input(name, spec, source) for name, spec in sorted(specs.items()))
    names = [each.name for each in inputs]

    def called(*values: Any) -> list[Any]:
        outputs = signature(**dict(zip(names, values, strict=True)))
        return [outputs[name] for name in sorted(outputs)]

    def answer(values: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        return [tensor.numpy() for tensor in called(*map(tf.constant, values))]

    tflite = to_tflite(tf, called, inputs, source)
    return Brought(f"SavedModel of TensorFlow {_version(source)}", inputs, answer, tflite=tflite)


def check(folder: Path) -> None:
    """UserError for what may reach outside of the model when it is loaded or called.

    All functions and operators are looked at, as there are many ways to have one of them run: signatures in two places,
    what runs when the model is loaded, what restores a variable.
    """
    for meta in _parsed(folder).meta_graphs:
        for node in meta.object_graph_def.nodes:
            _check_object(node, str(folder))
        for function, operator, allowed in _operators(meta):
            if operator not in allowed and _reaches_outside(operator):
                where = f"{folder}: function {function}" if function else str(folder)
                hint = "export the function that infers, and no other"
                problem = "an operator may reach files or code outside of the model"
                raise UserError(where, problem, got=operator, hint=hint)


def _check_object(node: Any, where: str) -> None:
    from tensorflow.python.trackable.autotrackable import AutoTrackable

    if (kind := node.WhichOneof("kind")) in _RUN_WHEN_LOADED:
        raise UserError(where, f"brings {_RUN_WHEN_LOADED[kind]}, which runs code when it is loaded")
    replaced = sorted({child.local_name for child in node.children} & set(dir(AutoTrackable)))
    if replaced:
        raise UserError(where, "replaces a part of TensorFlow by one of its own", got=replaced[0])


def _reaches_outside(operator: str) -> bool:
    from tensorflow.python.framework import op_def_registry

    definition = op_def_registry.get(operator)
    known = definition is not None and (not definition.is_stateful or _STATE.fullmatch(operator) is not None)
    return not known or _OUTSIDE.fullmatch(operator) is not None


def _operators(meta: Any) -> Iterator[tuple[str, str, set[str]]]:
    """Each operator, the function that it is in ("": the graph), and what else is allowed to it.

    Savers lie beside the functions of a model. What their ends alone depend on may do their work.
    """
    graph = _Graph(meta)
    saver = meta.saver_def
    saving, restoring = graph.behind([saver.save_tensor_name]), graph.behind([saver.restore_op_name])
    rest = graph.behind([*graph.ends(), *(name for name in graph.nodes if name not in saving | restoring)])
    rest_functions = graph.called([graph.nodes[name] for name in rest], meta.object_graph_def.concrete_functions)
    rest_functions |= set(graph.functions) - graph.called([graph.nodes[name] for name in saving | restoring])
    parts: list[tuple[set[str], set[str], set[str]]] = [(rest, rest_functions, set())]
    for nodes, allowed in ((saving, _SAVES), (restoring, _RESTORES)):
        parts.append((nodes, graph.called([graph.nodes[name] for name in nodes]), allowed))
    for nodes, functions, allowed in parts:
        yield from (("", graph.nodes[name].op, allowed) for name in sorted(nodes))
        yield from ((name, node.op, allowed) for name in sorted(functions) for node in graph.functions[name])


class _Graph:
    """The graph of a SavedModel and its functions, by their names."""

    def __init__(self, meta: Any) -> None:
        self._meta = meta
        self.nodes = {node.name: node for node in meta.graph_def.node}
        self.functions: dict[str, list[Any]] = {}
        for each in meta.graph_def.library.function:
            self.functions.setdefault(each.signature.name, []).extend(each.node_def)

    def ends(self) -> Iterator[str]:
        """Names in the graph that are run: the outputs of signatures, and all that collections name."""
        from google.protobuf.message import DecodeError
        from tensorflow.core.framework.variable_pb2 import VariableDef

        for signature in self._meta.signature_def.values():
            yield from (tensor.name for tensor in signature.outputs.values())
        for collection in self._meta.collection_def.values():
            yield from collection.node_list.value
            for content in collection.bytes_list.value:
                with suppress(DecodeError):
                    variable = VariableDef.FromString(content)
                    yield from (variable.initializer_name, variable.initial_value_name, variable.snapshot_name)

    def behind(self, ends: Iterable[str]) -> set[str]:
        """Nodes that some tensors or operators depend on, with their own."""
        todo, found = list(ends), set[str]()
        while todo:
            name = todo.pop().removeprefix("^").partition(":")[0]
            if name in self.nodes and name not in found:
                found.add(name)
                todo += self.nodes[name].input
        return found

    def called(self, nodes: Iterable[Any], names: Iterable[str] = ()) -> set[str]:
        """Functions that nodes call, those that are named, and what all of these call."""
        todo = [*names, *(name for node in nodes for name in _functions(node))]
        found: set[str] = set()
        while todo:
            name = todo.pop()
            if name in self.functions and name not in found:
                found.add(name)
                todo += [inner for node in self.functions[name] for inner in _functions(node)]
        return found


def _functions(node: Any) -> list[str]:
    return [name for value in node.attr.values() for name in (value.func.name, *(f.name for f in value.list.func))]


def _parsed(folder: Path) -> Any:
    from google.protobuf.message import DecodeError
    from tensorflow.core.protobuf import saved_model_pb2

    try:
        return saved_model_pb2.SavedModel.FromString((folder / "saved_model.pb").read_bytes())
    except DecodeError as error:
        raise UserError(str(folder / "saved_model.pb"), "is no SavedModel") from error


def _version(source: str) -> str:
    metas = _parsed(Path(source)).meta_graphs
    return str(metas[0].meta_info_def.tensorflow_version) if metas else ""


def _input(name: str, spec: Any, where: str) -> Input:
    if spec.shape.rank is None:
        raise UserError(where, f"the input {name} has no shape", hint="export it with an input signature")
    batch, *shape = spec.shape.as_list()
    if None in shape or batch not in {None, 1}:
        hint = "export it with the whole shape of one example, and the batch left open"
        raise UserError(
            where, f"the input {name} has an open length, or a batch of more", got=(batch, *shape), hint=hint
        )
    return Input(name, (1, *shape), spec.dtype.name)
