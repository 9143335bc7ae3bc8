"""A process that runs builds whose stages are stubs: SCons and the graph are real, and are loaded once.

It reads a JSON object a line, {"folder": ..., "arguments": [...], "environment": {...}, "die": [n, place] or null,
"plan": whether to describe the stages}, forks a child that is scons in that folder, and answers {"status", "out",
"ran", "plan"}: `ran` are the outputs of the stubs that ran to their end, in order; `plan` has the command, the outputs
and the files read of each stage.

A stub reads all that its stage names, and writes each output as a hash of it. It can kill its build: at the n-th stub
that begins, `before` it writes, in the `middle` of an output, or `after` it wrote.
"""

from __future__ import annotations

import atexit
import hashlib
import importlib
import json
import os
import signal
import sys
import threading
import traceback
from functools import cache
from pathlib import Path
from typing import Any

import SCons.Script
import SCons.Script.Main

from edgewright.imports import Statement
from edgewright.pipeline import Stage
from edgewright.scons import _command, _contents, _nodes, edge  # noqa: F401 - loaded before the forks
from edgewright.scons._contents import Contents
from edgewright.surroundings import PACKAGE_ROOT

LISTED = "listed.h"
"""What a stub of a stage with a manifest writes beside it."""


NAMED = "named.txt"
"""File of a model that lists what its `sources()` names."""


class Stubs:
    """The stages of one build, in place of the programs.

    Args:
        log: what ran.
        die: at which stub to kill the build, and where.
        code: what Python files import, by their content.
    """

    def __init__(self, log: Path, die: tuple[int, str] | None, code: Contents) -> None:
        self._code = code
        self._stages: dict[tuple[str, ...], tuple[Stage, Path]] = {}
        self._log = log
        self._die = die
        self._begun = 0
        self._lock = threading.Lock()
        self._declare = _nodes.declare

    def declare(self, env: Any, stage: Stage, root: Path, *rest: Any, **more: Any) -> list[Any]:
        self._stages[(stage.module, *stage.arguments)] = (stage, root)
        return list(self._declare(env, stage, root, *rest, **more))

    def run(self, words: list[str], _environment: Any, resident: Any) -> int:
        if resident is None:
            raise AssertionError("a real build would start each stage as a program")
        module = words[2].removeprefix("edgewright.stages.")
        self._run(*self._stages[(module, *words[3:])])
        return 0

    def _run(self, stage: Stage, root: Path) -> None:
        with self._lock:
            self._begun += 1
            place = self._die[1] if self._die and self._begun == self._die[0] else None
        self._end_at(place, "before")
        digest = digest_of(stage, root, self._code)
        for name in stage.outputs:
            text = hashlib.sha256(f"{digest} {name}".encode()).hexdigest()
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            if place == "middle":
                Path(name).write_text(text[:10])
                self._end_at(place, "middle")
            Path(name).write_text(self._manifest(name, text) if name == stage.manifest else text)
        self._end_at(place, "after")
        with self._lock, self._log.open("a") as log:
            log.write(json.dumps(stage.outputs) + "\n")

    def plan(self) -> list[dict[str, Any]]:
        """What each stage says of itself, as JSON values."""
        return [
            {
                "command": [stage.module, *stage.arguments],
                "outputs": [str((root / name).resolve()) for name in stage.outputs],
                "reads": sorted(map(str, read_by(stage, root, self._code))),
                "log": str((root / stage.log).resolve()) if stage.log else None,
            }
            for stage, root in self._stages.values()
        ]

    @staticmethod
    def _manifest(name: str, text: str) -> str:
        """A manifest of one file, which is written beside it."""
        (Path(name).parent / LISTED).write_text(text)
        return json.dumps({"files": {LISTED: hashlib.sha256(text.encode()).hexdigest()}, "digest": text})

    @staticmethod
    def _end_at(place: str | None, here: str) -> None:
        if place == here:
            os.kill(os.getpid(), signal.SIGKILL)


