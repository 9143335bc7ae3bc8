"""A cache of finished artifacts on a server, beside the one in the user's folder: `cache=http://host:port`.

The server speaks the HTTP protocol of Bazel's remote caches, as bazel-remote does: `/cas/<SHA-256>` holds contents, and
`/ac/<key>` says under which hash the content for a key lies: a message ActionResult, in the encoding of protocol
buffers, with one output file. A content is one of the entries that the folder has, header and all (`_cache_dir.py`).

Nothing that comes is believed: it must have the hash that it is known by, and the entry the hash of its name. Without
the server a build is slower and no less right, so it is told of once and not asked again.
"""

from __future__ import annotations

import hashlib
import http.client
import netrc
import sys
import time
import urllib.error
import urllib.request
from base64 import b64encode
from contextlib import suppress
from pathlib import Path
from typing import Any

import SCons.Action

from edgewright import cache_server
from edgewright.files import sha256_file, staged
from edgewright.scons._cache_dir import CheckedCache
from edgewright.units import format_bytes

_TIMEOUT_S = 20.0
_LEAST_BYTES_S = 4096
_BLOCK = 1 << 20
_ANSWER_BYTES = 1 << 16
"""The most that an answer about a key may have."""

_FORBIDDEN = (401, 403, 405)


class Server:
    """A server of such a cache.

    Args:
        url: `http://host:port`, perhaps with a path. Name and password are those of ~/.netrc for the host.

    Raises:
        UserError: it is no such URL.
    """

    def __init__(self, url: str) -> None:
        self._headers = _login(str(cache_server.host_of(url)))
        self._url = url.rstrip("/")
        self._is_lost = self._takes_nothing = self._is_damaged = self._is_bounded = False

    def fetch(self, name: str, entry: Path) -> bool:
        """Have the content for a name lie at `entry`, whole and with the hash that it is known by; False without it."""
        try:
            found = self._asked("ac", _key(name))
            known = _file_in(found) if found else None
            return known is not None and self._content(*known, entry)
        except ValueError as error:  # one damaged entry: it is made anew and sent over it
            if not self._is_damaged:
                self._is_damaged = True
                _note(f"{self._url} has {error}: what is damaged there is made anew")
            return False
        except (OSError, http.client.HTTPException) as error:
            self._lose(error)
            return False

    def keep(self, name: str, entry: Path) -> None:
        """Have the server keep what lies at `entry` for a name."""
        if self._takes_nothing or self._is_lost:
            return
        try:
            digest, content = sha256_file(entry), entry.read_bytes()
            self._send("cas", digest, content)
            self._send("ac", _key(name), _result(digest, len(content)))
        except (OSError, http.client.HTTPException) as error:  # what others made may still be read
            if _code(error) == http.client.REQUEST_ENTITY_TOO_LARGE:
                self._note_large(entry)
                return
            self._takes_nothing = True
            is_forbidden = _code(error) in _FORBIDDEN
            problem = "may only be read" if is_forbidden else f"takes nothing more: {_reason(error)}"
            _note(f"{self._url} {problem}; what is made is not kept there")

    def _note_large(self, entry: Path) -> None:
        if not self._is_bounded:
            self._is_bounded = True
            size = format_bytes(entry.stat().st_size)
            _note(f"{self._url} takes nothing so large as {size}; what is smaller is kept there")

    def _content(self, digest: str, size: int, entry: Path) -> bool:
        with self._open("cas", digest) as answer, staged(entry) as aside:
            left, begun = size, time.monotonic()
            with aside.open("wb") as file:
                while left > 0 and (block := answer.read1(min(left, _BLOCK))):
                    file.write(block)
                    left -= len(block)
                    _refuse_slow(size - left, time.monotonic() - begun)
            if left or answer.read(1) or sha256_file(aside) != digest:
                raise ValueError("a content that has not the hash that it is known by")
        return True

    def _asked(self, kind: str, name: str) -> bytes | None:
        """An answer; None where there is none, or nobody to ask."""
        if self._is_lost:
            return None
        try:
            with self._open(kind, name) as answer:
                found: bytes = answer.read(_ANSWER_BYTES)
                return found
        except urllib.error.HTTPError as error:
            if error.code == http.client.NOT_FOUND:
                return None
            raise

    def _open(self, kind: str, name: str) -> Any:
        request = urllib.request.Request(f"{self._url}/{kind}/{name}", headers=self._headers)  # noqa: S310 - http alone
        return urllib.request.urlopen(request, timeout=_TIMEOUT_S)  # noqa: S310

    def _send(self, kind: str, name: str, content: bytes) -> None:
        headers = {**self._headers, "Content-Type": "application/octet-stream"}
        url = f"{self._url}/{kind}/{name}"
        request = urllib.request.Request(url, content, headers, method="PUT")  # noqa: S310 - http alone
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S):  # noqa: S310
            return

    def _lose(self, error: Exception) -> None:
        if not self._is_lost:
            self._is_lost = True
            _note(f"{self._url} cannot be used: {_reason(error)}; the build goes on without")


