"""Asks the project's SConstruct what a build would do."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from edgewright import times
from edgewright.errors import UserError
from edgewright.files import read_json
from edgewright.pipeline import BUILD

_VARIABLE = "EDGEWRIGHT_EXPLAIN"  # edgewright.scons._why, which is of a higher layer


@dataclass(frozen=True)
class Node:
    """A stage of the graph.

    Attributes:
        title: what a person reads.
        state: "up to date", "runs", or "follows": it runs if what stages before it write is another than now.
        why: reasons to run, or the stages that it waits for.
        needs: numbers of the stages before it.
        outputs: what it writes.
        used: what its last run took; None where that is not known.
    """

    title: str
    state: str
    why: tuple[str, ...]
    needs: tuple[int, ...]
    outputs: tuple[str, ...]
    used: times.Used | None = None


def nodes(target: str, model: str) -> list[Node]:
    """The stages of a target and a model, each after those that it needs; nothing is built.

    Raises:
        UserError: there is no SConstruct here, or the build refuses something and has said so.
    """
    if not Path("SConstruct").is_file():
        raise UserError(
            "SConstruct", "no such file in this folder", hint="begin a project: edgewright new project NAME"
        )
    with tempfile.TemporaryDirectory(prefix="edgewright-") as folder:
        out = Path(folder) / "explain.json"
        words = [sys.executable, "-m", "edgewright.scons", "-Q", f"target={target}", f"model={model}"]
        environment = {**os.environ, _VARIABLE: str(out)}
        done = subprocess.run(words, env=environment, stdout=subprocess.DEVNULL, check=False)
        if done.returncode or not out.is_file():
            raise UserError("scons", f"ended with status {done.returncode}", hint="its message stands above")
        found = read_json(out, list)
    known = times.read(Path(BUILD) / times.FILE)
    return [
        Node(
            each["title"],
            each["state"],
            tuple(each["why"]),
            tuple(each["needs"]),
            tuple(each["outputs"]),
            times.of(each["words"], known),
        )
        for each in found
    ]
