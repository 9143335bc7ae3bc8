from pathlib import Path

import pytest

from edgewright.errors import UserError
from edgewright.spec.toml_text import read_toml

TEXT = """\
description = "x"
a.b = 1

[table]
key   = [
  "not_a_key = 1",
]
inline = { deep = 1 }

[[list]]
one = 1

[[list]]
two = 2
"""


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    path = tmp_path / "t.toml"
    path.write_text(TEXT)
    return path


@pytest.mark.parametrize(
    ("key", "where"),
    [
        (("description",), "t.toml:1: description"),
        (("a", "b"), "t.toml:2: a.b"),
        (("table", "key"), "t.toml:5: table.key"),
        (("table", "inline", "deep"), "t.toml:8: table.inline.deep"),
        (("table", "missing"), "t.toml:4: table.missing"),
        (("list", 0, "one"), "t.toml:11: list[0].one"),
        (("list", 1, "two"), "t.toml:14: list[1].two"),
        (("list", 1, "missing"), "t.toml:13: list[1].missing"),
        (("nothing",), "t.toml:1: nothing"),
        ((), "t.toml:1"),
    ],
)
def test_every_key_has_a_line(toml: Path, key: tuple[str | int, ...], where: str) -> None:
    assert read_toml(toml, "t.toml").where(key) == where


def test_a_key_in_quotes_has_a_line(tmp_path: Path) -> None:
    path = tmp_path / "t.toml"
    path.write_text('[vary]\n"a.b" = 1\n"c[0].layers.*" = 2\n')
    found = read_toml(path, "t.toml")
    assert found.where(("vary", "a.b")) == "t.toml:2: vary.a.b"
    assert found.where(("vary", "c[0].layers.*")).startswith("t.toml:3: ")


def test_not_toml(tmp_path: Path) -> None:
    (tmp_path / "t.toml").write_text('ok = 1\nbad = "\n')
    with pytest.raises(UserError, match=r"^t\.toml:2: not valid TOML"):
        read_toml(tmp_path / "t.toml", "t.toml")


def test_not_text(tmp_path: Path) -> None:
    (tmp_path / "t.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="cannot be read"):
        read_toml(tmp_path / "t.toml", "t.toml")
