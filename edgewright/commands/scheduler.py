"""The meeting point of builds and workers: `edgewright scheduler dask://127.0.0.1:8786`, on one machine.

It listens where the address says and nowhere else, and runs no stage itself. It ends with Ctrl-C.
"""

from __future__ import annotations

import argparse
import signal
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from edgewright import interrupts, registry
from edgewright.command_line import run
from edgewright.errors import UserError
from edgewright.executors import address_in

SUMMARY = "the meeting point of builds and workers, for executor="


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    arguments = parser().parse_args(argv)
    address = address_in(Path.cwd(), arguments.address)
    if address is None:
        raise UserError(arguments.address, "is this machine", allowed="the address of an engine: dask://host:port")
    interrupts.end_alike(signal.SIGTERM, signal.SIGINT)
    with suppress(KeyboardInterrupt):  # which is how it ends
        registry.executors.load(address.engine).serve(address)
    return 0


def parser() -> argparse.ArgumentParser:
    """What it takes."""
    formatter = argparse.RawDescriptionHelpFormatter
    made = argparse.ArgumentParser(prog="edgewright scheduler", description=__doc__, formatter_class=formatter)
    made.add_argument("address", metavar="ADDRESS", help="where it listens: dask://host:port, dask+tls://host:port")
    return made


if __name__ == "__main__":
    run(main)
