"""The project that is built: recipes as targets, and a copy of each model for each seed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.compression._recipes import Recipe
from edgewright.errors import UserError
from edgewright.files import write_bytes
from edgewright.home import home
from edgewright.pipeline import BUILD

SCONSTRUCT = '''\
"""One project for all recipes and seeds."""
env = Environment(tools=["edge"], toolpath=[PyPackageDir("edgewright.scons")])
env.EdgeProject(target="rpi", model="all")
'''
_SEED = re.compile(r"(?m)^(seed\s*=\s*)\d+")


def seeded(model: str, seed: int) -> str:
    """Name of the copy of a model that is trained with `seed`."""
    return f"{model}_seed{seed}"


def write(folder: Path, known: Mapping[str, Recipe], chosen: Sequence[Recipe], seeds: Sequence[int]) -> None:
    """Write the project's files; those that are as they should be stay untouched, recipes that are gone go.

    Args:
        folder: of the project.
        known: recipes, each of which becomes a target.
        chosen: recipes whose models are copied.
        seeds: of the copies.

    Raises:
        UserError: the folder holds another project.
    """
    own = folder / "SConstruct"
    if own.is_file() and own.read_text(encoding="utf-8") != SCONSTRUCT:
        raise UserError(str(own), "another project is in this folder", hint="give --folder another one")
    _put(own, SCONSTRUCT.encode())
    for target in (folder / "targets").glob("*.toml"):
        if target.stem not in known:
            target.unlink()
    for recipe in known.values():
        _put(folder / "targets" / recipe.path.name, recipe.path.read_bytes())
    for source in sorted({recipe.source for recipe in chosen}):
        for seed in seeds:
            for path, content in _copied(source, seed):
                _put(folder / "models" / seeded(source.name, seed) / path, content)


def _copied(source: Path, seed: int) -> Iterator[tuple[str, bytes]]:
    """The files of a model by name, the seed in model.toml replaced."""
    if not source.is_dir():
        raise UserError(str(source), "no such model", hint="a recipe's name begins with the name of its model")
    for path in sorted(source.iterdir()):
        if path.is_file():
            content = path.read_bytes()
            yield path.name, _with_seed(content, seed) if path.name == "model.toml" else content


def _with_seed(content: bytes, seed: int) -> bytes:
    text, count = _SEED.subn(rf"\g<1>{seed}", content.decode())
    if count != 1:
        raise UserError("model.toml", "does not name its seed once", allowed="seed = 1 in [train]")
    return text.encode()


def _put(path: Path, content: bytes) -> None:
    if not path.is_file() or path.read_bytes() != content:
        write_bytes(path, content)


def build(folder: Path, recipes: Sequence[Recipe], seeds: Sequence[int], jobs: int) -> int:
    """Run scons for the reports, once a model; the first exit status that is not 0, else 0.

    A recipe that fails does not keep the others from being built, and no budget is held against any.
    """
    statuses = []
    for model in dict.fromkeys(recipe.model for recipe in recipes):
        targets = [recipe.name for recipe in recipes if recipe.model == model]
        models = [seeded(model, seed) for seed in seeds]
        command = [
            sys.executable,
            "-m",
            "SCons",
            "-k",
            f"-j{jobs}",
            "budget=warn",
            f"target={','.join(targets)}",
            f"model={','.join(models)}",
            *(f"{BUILD}/{target}/{name}/report.json" for target in targets for name in models),
        ]
        path = os.pathsep.join(filter(None, [str(home()), os.environ.get("PYTHONPATH")]))
        statuses.append(
            subprocess.run(command, cwd=folder, env={**os.environ, "PYTHONPATH": path}, check=False).returncode
        )
    return next((status for status in statuses if status), 0)
