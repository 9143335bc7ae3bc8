"""The memory plan as a drawing: time across, address up, one rectangle for each block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from edgewright.compiler.ir import Plan, Schedule
from edgewright.compiler.memory.blocks import Rectangle, headline, rectangles, step_name

_LEFT, _TOP, _BOTTOM, _RIGHT, _HEIGHT = 72, 56, 150, 24, 420
_COLOURS = ("#4e79a7", "#f28e2b", "#59a14f", "#b07aa1", "#76b7b2", "#edc948", "#e15759", "#9c755f")
_STYLE = """
text { font: 12px system-ui, sans-serif; fill: #222 }
.title { font-size: 15px; font-weight: 600 }
.small { font-size: 10px; fill: #555 }
.peak { fill: #c00; font-weight: 600 }
.block { stroke: #fff; stroke-width: 1.5; fill-opacity: .82 }
.label { fill: #111; stroke: #fff; stroke-width: 3; stroke-opacity: .7; paint-order: stroke; font-size: 11px }
.label { text-anchor: middle; dominant-baseline: central; pointer-events: none }
.grid { stroke: #ddd; stroke-width: 1 }
"""


@dataclass(frozen=True)
class _Scale:
    """From steps and bytes to pixels."""

    steps: int
    arena: int
    step_width: float

    def x(self, step: int) -> float:
        return _LEFT + (step + 1) * self.step_width

    def y(self, address: int) -> float:
        return _TOP + _HEIGHT * (1 - address / max(1, self.arena))

    @property
    def width(self) -> float:
        return max(self.x(self.steps + 1) + _RIGHT, 640)


def render_svg(name: str, schedule: Schedule, plan: Plan) -> str:
    """The plan as an SVG document.

    Args:
        name: of the model.
        schedule: what was planned.
        plan: addresses.
    """
    steps = len(schedule.steps)
    scale = _Scale(steps, plan.arena_bytes, min(64, max(6, 1100 / (steps + 2))))
    parts = [
        _opening(scale.width, _TOP + _HEIGHT + _BOTTOM),
        f'<text class="title" x="{_LEFT}" y="26">{escape(headline(name, schedule, plan))}</text>',
        *_grid(scale),
        *_peak(scale, plan),
        *_blocks(scale, rectangles(schedule, plan)),
        *_axis(scale, schedule, plan),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _opening(width: float, height: float) -> str:
    size = f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}"'
    background = '<rect width="100%" height="100%" fill="#fff"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">\n<style>{_STYLE}</style>\n{background}'


def _grid(scale: _Scale) -> Iterator[str]:
    unit = _unit(scale.arena)
    ticks = [*range(0, scale.arena - unit // 2, unit), scale.arena]
    for address in ticks:
        y = scale.y(address)
        yield f'<line class="grid" x1="{_LEFT}" x2="{scale.x(scale.steps + 1):.1f}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text class="small" x="{_LEFT - 8}" y="{y + 3:.1f}" text-anchor="end">{address:,}</text>'
    yield f'<text class="small" x="{_LEFT - 8}" y="{_TOP - 10}" text-anchor="end">bytes</text>'


def _unit(arena: int) -> int:
    """A power of two that cuts the arena into 4 to 8 parts."""
    unit = 1
    while arena // unit > 8:
        unit *= 2
    return unit


def _peak(scale: _Scale, plan: Plan) -> Iterator[str]:
    if plan.peak_step >= 0:
        x = scale.x(plan.peak_step)
        yield (
            f'<rect x="{x:.1f}" y="{_TOP - 8}" width="{scale.step_width:.1f}" height="{_HEIGHT + 14}" '
            'fill="#c00" fill-opacity=".10" stroke="#c00" stroke-dasharray="3 3"/>'
        )


def _blocks(scale: _Scale, blocks: Sequence[Rectangle]) -> Iterator[str]:
    """All rectangles, then all labels, so that no rectangle hides a label."""
    colour = 0
    labels: list[str] = []
    for block in blocks:
        x, y = scale.x(block.first), scale.y(block.address + block.bytes)
        width, height = scale.x(block.last + 1) - x, scale.y(block.address) - y
        fill = "#888" if block.is_scratch else _COLOURS[colour % len(_COLOURS)]
        colour += not block.is_scratch
        place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{max(height, 0.5):.1f}"'
        title = f"<title>{escape(_tooltip(block))}</title>"
        yield f'<rect class="block" {place} rx="2" fill="{fill}">{title}</rect>'
        labels += _label(block, (x + width / 2, y + height / 2), width, height)
    yield from labels


def _tooltip(block: Rectangle) -> str:
    return f"{block.name}: {block.bytes:,} bytes at {block.address:,}, steps {block.first}..{block.last}"


def _label(block: Rectangle, middle: tuple[float, float], width: float, height: float) -> Iterator[str]:
    """The block's size, in the rectangle where there is room, upright or turned."""
    text = f"{block.bytes:,}"
    needed = 7 * len(text)
    x, y = middle
    if width >= needed and height >= 13:
        yield f'<text class="label" x="{x:.1f}" y="{y:.1f}">{text}</text>'
    elif height >= needed and width >= 13:
        yield f'<text class="label" transform="translate({x:.1f} {y:.1f}) rotate(-90)">{text}</text>'


def _axis(scale: _Scale, schedule: Schedule, plan: Plan) -> Iterator[str]:
    """Names of steps under the drawing, turned; with many steps only some, and always the peak's."""
    y = _TOP + _HEIGHT + 14
    every = max(1, round(14 / scale.step_width))
    for number, step in enumerate(schedule.steps):
        is_peak = number == plan.peak_step
        near_peak = 0 < abs(number - plan.peak_step) < every
        if is_peak or (number % every == 0 and not near_peak):
            yield _turned(
                scale.x(number) + scale.step_width / 2, y, step_name(step), "small peak" if is_peak else "small"
            )
    yield _turned(scale.x(-1) + scale.step_width / 2, y, "before", "small")
    yield _turned(scale.x(scale.steps) + scale.step_width / 2, y, "after", "small")


def _turned(x: float, y: float, text: str, kind: str) -> str:
    return (
        f'<text class="{kind}" text-anchor="end" transform="translate({x:.1f} {y}) rotate(-50)">{escape(text)}</text>'
    )
