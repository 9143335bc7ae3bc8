r"""Begins a project, or a model, target or board of one: files that build as they are, to be made one's own.

edgewright new project FOLDER [--target mcu] [--model NAME]
edgewright new model NAME
edgewright new target NAME --board BOARD
edgewright new board NAME --cpu cortex-m4 --clock "64 MHz" --flash "512 KiB" --flash-origin 0x08000000 \
    --ram "64 KiB" --ram-origin 0x20000000
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic_core import PydanticCustomError

from edgewright import kinds
from edgewright.command_line import run
from edgewright.errors import UserError, did_you_mean
from edgewright.files import write_text
from edgewright.home import home
from edgewright.spec import Board, boards_of, load_project
from edgewright.templates import render
from edgewright.text import Safe
from edgewright.units import parse_bytes, parse_hertz

SUMMARY = "begins a project, or a model, target or board of one"
FEATURES = ("fpu", "dsp", "mve")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    arguments = _parser().parse_args(argv)
    files: Mapping[Path, str] = arguments.made(arguments)
    _refuse_what_is_there(files)
    for path, text in files.items():
        write_text(path, text)
        print(f"made {path}")
    print(arguments.then.format(**vars(arguments)))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="edgewright new", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    things = parser.add_subparsers(required=True, metavar="project|model|target|board")
    project = things.add_parser("project", help="a folder with an SConstruct and a model")
    project.add_argument("folder", type=Path)
    project.add_argument("--target", default="mcu", help="what is built when nothing else is asked for")
    project.add_argument("--model", dest="name", default="points", type=_name)
    project.set_defaults(made=_project, then="next: cd {folder}; scons")
    model = things.add_parser("model", help="a model of the project in this folder")
    model.add_argument("name", type=_name)
    model.set_defaults(made=lambda of: _model(Path(), of.name), then="next: scons model={name}")
    target = things.add_parser("target", help="a target of the project in this folder")
    target.add_argument("name", type=_name)
    target.add_argument("--board", required=True, help="edgewright boards lists them")
    target.set_defaults(made=_target, then="next: scons target={name}")
    board = things.add_parser("board", help="a microcontroller's board, by the facts of its data sheet")
    board.add_argument("name", type=_name)
    for fact, what in {"cpu": "for instance cortex-m4", "clock": "for instance 64 MHz"}.items():
        board.add_argument(f"--{fact}", required=True, help=what)
    for memory in ("flash", "ram"):
        board.add_argument(f"--{memory}", required=True, help="for instance 256 KiB")
        board.add_argument(f"--{memory}-origin", required=True, type=_address, help="address of its first byte")
    board.set_defaults(made=_board, then="next: edgewright new target {name} --board {name}")
    return parser


def _name(text: str) -> str:
    if not kinds.NAME.takes(text):
        raise argparse.ArgumentTypeError(f"got {text!r}, allowed: {kinds.NAME.allowed}")
    return text


def _address(text: str) -> int:
    try:
        return int(text, 0)
    except ValueError:
        raise argparse.ArgumentTypeError(f"got {text!r}, allowed: an address, for instance 0x08000000") from None


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


def _model(root: Path, name: str) -> dict[Path, str]:
    folder = root / "models" / name
    return {folder / file: render(f"new/{file}.j2", name=name) for file in ("model.toml", "model.py")}


def _target(of: argparse.Namespace) -> dict[Path, str]:
    boards = boards_of(Path.cwd(), home())
    if of.board not in boards:
        raise UserError("--board", "no such board", got=of.board, allowed=boards, hint=did_you_mean(of.board, boards))
    board = boards[of.board]
    values = {"runtime": _runtime(board), "microcontroller": board.is_microcontroller}
    return {Path("targets", f"{of.name}.toml"): render("new/target.toml.j2", name=of.name, board=of.board, **values)}


def _runtime(board: Board) -> str:
    if board.is_microcontroller:
        return "aot"
    return "litert" if board.os == "android" else "tflite-runtime"


def _board(of: argparse.Namespace) -> dict[Path, str]:
    """What the numbers do not tell is as on a board that has this core."""
    boards = [board for board in boards_of(Path.cwd(), home()).values() if board.memory]
    like = next((board for board in boards if board.core.cpu == of.cpu), None)
    if like is None or like.toolchain is None:
        known = sorted({board.core.cpu for board in boards})
        raise UserError("--cpu", "no board has this core", got=of.cpu, allowed=known, hint=did_you_mean(of.cpu, known))
    values: dict[str, Any] = {
        "clock": _checked(of, "clock", parse_hertz),
        "flash": _checked(of, "flash", parse_bytes),
        "ram": _checked(of, "ram", parse_bytes),
        "flash_origin": f"0x{of.flash_origin:08X}",
        "ram_origin": f"0x{of.ram_origin:08X}",
        "features": [name for name in FEATURES if getattr(like.core, name)],
        "flags": Safe(json.dumps(like.toolchain.cpu_flags)[1:-1]),
    }
    core = {"cpu": like.core.cpu, "arch": like.core.arch, "cycle_model": like.core.cycle_model}
    return {Path("targets/boards", f"{of.name}.toml"): render("new/board.toml.j2", name=of.name, **core, **values)}


def _checked(of: argparse.Namespace, fact: str, parse: Any) -> str:
    text = str(getattr(of, fact))
    try:
        parse(text)
    except PydanticCustomError as error:
        context = error.context or {}
        raise UserError(f"--{fact}", error.message(), got=text, allowed=context["allowed"]) from None
    return text


if __name__ == "__main__":
    run(main)
