"""Where stages run, as the command line, the environment and machines.toml say."""

from __future__ import annotations

from pathlib import Path

from edgewright.executors._address import Address, Tls, address_of
from edgewright.spec import load_machines

LOCAL = "local"


def address_in(root: Path, value: str) -> Address | None:
    """The engine that `executor=` names, or machines.toml where it is empty; None for this machine alone.

    Raises:
        UserError: machines.toml has a fault, or the address is none.
    """
    machines = load_machines(root)
    text = value or machines.spec.executor
    if text == LOCAL:
        return None
    where = f"executor={value}" if value else f"{machines.where}: executor"
    return address_of(text, Tls(**machines.tls), where)
