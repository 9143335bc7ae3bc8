"""Looks at what builds need: Python, packages, compilers, emulators, data, cache, disk; each fault with its fix.

edgewright doctor [TARGET ...] [--json]

What the named targets need has to be there, else the exit code is 4; without a name, what the project's own targets
need. Programs of other targets are shown, and may be missing.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from edgewright.command_line import run
from edgewright.commands._doctor import data, machine, packages, programs
from edgewright.commands._doctor.finding import OK, Finding
from edgewright.errors import ToolError, UserErrors
from edgewright.home import home
from edgewright.spec import Project, load_project
from edgewright.text import plain

SUMMARY = "what builds need of this machine: what is there, what is missing, and how to get it"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    arguments = parser().parse_args(argv)
    found = list(_findings(arguments.target))
    print(json.dumps([asdict(each) for each in found], indent=2) if arguments.json else "\n".join(_lines(found)))
    return ToolError.exit_code if any(each.is_fault for each in found) else 0


def parser() -> argparse.ArgumentParser:
    """What it takes."""
    formatter = argparse.RawDescriptionHelpFormatter
    made = argparse.ArgumentParser(prog="edgewright doctor", description=__doc__, formatter_class=formatter)
    made.add_argument("target", nargs="*", metavar="TARGET", help="targets that have to be able to be built")
    made.add_argument("--json", action="store_true", help="for programs")
    return made


def _findings(wanted: Sequence[str]) -> Iterator[Finding]:
    root = Path.cwd()
    try:
        project = load_project(root, home())
    except UserErrors as faults:
        project = None
        yield from _faults(faults)
    needed = _needed(project, wanted, root) if project else []
    yield from packages.findings(_extras(project, needed))
    if project:
        yield from programs.findings(project.targets.values(), needed)
        yield from data.findings(project.models.values())
    yield from machine.findings(root)


def _faults(faults: UserErrors) -> Iterator[Finding]:
    for each in faults.errors:
        text = str(each).removeprefix(f"{each.where}: ").partition("\n")[0]
        yield Finding("project", each.where, "wrong", text, fix=each.hint or "mend the file")


def _needed(project: Project, wanted: Sequence[str], root: Path) -> list[str]:
    if wanted:
        return [target.name for name in wanted for target in project.select_targets(name)]
    return [name for name in project.targets if (root / "targets" / f"{name}.toml").is_file()]


def _extras(project: Project | None, needed: Sequence[str]) -> set[str]:
    """What has to be installed besides: to train where there are models, and the runtimes of Linux-class boards."""
    if project is None:
        return set()
    linux = any(not project.targets[name].board.is_microcontroller for name in needed)
    return {*(["train"] if project.models else []), *(["runtime"] if project.models or linux else [])}


def _lines(found: Sequence[Finding]) -> Iterator[str]:
    width = max(len(each.name) for each in found)
    group = ""
    for each in found:
        if each.group != group:
            group = each.group
            yield f"{group}:"
        yield from _shown(each, width)
    faults = sum(each.is_fault for each in found)
    yield f"{faults} to mend" if faults else "all that is needed is there"


def _shown(each: Finding, width: int) -> Iterator[str]:
    state = each.state if each.needed or each.state == OK else f"({each.state})"
    told = (
        "; for ".join(filter(None, [each.text, each.purpose])) if each.text else each.purpose and f"for {each.purpose}"
    )
    yield plain(f"  {state:<10} {each.name:<{width}}  {told}").rstrip()
    if each.fix and each.state != OK:
        yield plain(f"             fix: {each.fix}")


if __name__ == "__main__":
    run(main)
