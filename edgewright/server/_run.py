"""Starts the server: on this machine alone unless told otherwise, and with a token that is new each time."""

from __future__ import annotations

import ipaddress
import secrets
import socket
from pathlib import Path

from edgewright.errors import UserError


def serve(project: Path, host: str, port: int) -> None:
    """Serve until Ctrl-C.

    Args:
        project: the folder with the SConstruct.
        host: the address to listen on.
        port: 0 for one that is free.

    Raises:
        UserError: the address cannot be listened on.
    """
    import uvicorn

    from edgewright.server._app import app_of

    with _listening(host, port) as listener:
        port = listener.getsockname()[1]
        token, names = secrets.token_urlsafe(24), _names(host)
        app = app_of(project, token, names, f"edgewright-{port}")  # cookies are of a host, whatever the port
        _say(host, port, token)
        config = uvicorn.Config(
            app, log_level="critical", lifespan="off", server_header=False, ws="none", timeout_graceful_shutdown=1
        )
        uvicorn.Server(config).run(sockets=[listener])


def is_loopback(host: str) -> bool:
    """Whether an address is reached from this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _names(host: str) -> list[str]:
    """The hosts to answer to: on loopback its own names, elsewhere any, since nobody knows what others call us."""
    return ["localhost", "127.0.0.1", "[::1]", host] if is_loopback(host) else ["*"]


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        hint = "--port 0 takes one that is free"
        raise UserError(f"{host}:{port}", f"cannot be listened on: {error.strerror or error}", hint=hint) from None
    except OverflowError:
        raise UserError("--port", "no port", got=port, allowed="0 to 65535") from None


def _say(host: str, port: int, token: str) -> None:
    shown = f"[{host}]" if ":" in host else host
    print(f"the page of this project: http://{shown}:{port}/?token={token}", flush=True)
    if not is_loopback(host):
        print("others can reach it, and what is sent is not encrypted: on a network that you do not trust,", flush=True)
        print("listen on 127.0.0.1 and reach it through ssh -L", flush=True)
    print("Ctrl-C ends it", flush=True)
