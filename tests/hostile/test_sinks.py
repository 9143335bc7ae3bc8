"""Each sink with each hostile text: the file has the shape that it has with a harmless one, or the text is refused."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import jinja2
import pytest

from edgewright import templates
from edgewright.errors import UserError
from edgewright.spec.toml_text import tomllib
from edgewright.text import is_hidden
from tests.hostile.names import ONE_EACH, hostile
from tests.hostile.sinks import SINKS, Files

ROOT = Path(__file__).parents[2]
TEXTS = [*hostile(60, seed=7), *ONE_EACH]
TRIGRAPHS = {"=": "#", "/": "\\", "'": "^", "(": "[", ")": "]", "!": "|", "<": "{", ">": "}", "-": "~"}
TOKENS = re.compile(
    r'(?P<comment>/\*.*?\*/|//[^\n]*)|(?P<string>"(?:\\.|[^"\\\n])*")|(?P<other>\w+|[^\w\s])', re.DOTALL
)


def c_tokens(text: str) -> list[str]:
    """Tokens of C as a compiler sees them, without comments and without what is in strings."""
    text = re.sub(r"\?\?([=/'()!<>-])", lambda found: TRIGRAPHS[found[1]], text)
    text = re.sub(r"\\[ \t]*\r?\n", "", text)
    return ['""' if found["string"] else found[0] for found in TOKENS.finditer(text) if not found["comment"]]


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[object] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, [name for name, _ in attrs]))

    def handle_endtag(self, tag: str) -> None:
        self.found.append(tag)

    def handle_comment(self, _data: str) -> None:
        self.found.append("comment")


def html_tags(text: str) -> object:
    assert not any(map(is_hidden, text.replace("\n", "")))
    return Tags(text).found


def markdown_shape(text: str) -> object:
    """Lines by their kind, and all marks that are not written out."""
    assert not any(map(is_hidden, text.replace("\n", "")))
    bare = re.sub(r"\\[\\`*_{}\[\]()#+!|~$@]", "", text)
    return [re.findall(r"[`*\[\]|#<>]", line) for line in bare.split("\n")]


def terminal_shape(text: str) -> object:
    assert not any(map(is_hidden, text.replace("\n", "")))
    return None


def json_shape(text: str) -> object:
    return list(json.loads(text))


def toml_shape(text: str) -> object:
    found = tomllib.loads(text)
    if "compress" not in found:
        return sorted((key, sorted(value) if isinstance(value, dict) else "") for key, value in found.items())
    (entry,) = found["compress"]
    return [sorted(entry), len(entry["skip"]), len(entry["layers"])]


def words(text: str) -> object:
    """Build files take plain words alone: any other text is refused."""
    return len(text.split("\n"))


SHAPES: dict[str, Callable[[str], object]] = {
    **dict.fromkeys((".c", ".h", ".ino", ".ld"), c_tokens),
    ".toml": toml_shape,
    ".html": html_tags,
    ".md": markdown_shape,
    ".txt": terminal_shape,
    ".json": json_shape,
    "": words,
    **dict.fromkeys((".properties", ".yml", ".mk", ".pdsc"), words),
}


def shapes(files: Files) -> dict[str, object]:
    return {
        name: words(text) if name == "CMakeLists.txt" else SHAPES[Path(name).suffix](text)
        for name, text in files.items()
    }


def taken(sink: Callable[[str], Files], text: str) -> Files | None:
    """What the sink makes of a text; None when it refuses it, with a message."""
    try:
        return sink(text)
    except UserError as error:
        terminal_shape(str(error))
        return None


@pytest.mark.parametrize("sink", SINKS, ids=lambda sink: sink.__name__)
def test_no_text_changes_the_shape_of_a_file(sink: Callable[[str], Files]) -> None:
    expected = shapes(sink("harmless"))
    for text in TEXTS:
        if (files := taken(sink, text)) is None:
            continue
        assert {name.replace(text, "harmless"): shape for name, shape in shapes(files).items()} == expected, repr(text)


def test_every_template_is_in_a_sink(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = set()
    load = jinja2.Environment.get_template

    def recorded(environment: jinja2.Environment, name: str, *rest: str) -> jinja2.Template:
        seen.add(name)  # with the name of the template that imports it, where one does
        return load(environment, name, *rest)

    monkeypatch.setattr(jinja2.Environment, "get_template", recorded)
    sys.modules["edgewright.compiler.emit._write"]._template.cache_clear()
    for sink in SINKS:
        sink("harmless")
    folder = ROOT / "templates"
    there = {str(path.relative_to(folder)) for path in folder.rglob("*.j2")}
    own = {"new/board.toml.j2", "new/port.toml.j2", "new/port.c.j2"}  # the others hold names of kinds.NAME alone
    assert seen == {name for name in there if not name.startswith("new/") or name in own}


def test_there_is_one_maker_of_environments() -> None:
    makers = [
        p
        for p in (ROOT / "edgewright").rglob("*.py")
        if re.search(r"\bEnvironment\(\n|inja2\.Environment\(", p.read_text())
    ]
    assert [path.name for path in makers] == ["templates.py"]


def test_a_text_that_no_template_has_made_safe_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.c.j2").write_text("int {{ name }};\n")
    assert templates.render("x.c.j2", [tmp_path], name="a") == "int a;\n"
    with pytest.raises(UserError, match=r"x\.c: this text cannot stand in the file"):
        templates.render("x.c.j2", [tmp_path], name="a; /* b")
