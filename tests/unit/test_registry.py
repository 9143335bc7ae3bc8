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
    from importlib.metadata import EntryPoint

    entry = EntryPoint("colours", "colorsys", "edgewright.datasets")
    monkeypatch.setattr("edgewright.registry.entry_points", lambda group: [entry] if group == entry.group else [])
    registry = Registry("data set", "edgewright.datasets")
    assert "colours" in registry.names()
    assert registry.load("colours").__name__ == "colorsys"


def test_an_entry_that_exists_already_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.metadata import EntryPoint

    entry = EntryPoint("mnist", "colorsys", "edgewright.datasets")
    monkeypatch.setattr("edgewright.registry.entry_points", lambda **_: [entry])
    with pytest.raises(UserError, match="exists already"):
        Registry("data set", "edgewright.datasets").names()
