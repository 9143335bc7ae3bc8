"""PyTorch programs as files: what is taken out of them before torch opens one, and what is refused."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edgewright.errors import UserError
from edgewright.importers import _pt2
from testbench.imports.__main__ import FILES
from testbench.imports._networks import path_of

NET = Path(path_of(FILES, "torch", "batch_norm"))
Members = dict[str, bytes]
MODEL, WEIGHTS = "models/model.json", "data/weights/model_weights_config.json"


def members(content: bytes) -> Members:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}


def written(path: Path, parts: Members, how: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", how) as archive:
        for name, content in parts.items():
            archive.writestr(f"net/{name}", content)
    return path


def in_json(name: str, change: Callable[[Any], None]) -> Callable[[Members], None]:
    def changed(parts: Members) -> None:
        known = json.loads(parts[name])
        change(known)
        parts[name] = json.dumps(known).encode()

    return changed


def in_graph(change: Callable[[Any], None]) -> Callable[[Members], None]:
    return in_json(MODEL, lambda known: change(known["graph_module"]))


def calls(target: str) -> Callable[[Members], None]:
    return in_graph(lambda module: module["graph"]["nodes"][0].update(target=target))


def gives(argument: dict[str, Any]) -> Callable[[Members], None]:
    return in_graph(lambda module: module["graph"]["nodes"][0]["inputs"][0].update(arg=argument))


def nests(tree: dict[str, Any]) -> Callable[[Members], None]:
    spec = json.dumps([1, tree])
    return in_graph(lambda module: module["module_call_graph"][0]["signature"].update(out_spec=spec))


def first_weight(**keys: Any) -> Callable[[Members], None]:
    return in_json(WEIGHTS, lambda known: next(iter(known["config"].values())).update(keys))


def takes(target: str, **arguments: Any) -> Callable[[Members], None]:
    inputs = [{"name": name, "arg": arg, "kind": 1} for name, arg in arguments.items()]
    return in_graph(lambda module: module["graph"]["nodes"][0].update(target=target, inputs=inputs))


DROPS = takes("torch.ops.aten.dropout.default", p={"as_float": 0.5}, train={"as_bool": True})
KEPT = {"as_tensor": {"name": "mean"}}
LEARNS = takes("torch.ops.aten.batch_norm.default", running_mean=KEPT, training={"as_bool": True})
DEFAULTDICT = {"type": "collections.defaultdict", "context": "{}", "children_spec": []}
LENGTH = {"as_tensor": {"name": "x", "sizes": [{"as_expr": {"expr_str": "__import__('os')"}}]}}

BAD = {
    "calls what is no operator of PyTorch that only computes, got 'torch.os.system'": calls("torch.os.system"),
    "got 'aten.from_file'": calls("torch.ops.aten.from_file.default"),
    "got 'aten.save'": calls("torch.ops.aten.save.default"),
    "got 'mine.gate'": calls("torch.ops.mine.gate.default"),
    "got '_operator.call'": calls("_operator.call"),
    "exported as it trains, and gives other numbers than when it infers, got 'aten.dropout'": DROPS,
    "than when it infers, got 'aten.batch_norm'": LEARNS,
    "has an open length": gives(LENGTH),
    "an operator takes what is no number and no tensor, got 'as_custom_obj'": gives({"as_custom_obj": {"name": "x"}}),
    "got 'as_graph'": gives({"as_graph": {"name": "x", "graph": {}}}),
    "an argument or output is of a class, got 'collections.defaultdict'": nests(DEFAULTDICT),
    "is of a class, got 'a named tuple'": in_graph(lambda module: module.update(treespec_namedtuple_fields={"a": {}})),
    "is pickled, and a pickle can hold code": first_weight(use_pickle=True),
    "a pickle can hold code, got 'data/weights/../x'": first_weight(path_name="../x"),
    "has no numbers of": first_weight(path_name="weight_99"),
    "holds compiled code": lambda parts: parts.update({"data/aotinductor/model/net.so": b""}),
    "holds a part that is not opened, got 'net/data/weights/model.pt'": lambda parts: parts.update(
        {"data/weights/model.pt": b""}
    ),
    "holds a part that is not opened, got 'net/data/constants/custom_obj_0'": lambda parts: parts.update(
        {"data/constants/custom_obj_0": b""}
    ),
    "has no models/model.json": lambda parts: parts.pop(MODEL),
    "models/model.json is of another form": lambda parts: parts.update({MODEL: b'{"graph_module": {}}'}),
    "models/model.json is no JSON": lambda parts: parts.update({MODEL: b"(1"}),
}  # fmt: skip


@pytest.mark.parametrize("message", BAD)
def test_what_could_run_code_is_refused(message: str, tmp_path: Path) -> None:
    parts = members(NET.read_bytes())
    BAD[message](parts)
    path = written(tmp_path / "net.pt2", parts)
    for check in (_pt2.look, _pt2.cleaned):
        with pytest.raises(UserError, match=r"net\.pt2") as caught:
            check(path, "net.pt2")
        assert message in str(caught.value)


def test_torch_gets_graph_and_numbers_alone() -> None:
    before, after = members(NET.read_bytes()), members(_pt2.cleaned(NET, "net.pt2"))
    assert before["data/sample_inputs/model.pt"]
    assert after["data/sample_inputs/model.pt"] == b""
    assert {name: before[name] for name in before if "weight_" in name} == {
        n: after[n] for n in after if "weight_" in n
    }
    module = json.loads(after[MODEL])["graph_module"]
    assert all(node["metadata"] == {} for node in module["graph"]["nodes"])
    assert len(module["module_call_graph"]) == 1
    assert "stack_trace" not in after[MODEL].decode()


def test_a_network_of_another_device_comes_to_this_one(tmp_path: Path) -> None:
    parts = members(NET.read_bytes())
    parts[WEIGHTS] = parts[WEIGHTS].replace(b'{"type": "cpu", "index": null}', b'{"type": "cuda", "index": 0}')
    assert b"cuda" in parts[WEIGHTS]
    assert b"cuda" not in members(_pt2.cleaned(written(tmp_path / "net.pt2", parts), "net"))[WEIGHTS]


def test_what_is_no_archive_of_torch_says_how_one_is_made(tmp_path: Path) -> None:
    (tmp_path / "net.pt2").write_bytes(b"no zip")
    with pytest.raises(UserError, match=r"is no \.pt2 file: .*torch\.export\.save"):
        _pt2.look(tmp_path / "net.pt2", "net.pt2")
    packed = written(tmp_path / "net.pt2", members(NET.read_bytes()), zipfile.ZIP_DEFLATED)
    with pytest.raises(UserError, match="a part of it is compressed"):
        _pt2.look(packed, "net.pt2")
