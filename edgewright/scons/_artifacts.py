"""What EdgeProject and EdgeModel give to an SConstruct: the nodes of what is built, by target and model."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

import SCons.Errors

from edgewright.arch import architecture_of
from edgewright.pipeline import artifacts
from edgewright.scons._literal import file
from edgewright.spec import ProjectModel, ProjectTarget


class Artifacts:
    """The nodes of one model for one target.

    `tflite`, `report` and `header` are there for every target; `library` (an archive for the linker), `firmware` (the
    ELF file) and `bundle` (the list of its files) of microcontrollers. `include` is the folder of the header, `flags`
    what a compiler is told of the core, `tools` what its names begin with: "arm-none-eabi-".
    """

    def __init__(self, name: str, nodes: dict[str, Any], facts: dict[str, Any]) -> None:
        self._name = name
        self._found = {**nodes, **facts}

    def __getattr__(self, word: str) -> Any:
        if word.startswith("_"):
            raise AttributeError(word)
        if word not in self._found:
            there = ", ".join(self._found)
            raise SCons.Errors.UserError(f"{self._name} has no {word!r}, allowed: {there}")
        return self._found[word]


class Models(dict[str, Artifacts]):
    """What is built for one target, by model."""

    def __missing__(self, name: str) -> Artifacts:
        _not_chosen("model", name, self)


class Built(dict[str, Models]):
    """What is built, by target."""

    def __missing__(self, name: str) -> Models:
        _not_chosen("target", name, self)


def artifacts_of(env: Any, root: Path, target: ProjectTarget, model: ProjectModel) -> Artifacts:
    """The nodes of a target and a model."""
    nodes = {name: file(env, root / path) for name, path in artifacts(target, model).items()}
    facts: dict[str, Any] = {"include": nodes["header"].dir}
    board = target.board
    if board.is_microcontroller:
        architecture = architecture_of(board.core.arch)
        facts["flags"] = [*board.toolchain.cpu_flags, *architecture.compile_flags]
        facts["tools"] = architecture.tools
    return Artifacts(f"{model.name} for {target.name}", nodes, facts)


def _not_chosen(kind: str, name: str, chosen: dict[str, Any]) -> NoReturn:
    problem = f"{kind} {name!r} is not built, as the command line or EdgeProject chooses {', '.join(chosen)}"
    hint = "EdgeModel(model, target=...) names one whatever the command line chooses"
    raise SCons.Errors.UserError(f"{problem}\n  hint: {hint}")
