import subprocess
import sys
from importlib.metadata import EntryPoint, EntryPoints

import pytest

from edgewright.errors import UserError
from edgewright.registry import Registry, datasets


def test_a_module_registers_by_being_there() -> None:
    assert {"fashion-mnist", "mnist"} <= set(datasets.names())
    assert datasets.load("fashion-mnist").__name__ == "edgewright.datasets.fashion_mnist"


def test_private_modules_are_no_entries() -> None:
    assert not any(name.startswith(("_", "-")) for name in datasets.names())


def test_unknown_name() -> None:
    with pytest.raises(
        UserError, match=r"unknown data set, got 'fashion-mnits'.*\n  hint: did you mean 'fashion-mnist'"
    ):
        datasets.load("fashion-mnits")


def test_a_package_elsewhere_adds_an_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint("colours", "colorsys", "edgewright.datasets")
    monkeypatch.setattr("edgewright.registry._all_entries", lambda _: EntryPoints([entry]))
    registry = Registry("data set", "edgewright.datasets")
    assert "colours" in registry.names()
    assert registry.load("colours").__name__ == "colorsys"


def test_an_entry_that_exists_already_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint("mnist", "colorsys", "edgewright.datasets")
    monkeypatch.setattr("edgewright.registry._all_entries", lambda _: EntryPoints([entry]))
    with pytest.raises(UserError, match="exists already"):
        Registry("data set", "edgewright.datasets").names()


def test_a_build_with_nothing_to_do_waits_for_no_large_package() -> None:
    code = """
import sys
from edgewright import pipeline, registry, spec
for kind in (registry.passes, registry.transports, registry.programmers, registry.datasets):
    for name in kind.names():
        kind.load(name)
print(*{"numpy", "tflite", "tensorflow", "jinja2", "rich", "zstandard"}.intersection(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == ""
