r"""Begins a project, or a model, target or board of one: files that build as they are, to be made one's own.

edgewright new project FOLDER [--target mcu] [--model NAME]
edgewright new model NAME
edgewright new target NAME --board BOARD
edgewright new board NAME --chip STM32F411RE [--facts FOLDER]
edgewright new board NAME --cpu cortex-m4 --clock "64 MHz" --flash "512 KiB" --flash-origin 0x08000000 \
    --ram "64 KiB" --ram-origin 0x20000000
edgewright new schemas

Of a chip, the CMSIS-Packs (.pdsc, .pack) and CMSIS-SVD files (.svd) in FOLDER, which is this one by default, tell core,
memory, clock and serial interfaces. What they do not tell, and no option says, is asked for. The files name JSON
Schemas in schemas/, by which editors complete and check keys; `new schemas` makes these anew, after an update or with
passes of your own.
"""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from edgewright import kinds
from edgewright.c_text import check_name
from edgewright.command_line import run
from edgewright.commands._new import ask, board, port
from edgewright.commands._new.ask import QUESTIONS
from edgewright.commands._new.chip import Facts
from edgewright.commands._new.find import facts_in
from edgewright.commands._new.schemas import schemas, with_schemas
from edgewright.errors import UserError, did_you_mean
from edgewright.files import write_text
from edgewright.home import home
from edgewright.spec import TAKEN, Board, boards_of, load_project, ports_for
from edgewright.templates import render

SUMMARY = "begins a project, or a model, target or board of one, and schemas for editors"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    arguments = parser().parse_args(argv)
    files: Mapping[Path, str] = arguments.made(arguments)
    if arguments.made is not _schemas:
        files = with_schemas(vars(arguments).get("folder", Path()), files)
        _refuse_what_is_there(files)
    for path, text in files.items():
        write_text(path, text)
        print(f"made {path}")
    print(arguments.then.format(**{key: shlex.quote(str(value)) for key, value in vars(arguments).items()}))
    return 0


def parser() -> argparse.ArgumentParser:
    """What it takes."""
    made = argparse.ArgumentParser(
        prog="edgewright new", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    things = made.add_subparsers(required=True, metavar="project|model|target|board|schemas")
    project = things.add_parser("project", help="a folder with an SConstruct and a model")
    project.add_argument("folder", type=Path)
    project.add_argument("--target", default="mcu", help="what is built when nothing else is asked for")
    project.add_argument("--model", dest="name", default="points", type=_model_name)
    project.set_defaults(made=_project, then="next: cd {folder}; scons")
    model = things.add_parser("model", help="a model of the project in this folder")
    model.add_argument("name", type=_model_name)
    model.set_defaults(made=lambda of: _model(Path(), of.name), then="next: scons model={name}")
    target = things.add_parser("target", help="a target of the project in this folder")
    target.add_argument("name", type=_target_name)
    target.add_argument("--board", required=True, help="edgewright boards lists them")
    target.set_defaults(made=_target, then="next: scons target={name}")
    _board_options(things.add_parser("board", help="a microcontroller's board, and a port for it to begin with"))
    found = things.add_parser("schemas", help="JSON Schemas for editors, of what is installed now")
    found.set_defaults(made=_schemas, then="the files that edgewright new makes name them in their first line")
    return made


def _board_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", type=_name)
    parser.add_argument("--chip", type=_name, help="what is printed on it, for instance STM32F411RE")
    parser.add_argument("--facts", type=Path, default=Path(), metavar="FOLDER", help="of .pdsc, .pack and .svd files")
    parser.add_argument("--processor", help="of a chip with several: as its pack calls it")
    parser.add_argument("--uart", metavar="NAME", help="serial interface of the port, as the .svd file calls it")
    for name, (what, example, _) in QUESTIONS.items():
        parser.add_argument(f"--{name.replace('_', '-')}", help=f"{what}, for instance {example}")
    parser.set_defaults(made=_board, then="next: edgewright new target {name} --board {name}")


def _name(text: str) -> str:
    if not kinds.NAME.takes(text):
        raise argparse.ArgumentTypeError(f"got {text!r}, allowed: {kinds.NAME.allowed}")
    return text


def _model_name(text: str) -> str:
    """A name that models have in C."""
    try:
        check_name(text)
    except UserError as error:
        raise argparse.ArgumentTypeError(f"got {text!r}: {error.problem}") from None
    return text


def _target_name(text: str) -> str:
    if text in TAKEN:
        raise argparse.ArgumentTypeError(f"got {text!r}, which means something else already")
    return _name(text)


def _refuse_what_is_there(files: Mapping[Path, str]) -> None:
    """UserError when one of them exists: nothing that a user had is written over."""
    for path in files:
        if path.exists():
            raise UserError(str(path), "is there already", hint="choose another name, or move it away")


def _project(of: argparse.Namespace) -> dict[Path, str]:
    known = load_project(home(), home()).targets
    if of.target not in known:
        raise UserError("--target", "no such target", got=of.target, allowed=known, hint=did_you_mean(of.target, known))
    return {
        of.folder / "SConstruct": render("new/SConstruct.j2", target=of.target),
        of.folder / ".gitignore": render("new/gitignore.j2"),
        **_model(of.folder, of.name),
    }


def _schemas(_of: argparse.Namespace) -> dict[Path, str]:
    return schemas(Path())


def _model(root: Path, name: str) -> dict[Path, str]:
    folder = root / "models" / name
    return {folder / file: render(f"new/{file}.j2", name=name) for file in ("model.toml", "model.py")}


def _target(of: argparse.Namespace) -> dict[Path, str]:
    boards = boards_of(Path.cwd(), home())
    if of.board not in boards:
        raise UserError("--board", "no such board", got=of.board, allowed=boards, hint=did_you_mean(of.board, boards))
    chosen = boards[of.board]
    values = {"runtime": _runtime(chosen), "microcontroller": chosen.is_microcontroller}
    return {Path("targets", f"{of.name}.toml"): render("new/target.toml.j2", name=of.name, board=of.board, **values)}


def _runtime(of: Board) -> str:
    if of.is_microcontroller:
        return "aot"
    return "litert" if of.os == "android" else "tflite-runtime"


def _board(of: argparse.Namespace) -> dict[Path, str]:
    """What neither options nor files tell is as on a board that has this core."""
    facts = facts_in(of.facts, of.chip, of.processor) if of.chip else Facts()
    known = {name: getattr(of, name) or told for name, told in _told(facts).items()}
    answers = ask.asked(known)
    like = board.alike(answers["cpu"], list(boards_of(Path.cwd(), home()).values()))
    there = ports_for(of.chip, home()) if of.chip else []
    asked = board.Asked(of.name, answers, of.chip, _without_taken(facts, of), like, there)
    files = {Path("targets/boards", f"{of.name}.toml"): board.text_of(asked)}
    return {**files, **({} if there else port.files(asked, of.uart))}


def _told(facts: Facts) -> dict[str, str | None]:
    """What is known of the chip, as answers."""
    regions = {"flash": facts.flash, "ram": facts.ram}
    return {
        "cpu": facts.cpu,
        "clock": None if facts.clock_hz is None else f"{facts.clock_hz / 1e6:g} MHz",
        **{name: board.bytes_text(place.size) if place else None for name, place in regions.items()},
        **{f"{name}_origin": hex(place.origin) if place else None for name, place in regions.items()},
    }


def _without_taken(facts: Facts, of: argparse.Namespace) -> Facts:
    """The facts, with no region left that an option placed otherwise."""
    return replace(facts, fast=None) if of.ram or of.ram_origin else facts


if __name__ == "__main__":
    run(main)
