"""Says which compression a model needs for a target: a short scan, and a ranked recipe for the target's budget.

edgewright advise TARGET MODEL [--write [--replace]] [--examples 8000]

Each method is tried at one or two points: its pass runs as in a build, for one epoch at most on a slice of the training
data, and what comes out is quantized and judged by validation data. So every figure is an expectation: a build trains
longer and ends higher where the network was left to recover. The float model must have been trained; points that are
known are remembered in build/advise/.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from edgewright import command_line, live
from edgewright.advice import recipes
from edgewright.advice.candidates import PLAIN, Candidate, candidates
from edgewright.advice.measured import Measured, measured
from edgewright.advice.scan import Scan, point, reference
from edgewright.commands._advise import show, write
from edgewright.errors import UserError
from edgewright.home import home
from edgewright.pipeline import BUILD
from edgewright.spec import Project, ProjectModel, ProjectTarget, load_project
from edgewright.training import warm

SUMMARY = "a short scan, and which compression a model needs for a target"
EXAMPLES = 8000


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    arguments = parser().parse_args(argv)
    project = load_project(Path.cwd(), home())
    target, model = _pair(project, arguments.target, arguments.model)
    file = _file_to_write(target, replace=arguments.replace) if arguments.write else None
    scan = Scan(target, model, _float_model(target, model), arguments.examples)
    known = measured(target.name, model.name)
    todo = list(candidates())
    with warm.kept(), closing(_live(arguments, todo)) as build:
        base = reference(scan)
        found = {candidate: _told(scan, candidate, build, number) for number, candidate in enumerate(todo)}
    ranked = _show(found, base, target, known)
    if file:
        _write(file, ranked[0], replace=arguments.replace)
    return 0


def _live(arguments: argparse.Namespace, todo: Sequence[Candidate]) -> live.Build:
    """What those who look on see: a stage for each candidate."""
    command = shlex.join(["edgewright", "advise", arguments.target, arguments.model])
    return live.Build(Path(BUILD) / live.FILE, command, [(f"scan {candidate.name}", ()) for candidate in todo])


def parser() -> argparse.ArgumentParser:
    """What it takes."""
    formatter = argparse.RawDescriptionHelpFormatter
    made = argparse.ArgumentParser(prog="edgewright advise", description=__doc__, formatter_class=formatter)
    made.add_argument("target", metavar="TARGET", help="a file in targets/, without .toml")
    made.add_argument("model", metavar="MODEL", help="a folder in models/")
    made.add_argument("--write", action="store_true", help="put the first recipe into the target file")
    made.add_argument("--replace", action="store_true", help="in place of the entries there, which become comments")
    made.add_argument("--examples", type=_count, default=EXAMPLES, metavar="N", help="of the slice to train on")
    return made


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"not a number of examples: {text!r}")
    return int(text)


def _pair(project: Project, target: str, model: str) -> tuple[ProjectTarget, ProjectModel]:
    """The one target and the one model that the command line names; faults as scons tells them."""
    targets, models = project.select_targets(target), project.select_models(model)
    for kind, name, found in (("target", target, targets), ("model", model, models)):
        if len(found) != 1:
            raise UserError(f"{kind}={name}", "names several", allowed=f"one {kind}")
    if models[0].spec is None:
        hint = "only a model that is trained here, a folder in models/, can be compressed"
        raise UserError(f"model={model}", "a .tflite file is not compressed any more", hint=hint)
    return targets[0], models[0]


def _float_model(target: ProjectTarget, model: ProjectModel) -> Path:
    path = Path("build/models") / model.name / "float.h5"
    if not path.is_file():
        hint = f"train it first: scons target={target.name} model={model.name} train"
        raise UserError(str(path), "the float model is not there", hint=hint)
    return path


def _file_to_write(target: ProjectTarget, *, replace: bool) -> Path:
    """The target's own file; refused before anything is scanned when it must not be changed."""
    path = Path("targets") / f"{target.name}.toml"
    if not path.is_file():
        shipped = home() / path
        hint = f"copy {shipped} to {path} first"
        raise UserError(str(path), "this target comes with Edgewright, and is not the project's own", hint=hint)
    if target.steps and not replace:
        hint = "--replace puts the new ones in their place, and keeps the old as comments"
        raise UserError(target.steps[0].where, "the target has [[compress]] entries already", hint=hint)
    return path


def _told(scan: Scan, candidate: Candidate, build: live.Build, number: int) -> dict[str, Any]:
    """The point of a candidate; one that takes time is announced, also to those who look on."""
    if scan.path(candidate).is_file():
        return point(scan, candidate)
    print(f"scanning: {candidate.name}", file=sys.stderr, flush=True)
    with build.stage(number):
        return point(scan, candidate)


def _show(
    found: dict[Candidate, dict[str, Any]], base: dict[str, Any], target: ProjectTarget, known: Measured
) -> list[recipes.Recipe]:
    """Print everything; the recipes, best first."""
    refused = {candidate: str(result["refused"]) for candidate, result in found.items() if "refused" in result}
    if PLAIN in refused:
        raise UserError("the float model", f"cannot be quantized: {refused[PLAIN]}")
    points = {candidate: result for candidate, result in found.items() if candidate not in refused}
    ranked = recipes.ranked(points, base, target.spec.budget.model_dump(exclude_none=True), known)
    terms = recipes.terms_of(base)
    print(f"float model: {terms.title} {terms.show(base['value'])} of {base['samples']:,} validation examples\n")
    for part in (
        show.points_table(points, refused, base),
        show.sensitivity(points),
        show.recipes(ranked, base, _latency_from(target, known)),
    ):
        print("\n".join(part), end="\n\n")
    return ranked


def _latency_from(target: ProjectTarget, known: Measured) -> str:
    if known.instructions is None and known.us is None:
        return f"nothing of target {target.name} has been measured yet, so latency is MACs alone"
    return "instructions and times follow the MACs from the last report"


def _write(path: Path, recipe: recipes.Recipe, *, replace: bool) -> None:
    if not recipe.entries:
        print(f"{path}: unchanged, the first recipe has no entries")
        return
    write.write(path, str(path), recipe.entries, replace=replace)
    print(f"{path}: written")


if __name__ == "__main__":
    command_line.run(main)
