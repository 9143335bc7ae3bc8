"""Serves the page of the project in this folder: all builds, and live the one that runs.

edgewright serve [--port 8321] [--host 127.0.0.1]

It shows which stages run and have run, trainings epoch by epoch, and the pages of builds. It listens on this machine
alone unless told otherwise, and answers those who have the token that is in the printed address.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from edgewright.command_line import run
from edgewright.errors import ToolError, UserError

SUMMARY = "the page of the project, live while a build runs"
_PORT = 8321


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    arguments = parser().parse_args(argv)
    project = Path.cwd()
    if not (project / "SConstruct").is_file():
        raise UserError(str(project), "is no project: no SConstruct is in it", hint="go into the folder of one")
    try:
        from edgewright.server import serve
    except ImportError as error:
        raise ToolError(f"edgewright serve: {error}; hint: pip install 'edgewright[serve]'") from error
    with suppress(KeyboardInterrupt):  # which is how it ends
        serve(project, arguments.host, arguments.port)
    return 0


def parser() -> argparse.ArgumentParser:
    """What it takes."""
    made = argparse.ArgumentParser(
        prog="edgewright serve", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--host", default="127.0.0.1", help="address to listen on; this machine alone by default")
    made.add_argument("--port", type=int, default=_PORT, help=f"{_PORT} by default; 0 takes one that is free")
    return made


if __name__ == "__main__":
    run(main)
