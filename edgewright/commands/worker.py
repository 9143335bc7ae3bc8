"""Runs stages of builds that ask for it: `scons executor=dask://host:port`, here or on other machines.

edgewright worker dask://127.0.0.1:8786 [--cpu N] [--ram 4GiB] [--gpu N] [--board DEVICE] [--folder DIR] [--store 10GiB]
    [--cold]

A worker runs the code of the builds that it works for, as the user that it runs as. It offers cores, memory and what
else is named, and never runs more at once than that has room for. It starts TensorFlow when it begins and keeps it, in
some 300 MB, so that no stage waits for that. It ends with Ctrl-C; when the scheduler ends, it waits for the next one.
"""

from __future__ import annotations

import argparse
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from edgewright import interrupts, registry, units
from edgewright.command_line import run
from edgewright.errors import UserError
from edgewright.executors import LEARNS, address_in, board_name
from edgewright.remote import BOUND_BYTES, set_up

SUMMARY = "runs stages of builds that ask for it with executor="


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    arguments = parser().parse_args(argv)
    address = address_in(Path.cwd(), arguments.address)
    if address is None:
        raise UserError(arguments.address, "is this machine", allowed="the address of an engine: dask://host:port")
    worker = set_up(arguments.folder, arguments.store)
    engine = registry.executors.load(address.engine)
    interrupts.end_alike(signal.SIGTERM, signal.SIGINT)
    try:
        with suppress(KeyboardInterrupt):  # which is how it ends
            offered = offers(arguments)
            if not arguments.cold and offered["ram"] >= LEARNS.ram_bytes:
                worker.warm_up()
            engine.work(address, offered, worker.folder / "engine")
    finally:
        worker.close()
    return 0


def offers(arguments: argparse.Namespace) -> Mapping[str, float]:
    """What the worker has, by name."""
    found: dict[str, float] = {"cpu": arguments.cpu, "ram": arguments.ram or _memory()}
    if arguments.gpu:
        found["gpu"] = arguments.gpu
    return found | {f"board:{board_name(device)}": 1.0 for device in arguments.board}


def _memory() -> int:
    """Bytes of memory that this machine has."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def parser() -> argparse.ArgumentParser:
    """What it takes."""
    formatter = argparse.RawDescriptionHelpFormatter
    made = argparse.ArgumentParser(prog="edgewright worker", description=__doc__, formatter_class=formatter)
    made.add_argument("address", metavar="ADDRESS", help="of the scheduler: dask://host:port, dask+tls://host:port")
    cores = len(os.sched_getaffinity(0))
    made.add_argument("--cpu", type=_count, default=cores, metavar="N", help=f"cores; {cores} by default")
    made.add_argument("--ram", type=_bytes, metavar="SIZE", help="memory, for instance 4GiB; all by default")
    made.add_argument("--gpu", type=int, default=0, metavar="N", help="graphics processors; none by default")
    device = "a device that is here: serial:/dev/ttyACM0, pi.lab:22 of ssh, adb:SERIAL; repeatable"
    made.add_argument("--board", action="append", default=[], metavar="DEVICE", help=device)
    made.add_argument("--folder", type=Path, help="where it keeps files; by default one in your cache folder")
    made.add_argument(
        "--store", type=_bytes, default=BOUND_BYTES, metavar="SIZE", help="most of these; 10GiB by default"
    )
    cold = "start TensorFlow with the first stage that needs it, and end it after ten minutes without one"
    made.add_argument("--cold", action="store_true", help=cold)
    return made


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def _bytes(text: str) -> int:
    try:
        return units.parse_bytes(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no size: for instance 4GiB") from None


if __name__ == "__main__":
    run(main)