def _code(error: Exception) -> int | None:
    return error.code if isinstance(error, urllib.error.HTTPError) else None


def _reason(error: Exception) -> str:
    """For people: an error may name a file that it met, which is none of the server's."""
    if isinstance(error, urllib.error.HTTPError):
        return f"{error.code} {error.reason}"
    told = [getattr(error, "reason", None), getattr(error, "strerror", None), *error.args]
    return next((str(each) for each in told if each), type(error).__name__)


def _refuse_slow(size: int, elapsed_s: float) -> None:
    """TimeoutError for a server that goes on sending, and takes longer for it than to make it anew may take."""
    if elapsed_s > _TIMEOUT_S and size < elapsed_s * _LEAST_BYTES_S:
        raise TimeoutError(f"it sent {size} bytes in {elapsed_s:.0f} s")


def shared_with(server: Server) -> type[CheckedCache]:
    """The class of a cache folder that takes from a server what it has not, and gives it what it gets."""

    class SharedCache(CheckedCache):
        def retrieve(self, node: Any) -> bool:
            """As `CheckedCache`; what is not here is fetched first."""
            if self.is_enabled() and SCons.Action.execute_actions:
                entry = self._entry(node)
                if not entry.exists():
                    server.fetch(entry.name, entry)
            return super().retrieve(node)

        def push(self, node: Any) -> None:
            """As `CheckedCache`, and to the server."""
            super().push(node)
            if self.is_enabled() and not self.is_readonly() and not node.nocache:
                entry = self._entry(node)
                if entry.is_file():
                    server.keep(entry.name, entry)

    return SharedCache


def _note(text: str) -> None:
    print(f"warning: the cache {text}", file=sys.stderr, flush=True)


def _login(host: str) -> dict[str, str]:
    with suppress(OSError, netrc.NetrcParseError):
        found = netrc.netrc().authenticators(host)
        if found:
            return {"Authorization": f"Basic {b64encode(f'{found[0]}:{found[2]}'.encode()).decode()}"}
    return {}


def _key(name: str) -> str:
    """What servers know an entry by: they take nothing but a SHA-256."""
    return hashlib.sha256(f"edgewright {name}".encode()).hexdigest()


def _result(digest: str, size: int) -> bytes:
    """ActionResult { output_files (2): OutputFile { path (1), digest (2): Digest { hash (1), size_bytes (2) } } }."""
    known = _field(1, digest.encode()) + b"\x10" + _number(size)
    return _field(2, _field(1, b"artifact") + _field(2, known))


def _file_in(result: bytes) -> tuple[str, int]:
    """Hash and size of the output file of an ActionResult; ValueError where it has none of ours."""
    try:
        known = _fields(_fields(_fields(result)[2])[2])
        digest, size = known[1].decode("ascii"), known[2]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("an answer of another form") from error
    if len(digest) != 64 or not isinstance(size, int) or set(digest) - set("0123456789abcdef"):
        raise ValueError("an answer that names no content")
    return digest, size


def _field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _number(len(content)) + content


def _number(value: int) -> bytes:
    """A number as protocol buffers have it: seven bits a byte, the lowest first, and a bit where more follow."""
    low, rest = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + _number(rest) if rest else bytes([low])


def _fields(message: Any) -> dict[int, Any]:
    """The fields of a message by their numbers: bytes and numbers. ValueError where it is none."""
    found: dict[int, Any] = {}
    place = 0
    while place < len(message):
        head, place = _read(message, place)
        value, place = _read(message, place)
        if head & 7 == 2:
            if place + value > len(message):
                raise ValueError("an answer that is cut short")
            found[head >> 3], place = message[place : place + value], place + value
        elif head & 7 == 0:
            found[head >> 3] = value
        else:
            raise ValueError("an answer of another form")
    if not found:
        raise ValueError("an empty answer")
    return found


def _read(message: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while place < len(message):
        byte = message[place]
        value, shift, place = value | (byte & 0x7F) << shift, shift + 7, place + 1
        if not byte & 0x80:
            return value, place
    raise ValueError("an answer that is cut short")
