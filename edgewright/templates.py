"""What makes files from templates/, and lets no text into them that means something there.

A template says by its own name what it makes: model.h.j2 C, compare.html.j2 HTML. Whatever stands in its braces is
looked at as it is put in. Numbers and plain words pass; any other text has to be `Safe`, as edgewright.c_text and the
filters `comment`, `string`, `word` and `md` give it. What is not is refused: a sink that was forgotten does no harm.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgewright import c_text
from edgewright.errors import UserError
from edgewright.home import home
from edgewright.text import Safe, plain

if TYPE_CHECKING:
    import jinja2


_CODE = re.compile(r"(?:(?!/\*|\*/|//|\?\?)[ !%&()*+,\-./0-9:;<=>?@A-Z\[\]^_a-z{|}~])*")
"""Text of C that begins no literal, no comment and no line; in a comment or a literal it ends none."""

_WORDS = re.compile(r"(?:(?!//)[ ()+,\-./0-9A-Z_a-z`])*")
"""What means nothing in build files, JSON and Markdown."""

_LANGUAGES = {".c": _CODE, ".h": _CODE, ".ino": _CODE, ".ld": _CODE}


def render(name: str, folders: Sequence[Path] = (), /, **values: Any) -> str:
    """The text of a template; `folders` are searched before the project's own templates/.

    Raises:
        UserError: text in `values` means something in the file's language.
        jinja2.TemplateError: the template is not valid, or names what there is not.
    """
    return template(name, folders).render(values)


def template(name: str, folders: Sequence[Path] = ()) -> jinja2.Template:
    """The same, to be filled in."""
    import jinja2

    page = name.endswith(".html.j2")
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader([*folders, home() / "templates"]),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=page,  # noqa: S701 - the others are no HTML
        finalize=_shown if page else _checked(name),
    )
    environment.filters.update(comment=c_text.comment, string=c_text.string, word=_word, md=markdown)
    return environment.get_template(name)


def _shown(value: Any) -> Any:
    """For a page, which escapes what means something in HTML itself."""
    return plain(value) if type(value) is str else value


def _checked(name: str) -> Callable[[Any], Any]:
    pattern = _LANGUAGES.get(Path(name.removesuffix(".j2")).suffix, _WORDS)

    def finalize(value: Any) -> Any:
        if not isinstance(value, str) or isinstance(value, Safe) or pattern.fullmatch(value):
            return value
        raise UserError(name.removesuffix(".j2"), "this text cannot stand in the file", got=value)

    return finalize


def _word(text: str) -> Safe:
    """`text` as a part of an identifier, which it has to be already."""
    if not re.fullmatch(r"\w+", text, re.ASCII):
        raise UserError("name of a constant", "is no word", got=text, allowed="letters, digits and _")
    return Safe(text)


def markdown(text: str) -> Safe:
    """`text` in a paragraph or a table of Markdown: it shows as it is written, on one line."""
    shown = "".join(f"\\{char}" if char in _PUNCTUATION else char for char in plain(text))
    return Safe(shown.replace("<", "&lt;").replace(">", "&gt;"))


_PUNCTUATION = "\\`*_{}[]()#+!|~$@"
