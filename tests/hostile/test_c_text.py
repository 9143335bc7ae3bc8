"""Whatever a name holds, a C compiler sees the same tokens: what is in comments and literals stays there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from edgewright import c_text
from edgewright.errors import UserError
from tests.hostile.names import hostile

NAMES = hostile(10_000)
ENCODED = [name.encode("utf-8", "surrogateescape") for name in NAMES if "\ud800" not in name]
TEXTS = [name for name in NAMES if "\ud800" not in name]


def _preprocessed(text: str, path: Path, *flags: str) -> str:
    path.write_text(text)
    command = ["gcc", "-E", "-P", "-std=c99", "-Wall", "-Werror", *flags, str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_comments_of_both_kinds_hold_any_name(tmp_path: Path) -> None:
    lines = [
        f"/* {c_text.comment(n)} */ int a{i}; // {c_text.comment(n)}\n int b{i}; /*{c_text.comment(n)}*/"
        for i, n in enumerate(NAMES)
    ]
    found = _preprocessed("\n".join(lines) + "\n", tmp_path / "comments.c")
    assert found.split() == [word for i in range(len(NAMES)) for word in ("int", f"a{i};", "int", f"b{i};")]


def test_identifiers_are_identifiers(tmp_path: Path) -> None:
    names = [f"{c_text.identifier(n)}_{i}" for i, n in enumerate(NAMES)]
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) and "__" not in name for name in names)
    found = _preprocessed("\n".join(f"int {name};" for name in names) + "\n", tmp_path / "names.c")
    assert found.split() == [word for name in names for word in ("int", f"{name};")]


def test_strings_hold_the_bytes_of_any_text(tmp_path: Path) -> None:
    rows = "\n".join(f"{{{c_text.string(text)}, sizeof {c_text.string(text)} - 1}}," for text in TEXTS)
    program = f"""#include <stdio.h>
static const struct {{ const char *text; size_t size; }} all[] = {{
{rows}
}};
int main(void) {{
    for (size_t i = 0; i < sizeof all / sizeof all[0]; ++i) {{
        fwrite(&all[i].size, sizeof(size_t), 1, stdout);
        fwrite(all[i].text, 1, all[i].size, stdout);
    }}
    return 0;
}}
"""
    (tmp_path / "strings.c").write_text(program)
    command = [
        "gcc",
        "-std=c99",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-o",
        str(tmp_path / "strings"),
        str(tmp_path / "strings.c"),
    ]
    subprocess.run(command, check=True)
    out = subprocess.run([tmp_path / "strings"], capture_output=True, check=True).stdout
    assert out == b"".join(len(data).to_bytes(8, "little") + data for data in ENCODED)


@pytest.mark.parametrize("name", ["string", "Math", "int", "a b", "", "é", "x\n", "1x"])
def test_names_that_cannot_be_those_of_c_files_are_refused(name: str) -> None:
    with pytest.raises(UserError, match="--name"):
        c_text.check_name(name)
