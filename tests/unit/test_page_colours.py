"""The colours of pages: told apart by people with any kind of colour blindness, and seen against their ground.

Colour blindness: Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision
Deficiency", IEEE TVCG 15 (2009), severity 1. Differences: CIE 1976 in L*a*b*, D65. Contrast: WCAG 2.1.
"""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest
from numpy.typing import NDArray

from edgewright.home import home

Colours = dict[str, str]
Array = NDArray[np.float64]

STYLE = (home() / "templates/page/page.css").read_text(encoding="utf-8")
KINDS = {
    "all": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
CHARTS = tuple(f"c{number}" for number in range(1, 8))
APART = 20.0  # twice the difference of colours that nobody confuses side by side
THEMES = range(4)


def themes() -> list[Colours]:
    """The colours of each part of the style sheet that sets them: light, dark twice, paper."""
    blocks = re.findall(r"\{([^{}]*--c1:[^{}]*)\}", STYLE)
    return [dict(re.findall(r"--([\w-]+): (#[0-9a-f]+)", block)) for block in blocks]


def linear(colour: str) -> Array:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    value = np.array([int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)])
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def lab(rgb: Array) -> Array:
    x = (XYZ @ np.clip(rgb, 0, 1)) / (XYZ @ np.ones(3))
    f = np.where(x > 0.008856, np.cbrt(x), 7.787 * x + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def contrast(a: str, b: str) -> float:
    high, low = sorted((float(XYZ[1] @ linear(colour)) for colour in (a, b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("kind", KINDS)
def test_no_two_colours_of_charts_are_taken_for_each_other(theme: int, kind: str) -> None:
    colours = themes()[theme]
    seen = {name: lab(np.array(KINDS[kind]) @ linear(colours[name])) for name in CHARTS}
    pairs = {(a, b): float(np.linalg.norm(seen[a] - seen[b])) for a, b in itertools.combinations(CHARTS, 2)}
    assert {pair: apart for pair, apart in pairs.items() if apart < APART} == {}


@pytest.mark.parametrize("theme", THEMES)
def test_all_is_seen_against_its_ground(theme: int) -> None:
    colours = themes()[theme]
    assert [name for name in CHARTS if contrast(colours[name], colours["paper"]) < 3] == []
    words = ("ink", "soft", "good", "bad", "link")
    grounds = [(name, ground) for name in words for ground in ("paper", "raised")]
    grounds += [("good", "good-soft"), ("bad", "bad-soft")]
    assert [pair for pair in grounds if contrast(*(colours[name] for name in pair)) < 4.5] == []


def test_the_two_dark_ones_are_the_same() -> None:
    assert len(themes()) == len(THEMES)
    assert themes()[1] == themes()[2]


@pytest.mark.parametrize(("a", "b", "ratio"), [("#ffffff", "#000000", 21.0), ("#777777", "#ffffff", 4.48)])
def test_contrast_of_published_pairs(a: str, b: str, ratio: float) -> None:
    assert contrast(a, b) == pytest.approx(ratio, abs=0.01)