def digest_of(stage: Stage, root: Path, code: Contents) -> str:
    """Of all that a stage names: its command, and what its files hold, by name."""
    words = json.dumps([stage.module, stage.arguments])
    return hashlib.sha256("\n".join([words, *sorted(map(describe, read_by(stage, root, code)))]).encode()).hexdigest()


def read_by(stage: Stage, root: Path, code: Contents) -> set[Path]:
    """Every file that a stage names in some way as read."""
    named = {(root / path).resolve() for path in stage.inputs}
    if stage.data:
        named |= {path for path in (root / stage.data).rglob("*") if path.is_file() and path.name != "model.toml"}
        named |= {Path(line) for line in listed(root / stage.data / NAMED)}
    return named | {resolved(path) for path in (*_nodes._resources(stage), *_nodes.code_of(stage, root, code))}


@cache
def resolved(path: Path) -> Path:
    """A link's file: hundreds of stages' files are the same ones."""
    return path.resolve()


def listed(path: Path) -> list[str]:
    return [name for name in path.read_text().splitlines() if Path(name).is_file()] if path.exists() else []


def describe(path: Path) -> str:
    return described(path) if path.is_relative_to(PACKAGE_ROOT) else of_now(path)


def of_now(path: Path) -> str:
    return f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}"


described = cache(of_now)
"""Of files that no stage writes, which is read once in a build."""


def build(request: dict[str, Any], out: Path, stubs: Stubs) -> None:
    """Be scons, in a forked child."""
    target = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(target, 1)
    os.dup2(target, 2)
    os.chdir(request["folder"])
    os.environ.update(request["environment"])
    _nodes.declare = stubs.declare
    _command._run = stubs.run
    sys.argv = ["scons", *request["arguments"]]
    SCons.Script.main()


def ended(request: dict[str, Any], out: Path, log: Path) -> int:
    """The exit status of a build, all done that a process does at its end."""
    status = 99  # a build ends by SystemExit
    code = Contents(log.with_name("code"))
    stubs = Stubs(log, tuple(request["die"]) if request["die"] else None, code)
    try:
        build(request, out, stubs)
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001 - the test sees it in the output
        traceback.print_exc()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    if request["plan"]:
        log.with_name("plan").write_text(json.dumps(stubs.plan()))
    code.save()
    names = sorted(name for name in sys.modules if name.partition(".")[0] == "edgewright")
    log.with_name("modules").write_text(json.dumps(names))
    return status


def answer(request: dict[str, Any], folder: Path) -> dict[str, Any]:
    out, log, plan = folder / "out", folder / "log", folder / "plan"
    log.write_text("")
    plan.write_text("[]")
    child = os.fork()
    if child == 0:
        os._exit(ended(request, out, log))
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    ran = [name for row in log.read_text().splitlines() for name in json.loads(row)]
    said = out.read_text(errors="replace")
    return {"status": status, "out": said, "ran": ran, "plan": json.loads(plan.read_text())}


def remember_imports() -> None:
    """Parse Edgewright's own code here, for all builds that are forked; what a test edits is parsed by its build."""
    parse = _contents.statements
    known = {path.read_bytes(): parse(path) for path in (PACKAGE_ROOT / "edgewright").rglob("*.py")}

    def remembered(path: Path) -> list[Statement]:
        found = known.get(path.read_bytes())
        return parse(path) if found is None else found

    _contents.statements = remembered


def remember_modules(names: Path) -> None:
    """Import here what the first build has imported of Edgewright's own, for all builds that are forked after it."""
    for name in json.loads(names.read_text()):
        importlib.import_module(name)


def serve(folder: Path) -> None:
    remember_imports()
    names = folder / "modules"
    for line in sys.stdin:
        first = not names.exists()
        print(json.dumps(answer(json.loads(line), folder)), flush=True)
        if first and names.exists():
            remember_modules(names)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
