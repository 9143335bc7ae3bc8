"""Writes a trial of a search as a target file of the project, which builds to the same figures.

edgewright adopt-trial N [--name NAME] [--target TARGET] [--search build/search/...]

A search over several targets gives a file for each that the trial could be built for, or for one that is named.
A file that is there is never overwritten.
"""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from edgewright import kinds
from edgewright.command_line import run
from edgewright.errors import UserError, UserErrors, did_you_mean
from edgewright.files import write_text
from edgewright.search import recalled
from edgewright.spec.toml_text import read_toml
from edgewright.spec.toml_write import document

SUMMARY = "a trial of a search as a target file"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    arguments = parser().parse_args(argv)
    root = Path.cwd()
    folder, found = recalled(root, arguments.search)
    trial = _trial(found, arguments.number, folder)
    targets = _targets(found, trial, arguments.target)
    files = _files(root, folder, found, trial, targets, arguments.name)
    for path, text in files.items():
        write_text(root / path, text)
    names = ",".join(Path(path).stem for path in files)
    build = shlex.join(["scons", f"target={names}", f"model={found['model']}"])
    print(f"{', '.join(files)}: written; {build} builds {'it' if len(files) == 1 else 'them'}")
    return 0


def parser() -> argparse.ArgumentParser:
    """What it takes."""
    raw = argparse.RawDescriptionHelpFormatter
    made = argparse.ArgumentParser(prog="edgewright adopt-trial", description=__doc__, formatter_class=raw)
    made.add_argument("number", type=_number, metavar="N", help="of the trial, as the search tells it")
    made.add_argument("--name", metavar="NAME", help="of the new target; left out: the old one's with -trial-N")
    made.add_argument("--target", metavar="TARGET", help="one of several that were searched; left out: all of them")
    made.add_argument("--search", metavar="FOLDER", help="of the search, in build/search/; left out: the last one")
    return made


def _number(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"not a number of a trial: {text!r}")
    return int(text)


def _trial(found: Mapping[str, Any], number: int, folder: str) -> Mapping[str, Any]:
    """The trial of a number, or the one before it that was the same; UserError where it was not built."""
    known: dict[int, Mapping[str, Any]] = {trial["number"]: trial for trial in found["trials"]}
    trial = known.get(number)
    if trial is None:
        best = [str(each["number"]) for each in found["trials"] if each["on_front"] or _on_a_front(each)]
        hint = f"on the front are {', '.join(best)}" if best else None
        raise UserError(folder, "no such trial", got=number, allowed=_told(known), hint=hint)
    if not trial["figures"] and not any(each["figures"] for each in trial.get("targets", {}).values()):
        raise UserError(f"{folder}: trial {number}", f"was not built in full, {trial['outcome']}: {trial['message']}")
    return trial if trial.get("again") is None else known.get(trial["again"], trial)


def _told(numbers: Collection[int]) -> str:
    """The numbers of all trials, for people."""
    last = max(numbers, default=None)
    return "none yet" if last is None else f"0 to {last}" if last else "0"


def _on_a_front(trial: Mapping[str, Any]) -> bool:
    return any(each["on_front"] for each in trial.get("targets", {}).values())


def _targets(found: Mapping[str, Any], trial: Mapping[str, Any], target: str | None) -> Mapping[str, str]:
    """What is said of the trial, by the targets that get a file; UserError where the one that is named cannot."""
    on: Mapping[str, Any] = trial.get("targets", {})
    if target is not None and target not in found["targets"]:
        known = list(found["targets"])
        raise UserError("--target", "was not searched", got=target, allowed=known, hint=did_you_mean(target, known))
    if target is not None and target in on and not on[target]["figures"]:
        raise UserError(f"trial {trial['number']}", f"was not built for {target}: {on[target]['message']}")
    built = [name for name in found["targets"] if name not in on or on[name]["figures"]]
    chosen = built if target is None else [target]
    return {name: ", ".join(on.get(name, trial)["figures"]) for name in chosen}


def _files(
    root: Path,
    folder: str,
    found: Mapping[str, Any],
    trial: Mapping[str, Any],
    targets: Mapping[str, str],
    name: str | None,
) -> dict[str, str]:
    """Paths and texts of the new targets; UserErrors where one is there, or has no name."""
    number, errors, files = trial["number"], [], {}
    for target, figures in targets.items():
        chosen = f"{target}-trial-{number}" if name is None else name if len(targets) == 1 else f"{target}-{name}"
        path = f"targets/{chosen}.toml"
        if not kinds.NAME.takes(chosen):
            errors.append(UserError("--name", "no name for a target", got=chosen, allowed=kinds.NAME.allowed))
        elif (root / path).exists():
            errors.append(UserError(path, "is there already", hint="take another --name, or remove it"))
        else:
            source = Path(folder) / f"trial-{number}-{target}.toml"
            data = read_toml(root / source, str(source)).data
            words = f"{target}, trial {number} of {found['name']}: {figures}; {trial['words']}"
            files[path] = document({"description": words, **data})
    if errors:
        raise UserErrors(errors)
    return files


if __name__ == "__main__":
    run(main)
