"""Shows the graph of a target and a model: what is up to date, what a build would run, and why. Nothing is built.

edgewright explain TARGET MODEL [--format tree|mermaid|dot|json] [--timing]
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict

from edgewright.command_line import run
from edgewright.commands._explain import show
from edgewright.commands._explain.ask import Node, nodes

SUMMARY = "the graph of a target and a model: what is up to date, what is not, and why"
FORMATS = ("tree", "mermaid", "dot", "json")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    arguments = parser().parse_args(argv)
    print(_shown(nodes(arguments.target, arguments.model), arguments.format, timing=arguments.timing))
    return 0


def parser() -> argparse.ArgumentParser:
    """What it takes."""
    formatter = argparse.RawDescriptionHelpFormatter
    made = argparse.ArgumentParser(prog="edgewright explain", description=__doc__, formatter_class=formatter)
    made.add_argument("target", metavar="TARGET", help="a file in targets/, without .toml")
    made.add_argument("model", metavar="MODEL", help="a folder in models/, or the path of a model")
    made.add_argument(
        "--format", choices=FORMATS, default="tree", help="mermaid and dot are for pages; json for programs"
    )
    made.add_argument("--timing", action="store_true", help="CPU, time and memory of each stage's last run here")
    return made


def _shown(found: Sequence[Node], form: str, *, timing: bool) -> str:
    if form == "json":
        return json.dumps([asdict(node) for node in found], indent=2)
    shown = {"tree": show.tree, "mermaid": show.mermaid, "dot": show.dot}[form]
    return shown(found, timing=timing)


if __name__ == "__main__":
    run(main)
