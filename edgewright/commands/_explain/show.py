"""The graph for people: a tree, Mermaid, Graphviz."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence

from edgewright.commands._explain.ask import Node
from edgewright.text import lines, plain
from edgewright.times import Used
from edgewright.units import format_bytes

UP_TO_DATE = "up to date"
COLOURS = {UP_TO_DATE: "#d9ead3", "runs": "#f4cccc", "follows": "#fff2cc"}
_WIDTH = 160
_REASONS = 4


def tree(nodes: Sequence[Node], *, timing: bool) -> str:
    """Below each stage those whose results it reads; one that several read is told once, and named further on."""
    from rich.console import Console
    from rich.text import Text
    from rich.tree import Tree

    told: set[int] = set()

    def grow(branch: Tree, number: int) -> None:
        node = nodes[number]
        told.add(number)
        inner = branch.add(Text(_line(node, timing=timing)))
        for reason in reasons(node):
            inner.add(Text(reason))
        above = [nodes[need].title for need in node.needs if need in told]
        for need in node.needs:
            if need not in told:
                grow(inner, need)
        if above:
            inner.add(Text(f"(above: {', '.join(above)})"))

    root = Tree(Text(summary(nodes)))
    for number in _ends(nodes):
        grow(root, number)
    file = io.StringIO()
    Console(file=file, width=_WIDTH, color_system=None, emoji=False).print(root)
    return lines("\n".join(line.rstrip() for line in file.getvalue().splitlines()))


def mermaid(nodes: Sequence[Node], *, timing: bool) -> str:
    """A flow chart as Markdown pages show it."""
    shown = (f"    s{number}[{_quoted(_label(node, timing=timing))}]" for number, node in enumerate(nodes))
    arrows = (f"    s{need} --> s{number}" for number, node in enumerate(nodes) for need in node.needs)
    styles = (f"    classDef {_class(state)} fill:{colour},color:#000" for state, colour in COLOURS.items())
    classes = (f"    class s{number} {_class(node.state)}" for number, node in enumerate(nodes))
    return "\n".join(["graph LR", *shown, *arrows, *styles, *classes])


def dot(nodes: Sequence[Node], *, timing: bool) -> str:
    """The same in the language of Graphviz."""
    shown = (
        f"    s{number} [label={json.dumps(_label(node, timing=timing))}, fillcolor={json.dumps(COLOURS[node.state])}];"
        for number, node in enumerate(nodes)
    )
    arrows = (f"    s{need} -> s{number};" for number, node in enumerate(nodes) for need in node.needs)
    head = ["digraph build {", "    rankdir=LR;", '    node [shape=box, style="rounded,filled"];']
    return "\n".join([*head, *shown, *arrows, "}"])


def summary(nodes: Sequence[Node]) -> str:
    """How many stages there are in which state."""
    counts = {state: sum(node.state == state for node in nodes) for state in COLOURS}
    words = (f"{count} {state if count == 1 else state.removesuffix('s')}" for state, count in counts.items() if count)
    return f"{len(nodes)} stages: {', '.join(words)}"


def reasons(node: Node) -> list[str]:
    """Why a stage runs, or what it waits for."""
    if node.state == UP_TO_DATE:
        return []
    more = len(node.why) - _REASONS
    shown = [*node.why[:_REASONS], *([f"and {more} more"] if more > 0 else [])]
    if node.state == "follows":
        return [f"if the result of another is new: {', '.join(shown)}"]
    return [f"because {reason}" for reason in shown]


def used(of: Used | None) -> str:
    """What the last run took."""
    if of is None:
        return "not known"
    return f"{of.cpu_s:.1f} s of CPU, {of.wall_s:.1f} s, {format_bytes(of.peak_bytes)}"


def _line(node: Node, *, timing: bool) -> str:
    return f"{node.title}: {node.state}" + (f" ({used(node.used)})" if timing else "")


def _label(node: Node, *, timing: bool) -> str:
    return plain(f"{node.title} ({used(node.used)})" if timing else node.title)


def _ends(nodes: Sequence[Node]) -> list[int]:
    """The stages that nobody reads from, the last first."""
    read = {need for node in nodes for need in node.needs}
    return [number for number in reversed(range(len(nodes))) if number not in read]


def _class(state: str) -> str:
    return state.replace(" ", "_")


def _quoted(text: str) -> str:
    """Text for Mermaid, which takes character references in quotes."""
    escaped = "".join(char if char.isalnum() or char in " .,:()/_-" else f"#{ord(char)};" for char in text)
    return f'"{escaped}"'
