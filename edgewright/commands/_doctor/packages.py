"""Python, and the packages that Edgewright and its extras ask for."""

from __future__ import annotations

import platform
import sys
from collections.abc import Collection, Iterator
from importlib.metadata import PackageNotFoundError, metadata, requires, version

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from edgewright.commands._doctor.finding import MISSING, OK, WRONG, Finding

GROUP = "Python"
EXTRAS = {
    "train": "training, compression and quantization",
    "runtime": "models on this machine and on Linux-class boards",
    "data": "pictures and sounds in [data], models that come along",
    "search": "edgewright search",
    "serve": "edgewright serve",
    "dask": "stages on other machines: executor=dask://host:port",
    "onnx": "ONNX models",
}


def findings(needed: Collection[str]) -> Iterator[Finding]:
    """Of Python, of what Edgewright always needs, and of its extras; `needed` are those that count."""
    asked = _requirements()
    allowed = str(metadata("edgewright")["Requires-Python"]) if asked else ""
    fits = platform.python_version() in SpecifierSet(allowed)
    text = f"{platform.python_version()}, {sys.executable}"
    yield Finding(GROUP, "python", OK if fits else WRONG, text, fix=None if fits else f"take a Python {allowed}")
    yield _base([each for each in asked if not _extra(each)])
    for extra, purpose in EXTRAS.items():
        yield from _of_extra(extra, purpose, asked, needed=extra in needed)


def _requirements() -> list[Requirement]:
    try:
        return [Requirement(line) for line in requires("edgewright") or ()]
    except PackageNotFoundError:
        return []


def _extra(requirement: Requirement) -> str:
    """The extra that asks for it; empty for what is always needed."""
    marker = requirement.marker
    if marker is None or marker.evaluate({"extra": ""}):
        return ""
    return next((extra for extra in EXTRAS if marker.evaluate({"extra": extra})), "-")


def _base(asked: list[Requirement]) -> Finding:
    if not asked:
        fix = "pip install edgewright, or in a checkout: ./sconsw --setup"
        return Finding(GROUP, "edgewright", MISSING, "runs from its folder, is not installed", fix=fix)
    wrong = [text for each in asked if _applies(each, "") and (text := _fault(each))]
    if wrong:
        return Finding(GROUP, "edgewright", WRONG, "; ".join(wrong), fix="pip install edgewright")
    return Finding(GROUP, "edgewright", OK, f"{version('edgewright')}, with all that it always needs")


def _of_extra(extra: str, purpose: str, asked: list[Requirement], *, needed: bool) -> Iterator[Finding]:
    for each in asked:
        if _extra(each) == extra and _applies(each, extra):
            fault = _fault(each)
            state = OK if not fault else WRONG if _version(each.name) else MISSING
            text = fault or str(_version(each.name))
            fix = f'pip install "edgewright[{extra}]"' if fault else None
            yield Finding(GROUP, each.name, state, text, purpose, fix, needed)


def _applies(requirement: Requirement, extra: str) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _fault(requirement: Requirement) -> str:
    """What is wrong with the package; empty when nothing is."""
    found = _version(requirement.name)
    if found is None:
        return f"{requirement.name} is not installed"
    if requirement.specifier.contains(found, prereleases=True):
        return ""
    return f"{requirement.name} is {found}, wanted: {requirement.specifier}"
