"""Layers that run by rows of their images: what each keeps, and in which order rows become rows.

A run of a layer reads a band of `span` rows of its input, all of them next to one another in memory, and writes `made`
rows of its output to the band of the next layer. Then it drops the `step` rows that no later run reads. Rows of padding
above and below the image are in the band as rows of `fill`, so all runs of a layer are calls of one shape. Of the
layers that have their rows the last one runs (ew_rows.h does the same), so bands stay small, and no row is computed
twice. A sum has two bands; an image that two layers read is in a band of each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from edgewright.kernels.call import Argument, Call, Input, Scratch

ALIGNMENT = 16
"""Of every band, in bytes."""

BAND_STATE_BYTES, LAYER_STATE_BYTES = 4, 2
"""Of `ew_rows_band_state`, and of the number of rows that a layer has made."""

INPUT = -1
"""As `Band.source`: the model's input."""

MOST = (1 << 15) - 1
"""Rows of an image, with padding: numbers of ew_rows.h have 16 bits."""


@dataclass(frozen=True)
class Band:
    """Rows of an image that a layer keeps to read them.

    Attributes:
        source: place of the layer that makes them; INPUT where the model is given them.
        rows, row_bytes: of the whole image.
        span: rows that a run reads.
        step: rows from the first one of a run to the first one of the next.
        above: rows of padding above the image.
        fill: what rows of padding are made of.
    """

    source: int
    rows: int
    row_bytes: int
    span: int
    step: int
    above: int = 0
    fill: int = 0

    @property
    def kept_bytes(self) -> int:
        """Of the rows that one run leaves to the next."""
        return (self.span - self.step) * self.row_bytes


@dataclass(frozen=True, eq=False)
class Layer:
    """A layer, by rows.

    Attributes:
        operator: number of its node in the file.
        op: of its node.
        variant: of its kernel.
        call: of one run; its scratch begins at 0.
        bands: by the place of the node's input.
        out_rows, out_row_bytes: of the image that it writes.
        made: rows that a run writes; they divide `out_rows`.
    """

    operator: int
    op: str
    variant: str
    call: Call
    bands: tuple[Band, ...]
    out_rows: int
    out_row_bytes: int
    made: int

    @property
    def runs(self) -> int:
        """How often it runs for an image."""
        return self.out_rows // self.made


@dataclass(frozen=True, eq=False)
class Rows:
    """Layers one after another that run by rows, and where their bands lie in the scratch that they share.

    Attributes:
        layers: in order.
        places: of the bands of each layer.
        kernels: place of the scratch of kernels; before all is the state of bands and layers.
        bytes: of scratch.
    """

    layers: tuple[Layer, ...]
    places: tuple[tuple[int, ...], ...]
    kernels: int
    bytes: int

    @property
    def bands(self) -> list[tuple[Band, int]]:
        """All bands with their places, in the order of layers."""
        pairs = zip(self.layers, self.places, strict=True)
        return [found for layer, places in pairs for found in zip(layer.bands, places, strict=True)]

    def readers(self, source: int) -> list[int]:
        """Numbers, in `bands`, of those that a layer's rows go to."""
        return [number for number, (band, _) in enumerate(self.bands) if band.source == source]

    @property
    def calls(self) -> tuple[Call, ...]:
        """A run of each layer, with its places, and the work of all of its runs."""
        pairs = zip(self.layers, self.places, strict=True)
        return tuple(_placed(layer, places, self.kernels) for layer, places in pairs)


def lay_out(layers: Sequence[Layer]) -> Rows:
    """Layers with their bands."""
    most = iter(held(layers))
    end = _up(BAND_STATE_BYTES * sum(len(layer.bands) for layer in layers) + LAYER_STATE_BYTES * len(layers))
    places = []
    for layer in layers:
        own = []
        for band in layer.bands:
            own.append(end)
            end += _up(next(most) * band.row_bytes)
        places.append(tuple(own))
    scratch = max((layer.call.scratch_bytes for layer in layers), default=0)
    return Rows(tuple(layers), tuple(places), end, end + scratch)


def held(layers: Sequence[Layer]) -> list[int]:
    """Rows that each band has to hold at most, by going through all of an image."""
    image = _Image(layers)
    for _ in range(next(band.rows for layer in layers for band in layer.bands if band.source == INPUT)):
        image.put(INPUT, 1)
        while (place := image.ready()) is not None:
            image.run(place)
    if image.made[-1] != layers[-1].out_rows:
        raise ValueError("layers by rows do not come to the end of their image")
    return image.most


class _Image:
    """How far layers have come: what ew_rows.h does, without the rows."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._layers = layers
        self._bands = [band for layer in layers for band in layer.bands]
        self._first = [sum(len(layer.bands) for layer in layers[:place]) for place in range(len(layers))]
        self._held = [band.above for band in self._bands]
        self._taken = [0] * len(self._bands)
        self.most = [max(band.above, band.span) for band in self._bands]
        self.made = [0] * len(layers)

    def put(self, source: int, rows: int) -> None:
        """Rows of a layer, or of the input, to all that read them."""
        for number, band in enumerate(self._bands):
            if band.source == source:
                self._held[number] += rows
                self._taken[number] += rows
                self.most[number] = max(self.most[number], self._held[number])

    def ready(self) -> int | None:
        """The last layer that has the rows of a run."""
        places = reversed(range(len(self._layers)))
        return next((p for p in places if self._is_open(p) and all(map(self._has_rows, self._own(p)))), None)

    def run(self, place: int) -> None:
        """One run of a layer."""
        for number in self._own(place):
            band = self._bands[number]
            self._held[number] = max(self._held[number], band.span) - band.step
        self.made[place] += self._layers[place].made
        self.put(place, self._layers[place].made)

    def _own(self, place: int) -> Iterator[int]:
        yield from range(self._first[place], self._first[place] + len(self._layers[place].bands))

    def _is_open(self, place: int) -> bool:
        return self.made[place] < self._layers[place].out_rows

    def _has_rows(self, number: int) -> bool:
        band = self._bands[number]
        return self._held[number] >= band.span or self._taken[number] == band.rows


def _placed(layer: Layer, places: Sequence[int], kernels: int) -> Call:
    call = layer.call
    arguments = tuple(_argument(argument, layer, places, kernels) for argument in call.arguments)
    work = None if call.work is None else {name: count * layer.runs for name, count in call.work.items()}
    return replace(call, arguments=arguments, work=work)


def _argument(argument: Argument, layer: Layer, places: Sequence[int], kernels: int) -> Argument:
    match argument:
        case Input() if argument.index < len(places):
            band, place = layer.bands[argument.index], places[argument.index]
            return Scratch(argument.name, band.span * band.row_bytes, argument.ctype, place, is_read=True)
        case Scratch():
            return replace(argument, offset=kernels + argument.offset)
    return argument


def _up(count: int) -> int:
    return -(-count // ALIGNMENT) * ALIGNMENT
