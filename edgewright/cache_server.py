"""Which values of `cache=` name a server, and which of these are addresses: asked before anything is built."""

from __future__ import annotations

import urllib.parse

from edgewright.errors import UserError

SCHEMES = ("http", "https")


def is_server(value: str) -> bool:
    """Whether it is meant to be a server; else it is `on`, `off` or a folder."""
    return "://" in value


def host_of(value: str) -> str | None:
    """The host of the server that `cache=` names; None where it names none.

    Raises:
        UserError: it is meant to be a server, and is no address of one.
    """
    if not is_server(value):
        return None
    try:
        parts = urllib.parse.urlsplit(value)
        is_one = parts.scheme in SCHEMES and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        raise _refused(value) from None
    if not is_one or parts.query or parts.fragment or parts.username:
        raise _refused(value, "name and password for a host are read from ~/.netrc" if parts.username else None)
    return str(parts.hostname)


def _refused(value: str, hint: str | None = None) -> UserError:
    return UserError(f"cache={value}", "is no server of a cache", allowed="http://host:port or https://host", hint=hint)
