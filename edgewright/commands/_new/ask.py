"""What nobody has told yet of a board: asked for at a terminal, else named all at once."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pydantic_core import PydanticCustomError

from edgewright.errors import UserError, UserErrors
from edgewright.units import parse_bytes, parse_hertz

Parse = Callable[[str], object]


def address(text: str) -> int:
    """An address as people write it. ValueError for what is none, or has more than 32 bits."""
    value = int(text, 0)
    if not 0 <= value < 1 << 32:
        raise ValueError(text)
    return value


QUESTIONS: Mapping[str, tuple[str, str, Parse]] = {
    "cpu": ("the core", "cortex-m4", str),
    "clock": ("its clock rate", "64 MHz", parse_hertz),
    "flash": ("the size of the flash", "256 KiB", parse_bytes),
    "flash_origin": ("the address of the first byte of flash", "0x08000000", address),
    "ram": ("the size of the RAM", "64 KiB", parse_bytes),
    "ram_origin": ("the address of the first byte of RAM", "0x20000000", address),
}
"""What a board's file needs: in words, with an example, and with what reads an answer."""


def asked(known: Mapping[str, str | None]) -> dict[str, str]:
    """The answers to all questions: those that are known, checked, and the others from a person at a terminal.

    Raises:
        UserErrors: answers that are wrong, or missing where nobody can be asked.
    """
    texts = {name: known.get(name) or (_from_person(name) if _is_asked() else None) for name in QUESTIONS}
    answers, errors = {}, list(_missing([name for name, text in texts.items() if text is None]))
    for name, text in texts.items():
        try:
            answers[name] = _checked(name, text or "")
        except UserError as error:
            errors += [error] if text else []
    if errors:
        raise UserErrors(errors)
    return answers


def _missing(names: Sequence[str]) -> Iterator[UserError]:
    if names:
        words = ("is", "it says") if len(names) == 1 else ("are", "they say")
        example = " ".join(f'{_option(name)} "{QUESTIONS[name][1]}"' for name in names)
        hint = "a CMSIS-Pack (.pdsc, .pack) of the chip in this folder tells all of it, a .svd file the core: --chip"
        problem = f"{words[0]} missing: {words[1]} {', '.join(QUESTIONS[name][0] for name in names)}"
        yield UserError(", ".join(map(_option, names)), problem, allowed=f"for instance {example}", hint=hint)


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _is_asked() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _from_person(name: str) -> str | None:
    what, example, _ = QUESTIONS[name]
    try:
        return input(f"{what}, for instance {example}: ").strip() or None
    except EOFError:
        return None


def _checked(name: str, text: str) -> str:
    _, example, parse = QUESTIONS[name]
    try:
        parse(text)
    except PydanticCustomError as error:
        context: Mapping[str, Any] = error.context or {}
        raise UserError(_option(name), error.message(), got=text, allowed=context["allowed"]) from None
    except ValueError:
        raise UserError(_option(name), "is no address", got=text, allowed=f"for instance {example}") from None
    return text
