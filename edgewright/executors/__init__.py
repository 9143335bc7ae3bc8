"""Engines that run stages on other machines: each module that does not begin with "_" is one.

The contract of an engine `executors/<name>.py` (out of tree: an entry point of the group "edgewright.executors"), which
is chosen by `executor=<name>://host:port`:

    connect(address: Address) -> Engine
        the build's side of it. ToolError: it is not there, or does not let us in.
    serve(address: Address) -> None
        be the meeting point of builds and workers; to the end of the process.
    work(address: Address, offers: Mapping[str, float], folder: Path) -> None
        be a worker that has these resources, and a folder for what the engine itself writes; to the end of the process.

Resources are numbers by name: "cpu", "ram" in bytes, "gpu", "board:<name>". A launcher of the engine's own, for Slurm
or Kubernetes, gives its workers the same names.

Importing an engine's module is cheap: its library is imported inside functions.
"""

from edgewright.executors._address import Address, Tls, address_of
from edgewright.executors._base import (
    LEARNS,
    MIB,
    Call,
    Engine,
    Host,
    LostError,
    Message,
    Needs,
    Stopped,
    board_name,
)
from edgewright.executors._settings import LOCAL, address_in

__all__ = [
    "LEARNS",
    "LOCAL",
    "MIB",
    "Address",
    "Call",
    "Engine",
    "Host",
    "LostError",
    "Message",
    "Needs",
    "Stopped",
    "Tls",
    "address_in",
    "address_of",
    "board_name",
]
