"""Runs in the environment of torch, which has none of Edgewright: writes a program as ONNX, and asks it.

    python _torch_child.py net.pt2 FOLDER

Of the verbs that it reads, `export` writes FOLDER/net.onnx, and `answer` makes FOLDER/outputs.npz of FOLDER/inputs.npz.
"""

from __future__ import annotations

import functools
import logging
import sys
import warnings
from pathlib import Path
from typing import Any, NoReturn


def _refuse(problem: str) -> NoReturn:
    sys.exit(f"error: {problem}")


def _gist(error: BaseException) -> str:
    """The innermost cause, which names the operator."""
    while error.__cause__ is not None:
        error = error.__cause__
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0][:400] if lines else type(error).__name__


@functools.lru_cache(maxsize=1)
def _program(source: Path) -> Any:
    import torch

    torch.set_num_threads(1)
    try:
        return torch.export.load(str(source))
    except Exception as error:  # noqa: BLE001 - it raises what it likes
        _refuse(f"torch {torch.__version__} cannot read it: {_gist(error)}")


def export(source: Path, folder: Path) -> None:
    """Write the program as ONNX."""
    program = _program(source)
    import torch

    try:
        torch.onnx.export(program, f=folder / "net.onnx", dynamo=True, verbose=False, external_data=False)
    except Exception as error:  # noqa: BLE001 - it raises what it likes
        _refuse(f"torch.onnx cannot write it as ONNX: {_gist(error)}")


def answer(source: Path, folder: Path) -> None:
    """The program's own answers, one example after the other; inputs and outputs by their number in its signature."""
    import numpy as np
    import torch
    from torch.utils import _pytree as tree

    program, given = _program(source), np.load(folder / "inputs.npz", allow_pickle=False)
    called, spec, wanted = _module(source), program.call_spec.in_spec, _inputs(program)
    rows = []
    with torch.no_grad():
        for row in zip(*(given[str(number)] for number in range(len(wanted))), strict=True):
            flat = [torch.from_numpy(x).to(like.dtype) for x, like in zip(row, wanted, strict=True)]
            positional, named = tree.tree_unflatten(flat, spec)
            outputs = tree.tree_leaves(called(*positional, **named))
            rows.append([each.numpy() for each in outputs if isinstance(each, torch.Tensor)])
    np.savez(folder / "outputs.npz", **{str(n): np.stack(c) for n, c in enumerate(zip(*rows, strict=True))})


@functools.lru_cache(maxsize=1)
def _module(source: Path) -> Any:
    return _program(source).module()


def _inputs(program: Any) -> list[Any]:
    """What stands for each input in the graph, with its shape and type."""
    names = set(program.graph_signature.user_inputs)
    return [node.meta["val"] for node in program.graph.nodes if node.op == "placeholder" and node.name in names]


if __name__ == "__main__":
    sys.path.append(str(Path(__file__).parent))
    from _serve import serve

    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    serve({"export": export, "answer": answer})
