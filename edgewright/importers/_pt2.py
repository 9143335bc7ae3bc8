"""Files of torch.export.save, read without torch: a zip of a graph as JSON, of numbers, and perhaps of pickles.

torch.export.load runs what it finds: it unpickles sample inputs with weights_only=False where they do not load
otherwise, and weights and constants that say so; it looks up operators as attributes of `torch`, parses lengths as
Python (sympy), imports modules that trees of arguments name, and takes compiled libraries. So what torch gets is
an archive of our own that holds what was looked at, and no more.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from edgewright.errors import UserError
from edgewright.importers import _pt2_operators as operators

_NUMBERS = re.compile(r"data/weights/weight_\d+|data/constants/tensor_\d+")
_CONFIGS = ("data/weights/model_weights_config.json", "data/constants/model_constants_config.json")
_MODEL = "models/model.json"
_SAMPLE = "data/sample_inputs/model.pt"
_PLAIN = ("archive_format", "archive_version", "byteorder", "version", ".data/version", ".data/serialization_id")
_LEFT_OUT = re.compile(r"data/sample_inputs/.*|extra/.*|\.data/.*|version")
"""What no import needs: inputs that somebody tried it on, notes."""

_HOW = "torch.export.save(torch.export.export(model.eval(), (example,)), 'net.pt2'), of torch 2.9 or newer"
_TREES = {None, "builtins.tuple", "builtins.list", "builtins.dict"}
_ARGUMENTS = re.compile(
    r"as_(none|tensors?|(optional|nested)_tensors?|ints?|floats?|strings?|bools?|scalar_type|memory_format|layout|device"
    r"|sym_(int|bool|float)s?|name|int_lists)"
)
"""Kinds of arguments that are numbers, names and tensors. Others hold graphs, objects, or text that is run."""


def cleaned(path: Path, where: str) -> bytes:
    """The archive with what a network is made of, and nothing else.

    Args:
        path: the file.
        where: place for messages.

    Raises:
        UserError: it is none, holds code or pickles, calls operators that do not compute, or has open lengths.
    """
    members = _members(path, where, numbers=True)
    graph = _Graph(where).checked(_json(members, _MODEL, where))
    kept = {name: members[name] for name in _PLAIN if name in members}
    kept |= {name: members[name] for name in members if _NUMBERS.fullmatch(name)}
    kept |= {name: json.dumps(_numbers(members, name, where)).encode() for name in _CONFIGS}
    return _archive({**kept, _MODEL: json.dumps(graph).encode(), _SAMPLE: b""})


def look(path: Path, where: str) -> None:
    """The same checks, quickly. UserError as `cleaned`."""
    members = _members(path, where, numbers=False)
    _Graph(where).checked(_json(members, _MODEL, where))
    for name in _CONFIGS:
        _numbers(members, name, where)


def _members(path: Path, where: str, *, numbers: bool) -> Mapping[str, bytes]:
    """What is in the file, by its name without the folder that all of it lies in; without `numbers` those are empty."""
    try:
        with zipfile.ZipFile(path) as archive:
            return dict(_read(archive, where, numbers))
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise UserError(where, f"is no .pt2 file: {error}", allowed=_HOW) from error


def _read(archive: zipfile.ZipFile, where: str, numbers: bool) -> Iterator[tuple[str, bytes]]:
    found = set[str]()
    for info in archive.infolist():
        name = info.filename.partition("/")[2]
        if info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size:
            raise UserError(where, "a part of it is compressed, as torch.export.save never does", got=info.filename)
        if name in found:
            raise UserError(where, "holds two parts of one name", got=info.filename)
        found.add(name)
        if name.startswith("data/aotinductor"):
            raise UserError(where, "holds compiled code", got=info.filename, allowed=_HOW)
        if _LEFT_OUT.fullmatch(name) and name not in _PLAIN:
            continue
        is_numbers = _NUMBERS.fullmatch(name) is not None
        if name not in (*_PLAIN, *_CONFIGS, _MODEL) and not is_numbers:
            raise UserError(where, "holds a part that is not opened", got=info.filename, allowed=_HOW)
        yield name, archive.read(info) if numbers or not is_numbers else b""


def _json(members: Mapping[str, bytes], name: str, where: str) -> dict[str, Any]:
    if name not in members:
        raise UserError(where, f"has no {name}", allowed=_HOW)
    try:
        found = json.loads(members[name])
    except (ValueError, RecursionError) as error:
        raise UserError(where, f"{name} is no JSON: {error}", allowed=_HOW) from error
    if not isinstance(found, dict):
        raise UserError(where, f"{name} is of another form", allowed=_HOW)
    return found


def _numbers(members: Mapping[str, bytes], name: str, where: str) -> dict[str, Any]:
    """A table of tensors; each lies in a part of the file, as its numbers alone."""
    config = _json(members, name, where)
    for tensor, about in config.get("config", {}).items():
        part = f"{name.rpartition('/')[0]}/{about.get('path_name')}"
        if about.get("use_pickle") or not _NUMBERS.fullmatch(part):
            hint = "make it a plain tensor (parameter or buffer), or a constant of the code"
            raise UserError(where, f"{tensor} is pickled, and a pickle can hold code", got=part, hint=hint)
        if part not in members:
            raise UserError(where, f"has no numbers of {tensor}", got=part)
    return _rewritten(config, _on_cpu)  # type: ignore[no-any-return]


def _rewritten(value: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    if isinstance(value, dict):
        return {key: _rewritten(each, change) for key, each in change(value).items()}
    return [_rewritten(each, change) for each in value] if isinstance(value, list) else value


def _on_cpu(value: dict[str, Any]) -> dict[str, Any]:
    """A device as this machine has it: the network may have been exported on another."""
    return {"type": "cpu", "index": None} if set(value) == {"type", "index"} else value


class _Graph:
    """The graph, of which nothing is left that torch would run but for operators that compute."""

    def __init__(self, where: str) -> None:
        self._where = where

    def checked(self, model: dict[str, Any]) -> dict[str, Any]:
        """The same with fewer parts. UserError: it calls or holds what is not taken."""
        try:
            module, graph = model["graph_module"], model["graph_module"]["graph"]
            nodes = [{**node, "metadata": {}} for node in graph["nodes"]]
            called = list(dict.fromkeys(str(node["target"]) for node in nodes))
            trains = [operators.called(str(node["target"])) for node in nodes if _trains(node)]
            calls = [self._with_trees(module["module_call_graph"][0])]
        except (KeyError, TypeError, IndexError, AttributeError) as error:
            raise UserError(self._where, f"{_MODEL} is of another form: no {error}", allowed=_HOW) from error
        self._check_operators(called)
        if trains:
            hint = "call net.eval() before torch.export.export, and save it again"
            problem = "was exported as it trains, and gives other numbers than when it infers"
            raise UserError(self._where, problem, got=", ".join(dict.fromkeys(trains)), hint=hint)
        if module.get("treespec_namedtuple_fields"):
            self._refuse_trees("a named tuple")
        inner = {**module, "graph": {**graph, "nodes": nodes}, "module_call_graph": calls, "metadata": {}}
        kept = {**model, "graph_module": inner, "guards_code": [], "range_constraints": {}, "verifiers": ["TRAINING"]}
        return _rewritten(kept, self._argument)  # type: ignore[no-any-return]

    def _check_operators(self, called: list[str]) -> None:
        foreign = [operators.called(target) for target in called if not operators.computes(target)]
        if foreign:
            hint = "write that part of the network with operators of torch.nn, and export it again"
            problem = "calls what is no operator of PyTorch that only computes"
            raise UserError(self._where, problem, got=", ".join(foreign[:5]), hint=hint)

    def _argument(self, value: dict[str, Any]) -> dict[str, Any]:
        if "as_expr" in value or "expr_str" in value:
            hint = "export it with the whole shape of one example, without dynamic_shapes"
            raise UserError(self._where, "has an open length", got=_text(value), hint=hint)
        foreign = [key for key in value if key.startswith("as_") and not _ARGUMENTS.fullmatch(key)]
        if foreign:
            raise UserError(self._where, "an operator takes what is no number and no tensor", got=foreign[0])
        return _on_cpu(value)

    def _with_trees(self, call: dict[str, Any]) -> dict[str, Any]:
        """How arguments and outputs are nested."""
        for key in ("in_spec", "out_spec"):
            version, tree = json.loads(call["signature"][key])
            self._check_tree(tree)
            call = {**call, "signature": {**call["signature"], key: json.dumps([version, tree])}}
        return call

    def _check_tree(self, tree: dict[str, Any]) -> None:
        if tree["type"] not in _TREES:
            self._refuse_trees(str(tree["type"]))
        if not isinstance(tree["context"], str | None):
            self._refuse_trees(str(tree["context"]))
        for each in tree["children_spec"]:
            self._check_tree(each)

    def _refuse_trees(self, got: str) -> None:
        hint = "wrap the network in one whose forward() takes and gives tensors"
        allowed = "tensors, and tuples, lists and dicts of them"
        raise UserError(self._where, "an argument or output is of a class", got=got, allowed=allowed, hint=hint)


def _trains(node: Mapping[str, Any]) -> bool:
    """Whether an operator draws what it drops, or normalizes by the batch though it keeps statistics."""
    given = {each["name"]: each["arg"] for each in node["inputs"]}
    if given.get("train", {}).get("as_bool"):
        return bool(given.get("p", {}).get("as_float"))
    keeps = "as_tensor" in given.get("running_mean", {})
    return keeps and bool(given.get("training", {}).get("as_bool"))


def _text(value: Any) -> str:
    return json.dumps(value)[:80]


def _archive(members: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(f"net/{name}"), content)
    return buffer.getvalue()
