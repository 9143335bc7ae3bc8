"""Arrays that are stored coded, and made again before a kernel reads them.

A kernel then runs on the bytes that it would find in flash, in as many cycles. What is coded is its own array, in the
order that the kernel wants. It is unpacked once, at start-up into RAM or at installation into flash
(ew_weights_unpack.h), or decoded in each inference, into the scratch of its layer (weights_decode.h).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from edgewright.coding import MOST, MOST_CLASSES, Form, as_words, best_form, count_decisions, encode
from edgewright.kernels.call import (
    LISTS,
    PAIRS,
    PLAIN,
    SHIFTED_TAPS,
    TAPS,
    Argument,
    Call,
    Const,
    Packing,
    Piece,
    Scratch,
    Unpacked,
)
from edgewright.kernels.weight_formats import DECODER_BYTES

DECODER = "weights_decode"
"""The kernel that decodes an array into scratch. What unpacks one before the model runs takes as long."""

LEAST_BYTES = 64
"""Of an array that is worth it."""

PLAIN_PAYS = 0.9
"""Plain bytes are coded if their code is at most this part of them."""


def unpacked(calls: Sequence[Call]) -> tuple[Call, ...] | None:
    """The calls with all arrays of weights that codes make smaller unpacked; None where there is none."""
    made = tuple(replace(call, arguments=tuple(_argument(each) for each in call.arguments)) for call in calls)
    return made if any(pieces_of(made)) else None


def decoded(calls: Sequence[Call]) -> tuple[Call, ...]:
    """Calls of which arrays are unpacked, behind others that decode these into scratch.

    They lie behind the scratch of the calls, whose beginning is the decoder's until they run.
    """
    pieces = [each.lists or each.piece for each in _unpacked_of(calls)]
    sizes = [_round_up8(len(piece.image)) for piece in pieces]
    first = _round_up8(max(DECODER_BYTES, *(call.scratch_bytes for call in calls)))
    places = list(accumulate(sizes[:-1], initial=first))
    decoders = [_decoder(piece, at) for piece, at in zip(pieces, places, strict=True)]
    left = iter(places)
    users = [replace(call, arguments=tuple(_in_scratch(each, left) for each in call.arguments)) for call in calls]
    return (*decoders, *users)


def _in_scratch(argument: Argument, places: Iterator[int]) -> Argument:
    """What is unpacked as a part of scratch, at the next place."""
    if not isinstance(argument, Unpacked):
        return argument
    return Scratch(argument.name, len(argument.piece.image), argument.ctype, next(places), is_read=True)


def decoding_work(piece: Piece) -> dict[str, float]:
    """How much it is to decode a piece; `Call.work` of DECODER."""
    image = np.frombuffer(piece.image, np.int8)
    nonzero = int(np.count_nonzero(unlisted(image, piece.packing) if piece.packing.form == LISTS else image))
    return {"decision": piece.decisions, "nonzero": nonzero, "byte": len(piece.image)}


def why_not(calls: Sequence[Call]) -> str:
    """Why no array of the calls is stored coded, in a few words."""
    constants = [(a.data, a.packing) for call in calls for a in call.arguments if isinstance(a, Const)]
    known = [(data, packing) for data, packing in constants if data is not None and _is_known(data, packing)]
    large = [(data, packing) for data, packing in known if data.nbytes >= LEAST_BYTES]
    if any(np.any(_bodies(*_image(data, packing)) < -MOST) for data, packing in large):
        return "a weight is -128"
    if not known:
        return "its kernel takes no weights in a form that can be coded"
    return "codes would be no smaller" if large else f"it has fewer than {LEAST_BYTES} bytes of weights"


def _decoder(piece: Piece, at: int) -> Call:
    packing = piece.packing
    shape = (
        ("bytes", len(piece.code)),
        ("lead", packing.lead),
        ("body", packing.symbols),
        ("tail", packing.tail),
        ("times", piece.times),
        ("form", packing.form),
        ("plain_bytes", piece.plain_bytes),
    )
    plain = np.frombuffer(piece.plain, np.int8) if piece.plain else None
    arguments = (
        Const("weights", as_words(piece.code), f"{len(piece.code)} bytes of coded weights", "int32_t"),
        Const("plain", plain, "biases and factors"),
        Scratch("to", len(piece.image), offset=at),
        Scratch("scratch", DECODER_BYTES),
    )
    work = decoding_work(piece)
    return Call(DECODER, "ew_weights_decode_shape", shape, arguments, may_fail=True, work=work)


def _round_up8(size: int) -> int:
    return -(-size // 8) * 8


def pieces_of(calls: Sequence[Call]) -> list[Piece]:
    """What the calls have unpacked."""
    return [each.piece for each in _unpacked_of(calls)]


def _unpacked_of(calls: Sequence[Call]) -> list[Unpacked]:
    return [each for call in calls for each in call.arguments if isinstance(each, Unpacked)]


def _argument(argument: Argument) -> Argument:
    if not isinstance(argument, Const) or argument.data is None or argument.data.nbytes < LEAST_BYTES:
        return argument
    found = _found(argument.data, argument.packing)
    return argument if found is None else Unpacked(argument.name, found, argument.ctype, _lists(argument))


def _lists(argument: Const) -> Piece | None:
    if argument.data is None or argument.packing is None or argument.packing.form != LISTS:
        return None
    return lists(argument.data.tobytes(), argument.packing)


def _found(data: NDArray[np.generic], packing: Packing | None) -> Piece | None:
    return piece(*_image(data, packing)) if _is_known(data, packing) else None


def _is_known(data: NDArray[np.generic], packing: Packing | None) -> bool:
    """Whether it is known which bytes are weights; of others than int8 only their packing tells."""
    return packing is not None or data.dtype == np.int8


def _image(data: NDArray[np.generic], packing: Packing | None) -> tuple[bytes, Packing]:
    image = np.ascontiguousarray(data).astype(data.dtype.newbyteorder("<")).tobytes()
    is_bytes = packing is None or packing.form == LISTS
    return image, Packing(0, len(image), 0, PLAIN) if is_bytes or packing is None else packing


@lru_cache(maxsize=256)
def piece(image: bytes, packing: Packing) -> Piece | None:
    """An array as codes; None where they are no smaller, or a weight is -128, which has none.

    Args:
        image: its bytes, little endian.
        packing: which of them are weights.
    """
    weights = _bodies(image, packing)
    if np.any(weights < -MOST):
        return None
    rows = _rows(image, packing)
    beside = np.concatenate([rows[:, : packing.lead], rows[:, packing.lead + packing.body :]], axis=1)
    form = best_form(weights, ())
    made = Piece(image, encode(weights, form), beside.tobytes(), packing, count_decisions(weights, form))
    made = _with_coded_plain(made, beside)
    return made if made.bytes < len(image) else None


def _with_coded_plain(made: Piece, beside: NDArray[np.int8]) -> Piece:
    """The piece with the bytes beside its weights coded, where that pays; int8 (times, bytes of a row).

    Biases and factors of neighbours have high bytes in common: what is coded is what each nibble is other than in the
    row before, each place of a row in a class of its own.
    """
    form = Form(1, 2 * beside.shape[1])
    if not beside.size or form.contexts > MOST_CLASSES:
        return made
    bytes_ = beside.view(np.uint8)
    changes = bytes_ ^ np.concatenate([np.zeros_like(bytes_[:1]), bytes_[:-1]])
    nibbles = np.stack([changes & 15, changes >> 4], axis=-1).astype(np.int8)
    code = encode(nibbles, form)
    if len(code) > PLAIN_PAYS * beside.size:
        return made
    decisions = made.decisions + count_decisions(nibbles, form)
    return replace(made, plain=code, plain_is_coded=True, decisions=decisions)


@lru_cache(maxsize=64)
def lists(image: bytes, packing: Packing) -> Piece:
    """Lists of weights as codes of the weights themselves, zeros and all."""
    weights = unlisted(np.frombuffer(image, np.int8), packing)
    form = best_form(weights)
    return Piece(image, encode(weights, form), b"", packing, count_decisions(weights, form))


def unlisted(image: NDArray[np.int8], packing: Packing) -> NDArray[np.int8]:
    """int8 (blocks, channels, units): the weights that LISTS hold."""
    found, at = np.zeros((packing.tail, packing.lead, packing.body), np.int8), 0
    numbers = image.view(np.uint8)
    for block in found:
        used, at = int(numbers[at]), at + 1
        for _ in range(used):
            channel, count = numbers[at : at + 2]
            pairs = slice(at + 2, at + 2 + 2 * int(count))
            block[channel, numbers[pairs][::2]] = image[pairs][1::2]
            at = pairs.stop
    return found


def _rows(image: bytes, packing: Packing) -> NDArray[np.int8]:
    return np.frombuffer(image, np.int8).reshape(-1, packing.lead + packing.body + packing.tail)


def _bodies(image: bytes, packing: Packing) -> NDArray[np.int16]:
    """The weights that the bytes stand for: high ones of pairs lose what a negative low one took."""
    rows = _rows(image, packing)
    if packing.form in (TAPS, SHIFTED_TAPS):
        return _taps(rows, packing)
    weights = rows[:, packing.lead : packing.lead + packing.body].astype(np.int16)
    if packing.form == PAIRS:
        weights[:, 1::2] += weights[:, ::2] < 0
    return weights


def _taps(rows: NDArray[np.int8], packing: Packing) -> NDArray[np.int16]:
    body = np.ascontiguousarray(rows[:, packing.lead : packing.lead + packing.body])
    halves = body.view("<i2").reshape(len(rows), -1, 4)[:, :, [0, 1, 3]].reshape(len(rows), -1)
    shift = rows[:, packing.lead - 4, None].astype(np.int16) if packing.form == SHIFTED_TAPS else np.int16(1)
    return np.asarray(halves >> shift, np.int16)
