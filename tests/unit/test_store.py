"""The store of a worker: files by their hash, whole or not at all, checked, and at most so many bytes."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from edgewright.remote._store import Store


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def kept(store: Store, content: bytes) -> str:
    store.put(digest(content), content)
    return digest(content)


def test_what_comes_whole_or_in_parts(tmp_path: Path) -> None:
    store = Store(tmp_path, 1000)
    assert not store.has(digest(b"abc"))
    assert store.has(kept(store, b"abc"))
    store.part(digest(b"01234"), 0, b"012", 5)
    assert not store.has(digest(b"01234"))
    store.part(digest(b"01234"), 3, b"34", 5)
    assert store.read(digest(b"01234"), 1, 3) == b"123"


def test_what_has_another_hash_is_refused(tmp_path: Path) -> None:
    store = Store(tmp_path, 1000)
    with pytest.raises(ValueError, match=digest(b"abc")):
        store.put(digest(b"abc"), b"abd")
    with pytest.raises(ValueError, match=digest(b"abc")):
        store.part(digest(b"abc"), 0, b"abd", 3)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_what_a_stage_damaged_is_dropped(tmp_path: Path) -> None:
    store = Store(tmp_path / "store", 1000)
    found = kept(store, b"abc")
    store.link(found, tmp_path / "job/in")
    with (tmp_path / "job/in").open("r+b") as file:
        file.write(b"x")
    os.utime(tmp_path / "job/in", ns=(1, 1))
    assert not store.has(found)


def test_the_bound(tmp_path: Path) -> None:
    store = Store(tmp_path, 100)
    old, held, used = (kept(store, letter * 30) for letter in (b"a", b"b", b"c"))
    assert store.has(old)  # which makes it the one that was used last
    with store.holding([held]):
        new = kept(store, b"d" * 30)
        assert [store.has(each) for each in (old, held, used, new)] == [True, True, False, True]


def test_what_an_earlier_worker_left(tmp_path: Path) -> None:
    found, damaged = (kept(Store(tmp_path, 100), content) for content in (b"abc", b"def"))
    (tmp_path / "half.part").write_bytes(b"half")
    Store(tmp_path, 100).path(damaged).write_bytes(b"deg")
    store = Store(tmp_path, 100)
    assert store.has(found)
    assert not store.has(damaged)
    assert not (tmp_path / "half.part").exists()


def test_two_that_wait_for_one_file(tmp_path: Path) -> None:
    store, asked = Store(tmp_path, 100), []

    def ask(missing: list[str]) -> None:
        asked.append(missing)
        store.await_all([digest(b"abc")], asked.append, lambda: False)  # another, meanwhile
        store.put(digest(b"abc"), b"abc")

    assert store.await_all([digest(b"abc")], ask, lambda: True)
    assert asked == [[digest(b"abc")]]
