"""Layers that run by rows of their images: what each keeps, and in which order rows become rows.

A run of a layer reads a band of `span` rows of its input, all of them next to one another in memory, and writes `made`
rows of its output to the band of the next layer. Then it drops the `step` rows that no later run reads. Rows of padding
above and below the image are in the band as rows of `fill`, so all runs of a layer are calls of one shape. Of the
layers that have their rows the last one runs (ew_rows.h does the same), so bands stay small, and no row is computed
twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from edgewright.kernels.call import Argument, Call, Input, Scratch

ALIGNMENT = 16
"""Of the band of every layer, in bytes."""

STATE_BYTES = 8
"""Of a layer: `ew_rows_state`."""

MOST = (1 << 15) - 1
"""Rows of an image, with padding: numbers of ew_rows.h have 16 bits."""


@dataclass(frozen=True, eq=False)
class Layer:
    """A layer, by rows.

    Attributes:
        operator: number of its node in the file.
        op: of its node.
        variant: of its kernel.
        call: of one run; its scratch begins at 0.
        rows, row_bytes: of the image that it reads.
        out_rows, out_row_bytes: of the image that it writes.
        span: rows that a run reads.
        step: rows from the first one of a run to the first one of the next.
        made: rows that a run writes; they divide `out_rows`.
        above: rows of padding above the image.
        fill: what rows of padding are made of.
    """

    operator: int
    op: str
    variant: str
    call: Call
    rows: int
    row_bytes: int
    out_rows: int
    out_row_bytes: int
    span: int
    step: int
    made: int
    above: int
    fill: int

    @property
    def kept_bytes(self) -> int:
        """Of the rows that one run leaves to the next."""
        return (self.span - self.step) * self.row_bytes

    @property
    def runs(self) -> int:
        """How often it runs for an image."""
        return self.out_rows // self.made


@dataclass(frozen=True, eq=False)
class Rows:
    """Layers one after another that run by rows, and where their bands lie in the scratch that they share.

    Attributes:
        layers: in order.
        places: of the band of each layer.
        kernels: place of the scratch of kernels; before all is the state of each layer.
        bytes: of scratch.
    """

    layers: tuple[Layer, ...]
    places: tuple[int, ...]
    kernels: int
    bytes: int

    @property
    def calls(self) -> tuple[Call, ...]:
        """A run of each layer, with its places, and the work of all of its runs."""
        pairs = zip(self.layers, self.places, strict=True)
        return tuple(_placed(layer, place, self.kernels) for layer, place in pairs)


def lay_out(layers: Sequence[Layer]) -> Rows:
    """Layers with their bands."""
    places, end = [], _up(STATE_BYTES * len(layers))
    for layer, held in zip(layers, bands(layers), strict=True):
        places.append(end)
        end += _up(held * layer.row_bytes)
    scratch = max((layer.call.scratch_bytes for layer in layers), default=0)
    return Rows(tuple(layers), tuple(places), end, end + scratch)


def bands(layers: Sequence[Layer]) -> list[int]:
    """Rows that each layer has to keep at most, by going through all of an image."""
    held = [layer.above for layer in layers]
    taken, made, most = [0] * len(layers), [0] * len(layers), [max(layer.above, layer.span) for layer in layers]
    for _ in range(layers[0].rows):
        held[0], taken[0] = held[0] + 1, taken[0] + 1
        most[0] = max(most[0], held[0])
        while (place := _ready(layers, held, taken, made)) is not None:
            layer = layers[place]
            held[place] = max(held[place], layer.span) - layer.step
            made[place] += layer.made
            if place + 1 < len(layers):
                held[place + 1] += layer.made
                taken[place + 1] += layer.made
                most[place + 1] = max(most[place + 1], held[place + 1])
    if made[-1] != layers[-1].out_rows:
        raise ValueError("layers by rows do not come to the end of their image")
    return most


def _ready(layers: Sequence[Layer], held: Sequence[int], taken: Sequence[int], made: Sequence[int]) -> int | None:
    """The last layer that has the rows of a run."""
    for place in reversed(range(len(layers))):
        layer = layers[place]
        if made[place] < layer.out_rows and (held[place] >= layer.span or taken[place] == layer.rows):
            return place
    return None


def _placed(layer: Layer, place: int, kernels: int) -> Call:
    call = layer.call
    arguments = tuple(_argument(argument, layer, place, kernels) for argument in call.arguments)
    work = None if call.work is None else {name: count * layer.runs for name, count in call.work.items()}
    return replace(call, arguments=arguments, work=work)


def _argument(argument: Argument, layer: Layer, place: int, kernels: int) -> Argument:
    match argument:
        case Input():
            return Scratch(argument.name, layer.span * layer.row_bytes, argument.ctype, place, is_read=True)
        case Scratch():
            return replace(argument, offset=kernels + argument.offset)
    return argument


def _up(count: int) -> int:
    return -(-count // ALIGNMENT) * ALIGNMENT
