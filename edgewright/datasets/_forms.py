"""The forms in which `load()` may give its data: arrays, pairs, a dictionary; each part may be a stream of examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from edgewright.errors import UserError

WANTED = (
    "(train_x, train_y, test_x, test_y), the same with validation_x, validation_y before test_x, pairs in that order, "
    '(train, test) or (train, validation, test), or a dictionary with "train", "test" and perhaps "validation"'
)
PAIR = "a pair (x, y) of arrays, a tf.data.Dataset or a generator of such pairs, one example each"
NAMES = {2: ("train", "test"), 3: ("train", "validation", "test")}
MOST = 10_000_000
"""Examples that a stream may have: one that goes on has no end."""


class Part(NamedTuple):
    """Examples and labels as they were given: array-likes, not looked at yet."""

    x: Any
    y: Any


def parts(given: Any, where: str, limit: int | None = None) -> dict[str, Part]:
    """The parts that `load()` gave by name, in order: "train", "validation" where it has one, "test".

    Args:
        given: what `load()` returned.
        where: how messages call it.
        limit: how many examples are taken of each stream; None: all.

    Raises:
        UserError: it is none of the forms.
    """
    named = _named(given, where)
    return {name: _part(part, f"{where}: {name}", limit) for name, part in named.items()}


def _named(given: Any, where: str) -> dict[str, Any]:
    if given is None:
        raise UserError(where, "load() gives nothing", allowed=WANTED, hint="end it with return")
    if isinstance(given, Mapping):
        return _of_dictionary(given, where)
    size = len(given) if isinstance(given, tuple | list) else 0
    if size in NAMES and all(hasattr(part, "shape") for part in given):
        raise UserError(where, f"load() gives {size} arrays", got=f"{size} values", allowed=WANTED)
    if size in NAMES:
        return dict(zip(NAMES[size], given, strict=True))
    if size // 2 in NAMES and size % 2 == 0:
        pairs = zip(given[::2], given[1::2], strict=True)
        return dict(zip(NAMES[size // 2], pairs, strict=True))
    got = f"{size} values" if isinstance(given, tuple | list) else type(given).__name__
    raise UserError(where, "load() gives something else than training and test data", got=got, allowed=WANTED)


def _of_dictionary(given: Mapping[str, Any], where: str) -> dict[str, Any]:
    found = set(given)
    if found != {"train", "test"} and found != {*NAMES[3]}:
        raise UserError(where, "load() gives a dictionary with other keys", got=sorted(map(str, given)), allowed=WANTED)
    return {name: given[name] for name in NAMES[3] if name in given}


def _part(part: Any, where: str, limit: int | None) -> Part:
    if isinstance(part, tuple | list) and len(part) == 2:
        return Part(*part)
    stream = _stream(part)
    if stream is None:
        got = f"{len(part)} values" if isinstance(part, tuple | list) else type(part).__name__
        raise UserError(where, "is neither arrays nor a stream of examples", got=got, allowed=PAIR)
    return _collected(stream, where, limit)


def _stream(part: Any) -> Iterator[Any] | None:
    """The examples of a tf.data.Dataset, a generator, or a function that makes one; None for anything else."""
    if hasattr(part, "as_numpy_iterator"):
        examples: Iterator[Any] = iter(_single(part).as_numpy_iterator())
        return examples
    if isinstance(part, Iterator):
        return part
    return iter(part()) if callable(part) else None


def _single(dataset: Any) -> Any:
    """A tf.data.Dataset of single examples: batches, whose first length is open, are taken apart."""
    spec = dataset.element_spec
    first = spec[0] if isinstance(spec, tuple) else spec
    shape = getattr(first, "shape", None)
    batched = shape is not None and shape.rank and shape[0] is None
    return dataset.unbatch() if batched else dataset


def _collected(stream: Iterator[Any], where: str, limit: int | None) -> Part:
    xs: list[Any] = []
    ys: list[Any] = []
    for example in islice(stream, limit if limit is not None else MOST + 1):
        if not isinstance(example, tuple | list) or len(example) != 2:
            got = f"{len(example)} values" if isinstance(example, tuple | list) else type(example).__name__
            raise UserError(where, f"example {len(xs)} is no pair", got=got, allowed="(x, y), one example each")
        xs.append(example[0])
        ys.append(example[1])
    if len(xs) > MOST:
        hint = "end it after one pass over the data, without repeat()"
        raise UserError(where, f"has no end: more than {MOST:,} examples", hint=hint)
    return Part(xs, ys)
