"""What `[search]` says twice, in the same words or in others: the second would be lost, or count double."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence

from edgewright.errors import UserError
from edgewright.search._space import Dimension
from edgewright.search._wanted import Limit, Objective, asked_of
from edgewright.sections.section import Key
from edgewright.spec import ProjectTarget

Where = Callable[[Key], str]


def objectives_twice(
    texts: Sequence[str], objectives: Sequence[Objective], targets: Sequence[ProjectTarget], where: Where
) -> Iterator[UserError]:
    """Of objectives that ask no target for a figure that it is not asked for before."""
    seen: dict[Hashable, int] = {}
    for number, (text, objective) in enumerate(zip(texts, objectives, strict=True)):
        asked = [*asked_of(text, objective, targets), objective.key]
        if all(each in seen for each in asked):
            first = seen[objective.key]
            hint = f'{where(("objectives", first)).rpartition(": ")[2]} is "{texts[first]}"'
            problem = "is a figure that is an objective already"
            yield UserError(where(("objectives", number)), problem, got=text, allowed="each figure once", hint=hint)
        for each in asked:
            seen.setdefault(each, number)


def once(objectives: Sequence[Objective]) -> tuple[Objective, ...]:
    """The objectives, those that are the same figure of the same target once."""
    return tuple({each.key: each for each in reversed(objectives)}.values())[::-1]


def bounds_twice(limits: Sequence[Limit], where: Where) -> Iterator[UserError]:
    """Of bounds on the same side of a figure, and of those that nothing is within."""
    seen: dict[tuple[Hashable, bool], int] = {}
    for number, limit in enumerate(limits):
        place = where(("bounds", number))
        if (first := seen.get((limit.key, limit.at_least))) is not None:
            told = f"{limit.name} is said by bounds[{first}] already"
            yield UserError(place, told, allowed="one most and one least of each figure")
            continue
        seen[limit.key, limit.at_least] = number
        other = seen.get((limit.key, not limit.at_least))
        least, most = (limit, limits[other or 0]) if limit.at_least else (limits[other or 0], limit)
        if other is not None and least.limit > most.limit:
            told = f"{limit.target}: no {limit.figure.name} is within this and bounds[{other}]"
            yield UserError(place, told, allowed="a least that is no more than the most")


def keys_twice(dimensions: Sequence[tuple[str, Dimension]], where: Where) -> Iterator[UserError]:
    """Of keys of `vary` that stand for what others stand for; each with the key as it was written."""
    seen: dict[Key, str] = {}
    told: set[str] = set()
    for written, each in dimensions:
        first = seen.setdefault(each.key, written)
        if first != written and written not in told:
            told.add(written)
            place, allowed = where(("vary", written)), "each key of a target file once"
            yield UserError(place, f'means what "{first}" means', got=each.name, allowed=allowed)
