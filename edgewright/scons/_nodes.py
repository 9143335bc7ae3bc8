"""From the stages of the pipeline to SCons nodes: commands, what they depend on, and who may share a device."""

from __future__ import annotations

import importlib.util
import json
import shutil
from collections.abc import Callable, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from SCons.Script import COMMAND_LINE_TARGETS

from edgewright.home import home
from edgewright.imports import Statement, closure
from edgewright.pipeline import BUILD, Stage
from edgewright.scons._command import command
from edgewright.scons._contents import Contents
from edgewright.scons._data import ASKS, content_hash, data_hash
from edgewright.scons._literal import files
from edgewright.surroundings import PACKAGE_ROOT

PYTHON = "python"  # found on the PATH of the build's environment: no path of this machine is in a signature


def declare(env: Any, stage: Stage, root: Path, contents: Contents, *, verbose: bool) -> list[Any]:
    """Declare a stage to SCons; gives the nodes of its outputs."""
    action = command(words_of(stage), stage.title, verbose=verbose)
    inputs = files(env, root, dict.fromkeys(stage.inputs))
    nodes: list[Any] = env.Command(files(env, root, stage.outputs), inputs, action)
    env.Depends(nodes, files(env, root, (*_resources(stage), *code_of(stage, root, contents), *_python(env))))
    env.Depends(nodes, env.Value({name: _version(name) for name in stage.packages}, name=f"tools:{stage.module}"))
    if stage.programs:
        programs = {name: contents.sha256(_which(env, name) or "") for name in stage.programs}
        env.Depends(nodes, env.Value(programs, name=f"programs:{stage.module}"))
    if stage.data:
        env.Depends(nodes, env.Value(_data(env, root, stage.data, contents), name=f"data:{stage.data}"))
    if stage.content:
        places = [root / path for path in stage.content]
        env.Depends(nodes, env.Value(content_hash(places, contents), name=f"content:{stage.module}"))
    if not stage.cached:
        env.NoCache(nodes)
    if stage.device:
        env.SideEffect(files(env, root, [f"{BUILD}/.devices/{stage.device}"]), nodes)
    if stage.again and set(stage.aliases) & set(COMMAND_LINE_TARGETS):
        env.AlwaysBuild(nodes)
    for alias in stage.aliases:
        env.Alias(alias, nodes)
    return nodes


def words_of(stage: Stage) -> list[str]:
    """The command line of a stage."""
    return [PYTHON, "-m", *stage.words]


def _data(env: Any, root: Path, folder: str, contents: Contents) -> str:
    command = (*python_of(env["ENV"]["PATH"]), "-m", ASKS)
    return data_hash(root / folder, contents, command, json.dumps(env["ENV"]))


def _python(env: Any) -> list[str]:
    """The program that runs the stages."""
    found = _which(env, PYTHON)
    return [found] if found else []


def python_of(path: str) -> tuple[str, ...]:
    """The same, as it is started; `path` is the PATH of the build's environment."""
    return (shutil.which(PYTHON, path=path) or PYTHON,)


def _which(env: Any, program: str) -> str | None:
    return shutil.which(program, path=env["ENV"]["PATH"])


def _resources(stage: Stage) -> list[Path]:
    """The files behind a stage's patterns, of those that come with Edgewright."""
    folders = dict.fromkeys((home(), PACKAGE_ROOT))
    return sorted({path for folder in folders for pattern in stage.resources for path in _glob(folder, pattern)})


@cache
def _glob(folder: Path, pattern: str) -> list[Path]:
    return [Path(pattern)] if Path(pattern).is_absolute() else list(folder.glob(pattern))


def code_of(stage: Stage, root: Path, contents: Contents) -> list[Path]:
    """The Python files whose text decides what a stage does."""
    modules = [f"edgewright.stages.{stage.module}", *stage.modules]
    scripts = [root / path for path in stage.inputs if path.endswith(".py")]
    folders = tuple(dict.fromkeys(script.parent for script in scripts))
    return closure(
        [*(path for name in modules for path in _module_files(name, contents)), *scripts],
        (PACKAGE_ROOT, *folders),
        _reader(contents, folders),
    )


@cache
def _reader(contents: Contents, folders: tuple[Path, ...]) -> Callable[[Path], Sequence[Statement]]:
    """What a file imports of ours and of the user's: an installed package has others beside it, which are versions."""

    @cache
    def counts(top: str) -> bool:
        return top == "edgewright" or any(
            (folder / top).is_dir() or (folder / f"{top}.py").is_file() for folder in folders
        )

    def read(file: Path) -> Sequence[Statement]:
        return [each for each in contents.imports(file) if each[0] or counts(str(each[1]).split(".")[0])]

    return read


@cache
def _module_files(name: str, contents: Contents) -> Sequence[Path]:
    """The file of a module; of one in a package of others, also what it imports of that package."""
    path = _module_path(name)
    above = name.count(".") - (path.name != "__init__.py")
    if above < 0 or path.is_relative_to(PACKAGE_ROOT / "edgewright"):
        return [path]
    package = path.parents[above]

    def within(file: Path) -> Sequence[Statement]:
        return [each for each in contents.imports(file) if each[0] or str(each[1]).split(".")[0] == package.name]

    return closure([path], [package.parent], within)


@cache
def _module_path(name: str) -> Path:
    """The file of a module; of ours, without an import of the packages above it."""
    base = PACKAGE_ROOT.joinpath(*name.split("."))
    found = next((path for path in (base / "__init__.py", base.with_suffix(".py")) if path.is_file()), None)
    if found:
        return found
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(name)
    return Path(spec.origin).resolve()


@cache
def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"
