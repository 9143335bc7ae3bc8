from pathlib import Path

import pytest

from edgewright.errors import UserError
from edgewright.files import canonical_json, read_json, read_manifest, sha256_file, staged, write_json, write_text


def test_a_failed_write_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "old")

    def fail() -> None:
        with staged(path) as aside:
            aside.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_folders_are_made(tmp_path: Path) -> None:
    write_json(tmp_path / "x/y.json", {"b": 1, "a": [1.5]})
    assert read_json(tmp_path / "x/y.json") == {"b": 1, "a": [1.5]}
    assert (tmp_path / "x/y.json").read_text().endswith("}\n")


def test_canonical_json_ignores_order() -> None:
    assert canonical_json({"b": 1, "a": {"d": 2, "c": 3}}) == canonical_json({"a": {"c": 3, "d": 2}, "b": 1})


def test_sha256(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert sha256_file(tmp_path / "a").startswith("ba7816bf8f01cfea414140de5dae2223")


@pytest.mark.parametrize("name", ["../kept.c", "/etc/kept", "kernels/../../kept.h", ""])
def test_a_manifest_stays_in_its_folder(name: str, tmp_path: Path) -> None:
    """What a manifest lists is removed when it is made anew, or by `scons -c`."""
    write_json(tmp_path / "bundle.json", {"files": {"src/a.c": "00", name: "00"}})
    with pytest.raises(UserError, match="it names a file outside its folder"):
        read_manifest(tmp_path / "bundle.json")


def test_a_manifest_is_read(tmp_path: Path) -> None:
    write_json(tmp_path / "bundle.json", {"files": {"src/a..b.c": "00"}})
    assert read_manifest(tmp_path / "bundle.json") == {"src/a..b.c": "00"}
