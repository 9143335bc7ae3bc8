"""The few addresses of the server, and who may ask for them.

    /                        the page of all builds, with the build that runs
    /events                  its state, anew whenever it changes (server-sent events)
    /build/<t>/<m>/report.html, and pictures beside it

Whoever asks needs the token, which the address that is printed holds; a cookie keeps it from then on. Names that the
server does not go by are refused, so that no page of elsewhere reaches it by a name of its own (DNS rebinding).
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from edgewright.live import FILE
from edgewright.pipeline import BUILD
from edgewright.server._page import page_of_project
from edgewright.server._state import state

_LOOK_S = 0.5
_BREATH_S = 15.0  # a line, so that both sides notice when the other is gone
_SHOWN = {".html": "text/html; charset=utf-8", ".svg": "image/svg+xml"}
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_NO_TOKEN = "open the address that `edgewright serve` has printed: it holds the token\n"  # noqa: S105 - a message


def app_of(project: Path, token: str, names: Sequence[str], cookie: str) -> Starlette:
    """The server's application.

    Args:
        project: the folder with the SConstruct.
        token: what whoever asks has to know.
        names: hosts that it answers to, without a port; "*" for any.
        cookie: name of the cookie that keeps the token.
    """
    routes = [
        Route("/", _Home(project, token, cookie)),
        Route("/events", _Events(project / BUILD / FILE)),
        Route(f"/{BUILD}/report.html", _home_again),
        Route(f"/{BUILD}/{{path:path}}", _Built(project / BUILD)),
    ]
    guards = [
        Middleware(TrustedHostMiddleware, allowed_hosts=list(names), www_redirect=False),
        Middleware(_Guard, token=token, cookie=cookie),
    ]
    return Starlette(routes=routes, middleware=guards)


class _Guard:
    """Lets those in who know the token, and sends headers that keep a page to itself."""

    def __init__(self, app: ASGIApp, token: str, cookie: str) -> None:
        self._app, self._token, self._cookie = app, token, cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if scope["method"] not in ("GET", "HEAD"):
            await PlainTextResponse("pages are for reading\n", 405)(scope, receive, _with_headers(send))
            return
        request = Request(scope)
        given = request.query_params.get("token") or request.cookies.get(self._cookie) or ""
        known = secrets.compare_digest(given.encode(), self._token.encode())
        answer = self._app if known else PlainTextResponse(_NO_TOKEN, 403)
        await answer(scope, receive, _with_headers(send))


def _with_headers(send: Send) -> Send:
    async def sender(message: Any) -> None:
        if message["type"] == "http.response.start":
            more = [(name.lower().encode(), value.encode()) for name, value in _HEADERS.items()]
            message = {**message, "headers": [*message.get("headers", []), *more]}
        await send(message)

    return sender


class _Home:
    """The page of the project; the token moves from its address into a cookie, and out of the browser's history."""

    def __init__(self, project: Path, token: str, cookie: str) -> None:
        self._project, self._token, self._cookie = project, token, cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (await self._answer(Request(scope)))(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if "token" in request.query_params:
            answer: Response = RedirectResponse("/", 303)
            answer.set_cookie(self._cookie, self._token, httponly=True, samesite="lax")
            return answer
        text = await asyncio.to_thread(page_of_project, self._project)
        return Response(text, media_type="text/html; charset=utf-8")


class _Events:
    """The state of the build, whenever it changes."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await StreamingResponse(self._states(), media_type="text/event-stream")(scope, receive, send)

    async def _states(self) -> AsyncIterator[str]:
        last, said = None, 0.0
        while True:
            now = time.monotonic()
            found = state(self._path)
            if found != last:
                last, said = found, now
                yield f"data: {json.dumps({**found, 'now': time.time()})}\n\n"
            elif now - said > _BREATH_S:
                said = now
                yield ": here\n\n"
            await asyncio.sleep(_LOOK_S)


class _Built:
    """Pages and pictures of builds; nothing else of the folder is shown."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = self._found(Request(scope).path_params["path"])
        kind = _SHOWN.get(path.suffix) if path else None
        answer = FileResponse(path, media_type=kind) if path and kind else PlainTextResponse("not there\n", 404)
        await answer(scope, receive, send)

    def _found(self, name: str) -> Path | None:
        """The file inside the folder; None where there is none, or no file can have such a name."""
        with suppress(OSError, ValueError):
            path = (self._folder / name).resolve()
            if path.is_relative_to(self._folder) and path.is_file():
                return path
        return None


async def _home_again(_: Request) -> Response:
    return RedirectResponse("/", 303)
