"""Names and texts as nobody gives them in earnest. What they would do, if they did anything, is to leave a marker."""

from __future__ import annotations

import random

PIECES = (
    *("*/", "/*", "//", "*", "/", "\\", "\\\n", "\\\r\n", "??/", "??/\n", "?", "??=", "\n", "\r", "\0", "\v", "\f"),
    *("\x1b[31m", "\x9b2J", "\u202e", "\u2028", "\ud800", "\udcff", '"', "'", "`", "$", "${1}", "$(", "{{", "}}", "{%"),
    *("<b>", "</td>", "&amp;", "#define ", "#include ", "; int marker;", "*/ int marker; /*", '"; int marker; "'),
    *('R"(', ')"', "[x](y)", "|", "%s", "é", "日本", "\U0001f642", " ", "a", "b1", "_", "__", "0", "-", ".", ".."),
    *(",", ":", "]]>", "<!--", "-->"),
)  # fmt: skip

ONE_EACH = (
    "*\\ int marker; /*",
    "*/ int marker; /*",
    "ends in a backslash\\",
    "ends in a trigraph??/",
    "two\nint marker;\nlines",
    '"; int marker; //',
    "<script>marker</script>",
    "'><td>marker",
    "| a | b |\n|---|",
    "[marker](x) `code` **bold**",
    "\x1b]0;marker\x07\x1b[2J",
    "\u202egnp.exe",
    "\udc80\ud800",
    "nul\0byte",
    "[red]marker[/red] :smile:",
    'marker)\nmessage("',
    "marker\nkey=value",
    "${__import__('pathlib').Path('marker').touch()}",
    "`touch marker`",
)


def hostile(count: int, seed: int = 1) -> list[str]:
    """`count` texts of some pieces each, the same at each call."""
    source = random.Random(seed)
    made = ["".join(source.choices(PIECES, k=source.randrange(1, 9))) for _ in range(count - len(ONE_EACH))]
    return [*ONE_EACH, *made]
