"""Where an engine is: `dask://host:port`, and how the way there is kept from others.

dask://127.0.0.1:8786         this machine alone
dask+tls://build.lab:8786     TLS; both ends show a certificate
dask+plain://10.0.0.5:8786    neither secret nor checked: whoever reaches the port runs code
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path

from edgewright import registry
from edgewright.errors import UserError, UserErrors

TLS = "tls"
PLAIN = "plain"
_FORM = re.compile(
    r"(?P<engine>[a-z][a-z0-9-]*)(\+(?P<way>[a-z]+))?://(?P<host>\[[0-9a-f:.]+\]|[\w.-]+):(?P<port>\d+)/?"
)


@dataclass(frozen=True)
class Tls:
    """Files in PEM format: of the authority that signed all certificates, and the own certificate and key."""

    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None


@dataclass(frozen=True)
class Address:
    """Where an engine is.

    Attributes:
        engine: name of the engine.
        host, port: where it listens.
        tls: the certificates, where the way is by TLS.
        text: as a person wrote it.
    """

    engine: str
    host: str
    port: int
    tls: Tls | None
    text: str

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine."""
        return _is_loopback(self.host)


@dataclass(frozen=True)
class _Parts:
    engine: str
    way: str | None
    host: str
    port: int


def address_of(text: str, tls: Tls, where: str) -> Address:
    """The address in a text.

    Args:
        text: as above.
        tls: certificates, for an address that asks for TLS.
        where: where the text stands, for messages.

    Raises:
        UserError: it is none, there is no such engine, or others could read or send what goes there.
    """
    parts = _parts(text, where)
    if parts.way == TLS:
        return Address(parts.engine, parts.host, parts.port, _complete(tls, where, text), text)
    if parts.way != PLAIN and not _is_loopback(parts.host):
        safe, plain = (text.replace("://", f"+{way}://", 1) for way in (TLS, PLAIN))
        raise UserError(
            where,
            "the way there is neither secret nor checked: whoever reaches that port runs code on its machines",
            got=text,
            allowed=f"{safe}, with certificates; on a network of your own {plain}",
            hint="docs/machines.md says how certificates are made",
        )
    return Address(parts.engine, parts.host, parts.port, None, text)


def _parts(text: str, where: str) -> _Parts:
    names = registry.executors.names()
    found = _FORM.fullmatch(text)
    if not found or found["way"] not in {None, TLS, PLAIN} or int(found["port"]) not in range(1, 65536):
        forms = [f"{name}://host:port, {name}+tls://host:port" for name in names]
        raise UserError(where, "is no place where stages could run", got=text, allowed=["local", *forms])
    if found["engine"] not in names:
        raise UserError(where, "unknown engine", got=found["engine"], allowed=["local", *names])
    return _Parts(found["engine"], found["way"], found["host"].strip("[]"), int(found["port"]))


def _complete(tls: Tls, where: str, text: str) -> Tls:
    """The certificates, all of which are there and fit."""
    files = {"ca": tls.ca, "cert": tls.cert, "key": tls.key}
    found = {name: path for name, path in files.items() if path is not None and path.is_file()}
    if errors := [_missing(name, files[name], where, text) for name in files if name not in found]:
        raise UserErrors(errors)
    from edgewright.executors._certificates import refuse_wrong  # what a way without TLS does not pay for

    refuse_wrong(**found, where=where)
    return tls


def _missing(name: str, path: Path | None, where: str, text: str) -> UserError:
    """The fault of a file that is not named, or not there."""
    if path is None:
        hint = f"name it in machines.toml, [tls] {name}, or in the environment, EDGEWRIGHT_TLS_{name.upper()}"
        return UserError(where, f"TLS needs a file that is not named: {name}", got=text, hint=hint)
    problem = "is no file" if path.exists() else "is not there"
    return UserError(where, f"the file of TLS {problem}: {name}", got=str(path))


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
