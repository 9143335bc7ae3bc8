"""Biases and factors of channels that are stored coded, and decoded into scratch before their kernel runs.

For every kernel that takes them as arrays of their own, whatever its core and the form of its weights.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from edgewright.coding import ChannelCode, best_fold, encode_channels
from edgewright.kernels.call import Argument, Call, Const, Scalar, Scratch
from edgewright.kernels.weight_formats import DECODER_BYTES, FOLD

DECODER = "weights_channels"
"""The kernel that decodes them."""

CALL_BYTES = 48
"""Of flash that a call of it takes beside the code, about: arguments, and its shape."""

FOLD_BYTES = 8
"""That a layer has to save for its biases to be folded, about: its share of the code that puts them right."""

_NAMES = ("bias", "multiplier", "shift")
_TYPES = ("int32", "int32", "int8")

Arrays = tuple[Const, Const, Const]


def with_coded_channels(calls: Sequence[Call], *, folds: bool = True) -> tuple[Call, ...]:
    """The calls behind others that decode what they need of each channel, where that is worth it; else as they are.

    With `folds` biases may be without what follows from the weights, which a kernel adds that knows how.
    """
    first = _round_up8(max(DECODER_BYTES, *(call.scratch_bytes for call in calls)))
    decoders: list[Call] = []
    users = []
    for call in calls:
        inside: dict[str, Scratch | Scalar] = {}
        for arrays in _arrays(call):
            fold = _fold(call, arrays) if folds else None
            code = _code(arrays, fold)
            if code is not None:
                places = _places(arrays, first)
                first = _round_up8(places[-1].offset + places[-1].bytes)
                decoders.append(_decoder(code, places))
                inside |= {
                    **{old.name: replace(new, name=old.name) for old, new in zip(arrays, places, strict=True)},
                    FOLD: Scalar(FOLD, 0 if fold is None else fold.times),
                }
        users.append(replace(call, arguments=tuple(_argument(each, inside) for each in call.arguments)))
    return (*decoders, *users)


def _arrays(call: Call) -> Iterator[Arrays]:
    """What a call takes of the channels of each of its layers."""
    constants = {a.name: a for a in call.arguments if isinstance(a, Const) and a.data is not None}
    for name in constants:
        if name.endswith(_NAMES[0]):
            before = name.removesuffix(_NAMES[0])
            found = [constants[before + each] for each in _NAMES if before + each in constants]
            if tuple(_dtype(each) for each in found) == _TYPES and len({_data(each).size for each in found}) == 1:
                yield found[0], found[1], found[2]


def _data(of: Const) -> NDArray[np.generic]:
    if of.data is None:
        raise ValueError(f"{of.name} has no data")
    return of.data


def _dtype(of: Const) -> str:
    return _data(of).dtype.name


@dataclass(frozen=True, eq=False)
class _Fold:
    """Biases are without so many times the sums of their weights."""

    times: int
    sums: NDArray[np.int64]


def _fold(call: Call, arrays: Arrays) -> _Fold | None:
    """What makes the code of biases shorter, where the kernel can put it back."""
    sums = next((a.sums for a in call.arguments if isinstance(a, Const) and a.sums is not None), None)
    bias, shift = _data(arrays[0]), _data(arrays[2])
    if sums is None or len(sums) != len(bias) or not any(each.name == FOLD for each in call.arguments):
        return None
    found = _Fold(best_fold(bias.astype(np.int32), shift.astype(np.int8), sums), sums)
    whole, less = _code(arrays, None), _code(arrays, found)
    return found if less is not None and (whole is None or len(less.data) + FOLD_BYTES < len(whole.data)) else None


def _code(arrays: Arrays, fold: _Fold | None) -> ChannelCode | None:
    """Their code; None where it saves nothing."""
    bias, multiplier, shift = (_data(each) for each in arrays)
    left = bias if fold is None else (bias.astype(np.int64) - fold.times * fold.sums).astype(np.int32)
    code = _encoded(left.tobytes(), multiplier.tobytes(), shift.tobytes())
    before = bias.nbytes + multiplier.nbytes + shift.nbytes
    return code if code is not None and len(code.data) + CALL_BYTES < before else None


@lru_cache(maxsize=256)
def _encoded(bias: bytes, multiplier: bytes, shift: bytes) -> ChannelCode | None:
    return encode_channels(
        np.frombuffer(bias, np.int32), np.frombuffer(multiplier, np.int32), np.frombuffer(shift, np.int8)
    )


def _places(arrays: Arrays, first: int) -> list[Scratch]:
    """Where they go, one behind the other."""
    places = []
    for each, name in zip(arrays, _NAMES, strict=True):
        places.append(Scratch(name, _data(each).nbytes, each.ctype, first, is_read=True))
        first = _round_up8(first + places[-1].bytes)
    return places


def _decoder(code: ChannelCode, places: Sequence[Scratch]) -> Call:
    channels = places[-1].bytes
    arguments: tuple[Argument, ...] = (
        Const("code", np.frombuffer(code.data, np.uint8), "coded biases and factors", "uint8_t"),
        *(replace(each, is_read=False) for each in places),
    )
    shape = (("channels", channels), ("bytes", len(code.data)))
    work = {"bit": code.bits}
    return Call(DECODER, f"ew_{DECODER}_shape", shape, arguments, constant=(), work=work)


def _argument(argument: Argument, inside: dict[str, Scratch | Scalar]) -> Argument:
    return inside.get(argument.name, argument) if isinstance(argument, (Const, Scalar)) else argument


def _round_up8(size: int) -> int:
    return -(-size // 8) * 8
