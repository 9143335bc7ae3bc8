"""Accuracy against bytes on the device as a drawing: a line for each model and method, the seeds' spread upright."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import NamedTuple

from benchmarks.compression._table import Summary

_LEFT, _TOP, _WIDTH, _HEIGHT, _BOTTOM = 72, 56, 620, 400, 60
_LEGEND = 300
_COLOURS = ("#4e79a7", "#f28e2b", "#59a14f", "#b07aa1", "#e15759", "#76b7b2", "#9c755f", "#edc948")
_DENSE = "#555"
_MARKS = ("M-4-4H4V4H-4z", "M0-5 5 0 0 5-5 0z", "M0-5 5 4H-5z", "M0 5-5-4H5z")  # square, diamond, triangles
_STYLE = """
text { font: 12px system-ui, sans-serif; fill: #222 }
.title { font-size: 15px; font-weight: 600 }
.small { font-size: 10px; fill: #555 }
.grid { stroke: #ddd; stroke-width: 1 }
.line { fill: none; stroke-width: 1.5; stroke-opacity: .7 }
.spread { stroke-width: 1.5 }
.peer { fill: #999; fill-opacity: .18 }
.halo { stroke: #fff; stroke-width: 3px; stroke-linejoin: round }
"""


class Peer(NamedTuple):
    """A published ratio: so many times smaller than float32 weights, at least and at most, of networks like these."""

    name: str
    ratios: tuple[int, int]
    residual: bool


PEERS = (
    Peer("Deep Compression's 39-49x", (39, 49), residual=False),  # LeNet-5 and VGG-16, arXiv:1510.00149
    Peer("entropy-penalised reparameterisation's 606x", (606, 606), residual=False),  # LeNet-5, arXiv:1906.06624
    Peer("entropy-penalised reparameterisation's 24x", (24, 24), residual=True),  # ResNet-18, the same
)
_LEAST_WIDTH = 3  # pixels of a peer's band


@dataclass(frozen=True)
class _Scale:
    """From bytes (a logarithm) and accuracies to pixels."""

    bytes: tuple[float, float]
    accuracy: tuple[float, float]

    def x(self, size: float) -> float:
        low, high = map(math.log, self.bytes)
        return _LEFT + _WIDTH * (math.log(size) - low) / (high - low)

    def y(self, accuracy: float) -> float:
        low, high = self.accuracy
        return _TOP + _HEIGHT * (1 - (accuracy - low) / (high - low))


class _Style(NamedTuple):
    """How a line is drawn: the path of its marks, one for each model, and its colour, one for each method."""

    mark: str
    colour: str

    def at(self, x: float, y: float) -> str:
        """A mark: the opening tag of a path."""
        return f'<path d="{self.mark}" transform="translate({x:.1f} {y:.1f})" fill="{self.colour}">'


def render(found: Sequence[Summary]) -> str:
    """The drawing as an SVG document; of recipes for a microcontroller only those without a twin on another board."""
    shown = _without_twins(found)
    scale = _scale(shown)
    lines = _lines(shown)
    parts = [
        _opening(),
        f'<text class="title" x="{_LEFT}" y="26">Accuracy of the finished model against bytes of its weights</text>',
        *_grid(scale),
        *_captions(),
        *_peers(scale, shown),
    ]
    for number, (name, line) in enumerate(lines.items()):
        style = _Style(_mark(name, lines), _colour(name, lines))
        parts += [*_line(scale, line, style), *_entry(number, name, style)]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _without_twins(found: Sequence[Summary]) -> list[Summary]:
    elsewhere = {one.first.recipe for one in found if one.first.runtime != "aot"}
    return [
        one for one in found if one.first.runtime != "aot" or one.first.recipe.removesuffix("-mcu") not in elsewhere
    ]


def _size(summary: Summary) -> float:
    return summary.mean("device_bytes") or 1


def _scale(shown: Sequence[Summary]) -> _Scale:
    sizes = [_size(summary) for summary in shown]
    lows, highs = zip(*(summary.spread for summary in shown), strict=True)
    floor, ceiling = math.floor(100 * min(lows)) / 100, math.ceil(100 * max(highs) + 0.1) / 100
    sizes += [size for _, _, edges in _published(shown) for size in edges]
    return _Scale((min(sizes) / 1.3, max(sizes) * 1.5), (floor, max(ceiling, floor + 0.01)))


def _lines(shown: Sequence[Summary]) -> dict[tuple[str, str], list[Summary]]:
    """By model and method, from large to small; each method's line begins at the dense model."""
    lines: dict[tuple[str, str], list[Summary]] = {}
    for summary in shown:
        lines.setdefault((summary.first.model, " + ".join(summary.first.passes)), []).append(summary)
    dense = {model: line for (model, method), line in lines.items() if not method}
    whole = {name: line + (dense.get(name[0], []) if name[1] else []) for name, line in lines.items()}
    return {name: sorted(line, key=_size, reverse=True) for name, line in whole.items()}


def _colour(name: tuple[str, str], lines: dict[tuple[str, str], list[Summary]]) -> str:
    methods = [method for method in dict.fromkeys(method for _, method in lines) if method]
    return _COLOURS[methods.index(name[1]) % len(_COLOURS)] if name[1] else _DENSE


def _mark(name: tuple[str, str], lines: dict[tuple[str, str], list[Summary]]) -> str:
    models = list(dict.fromkeys(model for model, _ in lines))
    return _MARKS[models.index(name[0]) % len(_MARKS)]


def _opening() -> str:
    width, height = _LEFT + _WIDTH + _LEGEND, _TOP + _HEIGHT + _BOTTOM
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    background = '<rect width="100%" height="100%" fill="#fff"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">\n<style>{_STYLE}</style>\n{background}'


def _grid(scale: _Scale) -> Iterator[str]:
    low, high = scale.accuracy
    step = 0.01 if high - low > 0.04 else 0.0025
    for number in range(round((high - low) / step) + 1):
        y = scale.y(low + number * step)
        yield f'<line class="grid" x1="{_LEFT}" x2="{_LEFT + _WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>'
        text = f"{100 * (low + number * step):.4g} %"
        yield f'<text class="small" x="{_LEFT - 6}" y="{y + 3:.1f}" text-anchor="end">{text}</text>'
    for size in _ticks(*scale.bytes):
        x = scale.x(size)
        yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{_TOP + _HEIGHT}"/>'
        text = f"{size / 1000:g} kB"
        yield f'<text class="small" x="{x:.1f}" y="{_TOP + _HEIGHT + 16}" text-anchor="middle">{text}</text>'


def _ticks(low: float, high: float) -> list[int]:
    """1, 2 and 5 of each power of ten in the range."""
    sizes = [digit * 10**power for power in range(10) for digit in (1, 2, 5)]
    return [size for size in sizes if low <= size <= high]


def _captions() -> Iterator[str]:
    x, y = _LEFT + _WIDTH / 2, _TOP + _HEIGHT
    yield f'<text x="{x:.0f}" y="{y + 42}" text-anchor="middle">bytes of weights, all that they need counted</text>'
    turn = f'transform="rotate(-90 14 {y - _HEIGHT / 2:.0f})"'
    yield f'<text x="14" y="{y - _HEIGHT / 2:.0f}" {turn} text-anchor="middle">accuracy on test data, int8</text>'


def _published(shown: Sequence[Summary]) -> Iterator[tuple[Peer, str, tuple[float, float]]]:
    """Each peer with a model like its own, and the bytes that its ratios would leave of that."""
    for summary in shown:
        for peer in PEERS if not summary.first.passes else ():
            if peer.residual == _is_residual(summary.first.model):
                least, most = peer.ratios
                yield peer, summary.first.model, (4 * summary.first.weights / most, 4 * summary.first.weights / least)


def _peers(scale: _Scale, shown: Sequence[Summary]) -> Iterator[str]:
    """Where the published ratios would lie for each model, whatever its accuracy then."""
    for peer, model, (low, high) in _published(shown):
        left, right = scale.x(low), scale.x(high)
        width = max(right - left, _LEAST_WIDTH)
        text = escape(f"{peer.name}, of {model}")
        place = f'x="{left:.1f}" width="{width:.1f}" y="{_TOP}" height="{_HEIGHT}"'
        yield f'<rect class="peer" {place}><title>{text}</title></rect>'
        at = f'x="{left - 4:.1f}" y="{_TOP + 12}" transform="rotate(-90 {left - 4:.1f} {_TOP + 12})"'
        for kind in ("small halo", "small"):  # the letters once more: not every viewer knows paint-order
            yield f'<text class="{kind}" text-anchor="end" {at}>{text}</text>'


def _line(scale: _Scale, line: Sequence[Summary], style: _Style) -> Iterator[str]:
    points = " ".join(f"{scale.x(_size(one)):.1f},{scale.y(one.accuracy):.1f}" for one in line)
    yield f'<polyline class="line" stroke="{style.colour}" points="{points}"/>'
    for one in line:
        if one.first.passes or style.colour == _DENSE:  # a method's line begins at the dense model, which has its own
            yield from _point(scale, one, style)


def _point(scale: _Scale, one: Summary, style: _Style) -> Iterator[str]:
    x, y = scale.x(_size(one)), scale.y(one.accuracy)
    low, high = (scale.y(accuracy) for accuracy in one.spread)
    yield f'<line class="spread" stroke="{style.colour}" x1="{x:.1f}" x2="{x:.1f}" y1="{low:.1f}" y2="{high:.1f}"/>'
    text = f"{one.first.recipe}: {100 * one.accuracy:.2f} % at {_size(one):,.0f} bytes, {len(one.rows)} seeds"
    yield f"{style.at(x, y)}<title>{escape(text)}</title></path>"


def _is_residual(model: str) -> bool:
    return "resnet" in model


def _entry(number: int, name: tuple[str, str], style: _Style) -> Iterator[str]:
    """A line of the legend."""
    x, y = _LEFT + _WIDTH + 24, _TOP + 12 + 20 * number
    yield f"{style.at(x, y - 4)}</path>"
    yield f'<text x="{x + 14}" y="{y}">{escape(", ".join([name[0], name[1] or "int8"]))}</text>'
