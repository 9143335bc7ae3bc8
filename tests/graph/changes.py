"""A change of a file that its readers can tell: of C another object, of a template another text, of Python its code."""

from __future__ import annotations

import re
from pathlib import Path

FUNCTION = re.compile(r"^[a-z].*\) \{$", re.MULTILINE)
"""The first line of a function of ours, as clang-format leaves it where it fits into one."""

NO_OPERATION = '\n    __asm__ volatile("nop");'


def change(path: Path, number: int) -> None:
    """Another content that builds as well; `number` makes changes of one file differ."""
    text = path.read_text()
    path.write_text(CHANGES.get(path.suffix, _line)(text, f"changed {number}"))


def _c(text: str, mark: str) -> str:
    found = FUNCTION.search(text)
    if found is None:
        return f"{text}\n/* {mark} */\n"
    return f"{text[: found.end()]}{NO_OPERATION} /* {mark} */{text[found.end() :]}"


def _assembly(text: str, mark: str) -> str:
    return f"{text}\n    nop /* {mark} */\n"


def _python(text: str, mark: str) -> str:
    return f"{text}\n_CHANGED = {mark!r}\n"


def _line(text: str, mark: str) -> str:
    return f"{text}\n{mark}\n"


def _template(text: str, mark: str) -> str:
    return f"{text}\n/* {mark} */\n" if _is_c(text) else f"{text}\n# {mark}\n"


def _is_c(text: str) -> bool:
    return "/*" in text or "//" in text or "#include" in text


CHANGES = {
    **dict.fromkeys((".c", ".h"), _c),
    ".S": _assembly,
    ".py": _python,
    ".j2": _template,
    ".toml": lambda text, mark: f"{text}\n# {mark}\n",
}
