"""TensorFlow SavedModels: a folder, whose name is given with "/" at its end.

The function of the signature "serving_default" becomes a float .tflite with a batch of one. A SavedModel is a program,
so it is looked at before TensorFlow opens it: operators that reach files, Python or anything else outside are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
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

_OUTSIDE = re.compile(r".*(File|PyFunc|PyCall|Print|Summary|Dataset|Iterator|Debug|Rpc|Queue|Reader|Directory|Env).*")
"""Operators that read, write or call something outside of the model."""

_STATE = {
    *("AssignVariableOp", "NoOp", "PartitionedCall", "ReadVariableOp", "StatefulPartitionedCall", "VarHandleOp"),
    *("VarIsInitializedOp", "While", "If", "RandomUniform", "RandomStandardNormal", "Placeholder", "Assert"),
}
"""Operators that TensorFlow calls stateful and that reach nothing."""

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
    except (OSError, ValueError, KeyError, tf.errors.OpError) as error:
        raise UserError(source, f"TensorFlow cannot read it: {str(error).splitlines()[0]}") from error
    if SIGNATURE not in loaded.signatures:
        raise UserError(source, f"has no signature {SIGNATURE}", got=", ".join(loaded.signatures) or "none")
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
    """UserError for what may reach outside of the model when it is loaded or called."""
    for meta in _parsed(folder).meta_graphs:
        for node in meta.object_graph_def.nodes:
            if (kind := node.WhichOneof("kind")) in _RUN_WHEN_LOADED:
                raise UserError(str(folder), f"brings {_RUN_WHEN_LOADED[kind]}, which runs code when it is loaded")
        for function, operator in _called(meta):
            if _reaches_outside(operator):
                where = f"{folder}: function {function}" if function else str(folder)
                raise UserError(where, "an operator may reach files or code outside of the model", got=operator)


def _reaches_outside(operator: str) -> bool:
    from tensorflow.python.framework import op_def_registry

    definition = op_def_registry.get(operator)
    known = definition is not None and (not definition.is_stateful or operator in _STATE)
    return not known or _OUTSIDE.fullmatch(operator) is not None


def _called(meta: Any) -> Iterator[tuple[str, str]]:
    """Functions and their operators that the signature reaches; savers lie beside it, and are not called."""
    functions = {each.signature.name: each.node_def for each in meta.graph_def.library.function}
    todo, seen = [("", _behind(meta))], {""}
    while todo:
        function, nodes = todo.pop()
        for node in nodes:
            yield function, node.op
            named = {name for value in node.attr.values() for name in _functions(value)} & set(functions)
            todo += [(name, functions[name]) for name in named - seen]
            seen |= named


def _functions(value: Any) -> list[str]:
    return [value.func.name, *(each.name for each in value.list.func)]


def _behind(meta: Any) -> list[Any]:
    """Nodes of the graph that the outputs of the signature depend on."""
    nodes = {node.name: node for node in meta.graph_def.node}
    ends = (tensor.name for tensor in meta.signature_def[SIGNATURE].outputs.values())
    todo, found = [_node(name) for name in ends], {}
    while todo:
        name = todo.pop()
        if name in nodes and name not in found:
            found[name] = nodes[name]
            todo += map(_node, nodes[name].input)
    return list(found.values())


def _node(tensor: str) -> str:
    return tensor.removeprefix("^").partition(":")[0]


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
