"""Folders of the device cache that were damaged are made anew."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from edgewright.devices.tools.device_cache import ensure

CONTENT = b"\x7fELF plugin"


class Maker:
    """Makes a folder, and counts how often."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self, folder: Path) -> None:
        self.made += 1
        (folder / "lib").mkdir()
        (folder / "lib/plugin.so").write_bytes(CONTENT)
        (folder / "link.so").symlink_to("lib/plugin.so")


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGEWRIGHT_CACHE", str(tmp_path))


def truncate(plugin: Path) -> None:
    os.truncate(plugin, 3)


def remove(plugin: Path) -> None:
    plugin.unlink()


def change(plugin: Path) -> None:
    plugin.write_bytes(CONTENT[::-1])


def change_under_its_time(plugin: Path) -> None:
    stamp = plugin.stat()
    plugin.write_bytes(CONTENT[::-1])
    os.utime(plugin, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))


def reshape(plugin: Path) -> None:
    folder = plugin.parents[1]
    folder.with_name(f".{folder.name}.json").write_text('{"lib/plugin.so": []}')


def forget(plugin: Path) -> None:
    folder = plugin.parents[1]
    folder.with_name(f".{folder.name}.json").write_text("")


@pytest.mark.parametrize(
    "damage", [truncate, remove, change, change_under_its_time, reshape, forget], ids=lambda damage: damage.__name__
)
def test_a_damaged_folder_is_made_anew(damage: Callable[[Path], None], capfd: pytest.CaptureFixture[str]) -> None:
    maker = Maker()
    plugin = ensure("counter", {"source": 1}, maker) / "lib/plugin.so"
    damage(plugin)
    assert ensure("counter", {"source": 1}, maker) / "lib/plugin.so" == plugin
    assert plugin.read_bytes() == CONTENT
    assert maker.made == 2
    assert capfd.readouterr().err.endswith("is damaged: it is made anew\n")


def test_one_that_is_whole_is_not(capfd: pytest.CaptureFixture[str]) -> None:
    maker = Maker()
    plugin = ensure("counter", {"source": 1}, maker) / "lib/plugin.so"
    os.utime(plugin)
    (plugin.parent / "more").write_text("what a run leaves there is not its own")
    ensure("counter", {"source": 1}, maker)
    assert maker.made == 1
    assert capfd.readouterr().err == ""


def test_one_of_an_earlier_version_has_no_record() -> None:
    maker = Maker()
    folder = ensure("counter", {"source": 1}, maker)
    folder.with_name(f".{folder.name}.json").unlink()
    ensure("counter", {"source": 1}, maker)
    assert maker.made == 1
