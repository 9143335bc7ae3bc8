"""What a build would do, and why: of each stage whether it is up to date, by SCons' record of the last build.

A build that finds `EDGEWRIGHT_EXPLAIN` in its environment writes this to the file that it names, and runs nothing.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from SCons.Node.Python import Value
from SCons.Util import hash_signature

from edgewright.files import write_json
from edgewright.pipeline import Stage
from edgewright.scons._truth import Changed

VARIABLE = "EDGEWRIGHT_EXPLAIN"

UP_TO_DATE, RUNS, FOLLOWS = "up to date", "runs", "follows"
"""`FOLLOWS`: it runs if what stages before it write is another than now."""

_VALUES = {"tools": "versions of tools", "programs": "a program of this machine", "content": "data of [data]"}


Declared = tuple[Stage, list[Any], list[str]]
"""A stage, the nodes of its outputs, and the paths of those of its files that are not what was built."""


def asked() -> Path | None:
    """Where the explanation goes; None for a build as usual."""
    path = os.environ.get(VARIABLE)
    return Path(path) if path else None


def write(path: Path, declared: Sequence[Declared], changed: Changed, root: Path) -> None:
    """Write what the stages would do, in the order of the graph.

    Args:
        path: the file; JSON, a list of {"title", "state", "why", "needs", "outputs", "words"}.
        declared: each stage.
        changed: whether an input has changed.
        root: the project's folder.
    """
    makers = {output: number for number, (stage, _, _) in enumerate(declared) for output in stage.outputs}
    told: list[dict[str, Any]] = []
    for stage, nodes, damaged in declared:
        needs = list(dict.fromkeys(makers[name] for name in stage.inputs if name in makers))
        why = list(dict.fromkeys(_why(nodes, damaged, changed, root)))
        waits = [told[number]["title"] for number in needs if told[number]["state"] != UP_TO_DATE]
        state = RUNS if why else FOLLOWS if waits else UP_TO_DATE
        told.append(
            {
                "title": stage.title,
                "state": state,
                "why": why or waits,
                "needs": needs,
                "outputs": list(stage.outputs),
                "words": list(stage.words),
            }
        )
    write_json(path, told)


def _why(nodes: Sequence[Any], damaged: Sequence[str], changed: Changed, root: Path) -> Iterator[str]:
    """Why the outputs would be made; nothing for those that are up to date."""
    missing = [_shown(node, root) for node in nodes if not node.exists()]
    if missing:
        yield f"{missing[0]} is not there" + (f", and {len(missing) - 1} more" if missing[1:] else "")
        return
    yield from (f"{name} is not what was built" for name in damaged)
    yield from _differences(nodes[0], changed, root)


def _differences(node: Any, changed: Changed, root: Path) -> Iterator[str]:
    before = _before(node)
    if before is None:
        yield f"nothing is known of how {_shown(node, root)} was built"
        return
    now = node.children()
    yield from _files(node, {child: state for child, state in before if _is_file(child)}, changed, root)
    yield from _values(
        [child for child in now if not _is_file(child)], [s for child, s in before if not _is_file(child)]
    )
    if hash_signature(node.get_executor().get_contents()) != node.get_stored_info().binfo.bactsig:
        yield "its options have changed"


def _before(node: Any) -> list[tuple[Any, Any]] | None:
    """What a node was made of, and the state that each of it had; None where it is not known."""
    info = node.get_stored_info().binfo
    try:
        info.prepare_dependencies()
        children = (*info.bsources, *info.bdepends, *info.bimplicit)
        states = (*info.bsourcesigs, *info.bdependsigs, *info.bimplicitsigs)
    except AttributeError:
        return None
    return list(zip(children, states, strict=True))


def _files(node: Any, before: Mapping[Any, Any], changed: Changed, root: Path) -> Iterator[str]:
    now = [child for child in node.children() if _is_file(child)]
    yield from (f"{_shown(child, root)} is not read any more" for child in before if child not in now)
    for child in now:
        if child not in before:
            yield f"{_shown(child, root)} was not read before"
        elif changed(child, node, before[child]):
            yield f"{_shown(child, root)} has changed"


def _values(now: Sequence[Any], before: Sequence[Any]) -> Iterator[str]:
    """Dependencies that are no files: of those before, the record has the content alone, in the same order."""
    if len(now) != len(before):
        yield "what it depends on besides files is another"
        return
    for value, old in zip(now, before, strict=True):
        if value.get_csig() != old.csig:
            kind, _, name = str(value.name).partition(":")
            what = f"{name}: its files" if kind == "data" else _VALUES.get(kind, kind)
            yield f"{what} changed{_entries(value, old.csig)}"


def _is_file(node: Any) -> bool:
    return not isinstance(node, Value)


def _shown(node: Any, root: Path) -> str:
    path = Path(node.get_abspath())
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)


def _entries(value: Any, before: str) -> str:
    """Which entries of two tables differ; empty where they are no tables."""
    with suppress(ValueError, SyntaxError):
        old, new = ast.literal_eval(before), ast.literal_eval(value.get_csig())
        if isinstance(old, dict) and isinstance(new, dict):
            names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
            short = str(value.name).startswith("tools:")
            return ": " + ", ".join(f"{name} {old.get(name)} -> {new.get(name)}" if short else name for name in names)
    return ""
