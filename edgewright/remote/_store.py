"""The files of a worker, by the SHA-256 of what they hold: sent once, checked before each use, at most so many bytes.

    <folder>/store/ab/cdef...     a file, which has this name only when it is whole
    <folder>/jobs/<n>/            a stage that runs

Stages get links to the files. A file that was written to since has another time or size: it counts as damaged.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from edgewright.files import sha256_file, staged

_TIDY = 0.9
"""The part of the bound down to which what was not used longest is removed."""

Stamp = tuple[int, int, int]


class Store:
    """A folder of such files.

    Args:
        folder: where they lie.
        bound: bytes above which what is not in use is removed, longest unused first.
    """

    def __init__(self, folder: Path, bound: int) -> None:
        self._folder = folder
        self._bound = bound
        self._changed = threading.Condition()
        self._checked: dict[str, Stamp] = {}
        self._used: dict[str, float] = {}
        self._sizes: dict[str, int] = {}
        self._held: dict[str, int] = {}
        self._coming: set[str] = set()
        self._refused: dict[str, OSError] = {}
        folder.mkdir(parents=True, exist_ok=True)
        self._look()

    def path(self, digest: str) -> Path:
        """Where the file with this hash lies, or would."""
        return self._folder / digest[:2] / digest[2:]

    def has(self, digest: str) -> bool:
        """Whether a file is there, and is what it was; one that is not is removed."""
        path = self.path(digest)
        try:
            stamp = _stamp(path)
        except OSError:
            return False
        if self._checked.get(digest) != stamp:
            if sha256_file(path) != digest:
                self._remove(digest)
                return False
            self._checked[digest] = stamp
        self._used[digest] = time.monotonic()
        return True

    @contextmanager
    def holding(self, digests: Iterable[str]) -> Iterator[None]:
        """Files with these hashes are not removed meanwhile."""
        held = set(digests)
        with self._changed:
            for digest in held:
                self._held[digest] = self._held.get(digest, 0) + 1
        try:
            yield
        finally:
            with self._changed:
                for digest in held:
                    self._held[digest] -= 1
                    if not self._held[digest]:
                        del self._held[digest]

    def await_all(self, digests: Iterable[str], ask: Callable[[list[str]], None], goes_on: Callable[[], bool]) -> bool:
        """Wait until files are there; False when nobody waits for them any more.

        Of two that wait for one file, the first asks for it. A file that is asked for and does not come within
        seconds is asked for again: who was to send it may be gone. OSError: one of them cannot be kept.
        """
        missing = set(digests)
        mine: set[str] = set()
        asked = time.monotonic()
        try:
            while missing := {digest for digest in missing if not self.has(digest)}:
                with self._changed:
                    claimed = missing - self._coming
                    self._coming |= claimed
                    mine |= claimed
                if claimed:
                    ask(sorted(claimed))
                    asked = time.monotonic()
                with self._changed:
                    if refused := next((self._refused.pop(each) for each in missing if each in self._refused), None):
                        raise refused
                    self._changed.wait(0.2)
                if not goes_on():
                    return False
                if time.monotonic() - asked > 30:
                    with self._changed:
                        self._coming -= missing
            return True
        finally:
            with self._changed:
                self._coming -= mine

    def refuse(self, digest: str, error: OSError) -> None:
        """A file that came could not be kept: have one that waits for it know."""
        with self._changed:
            self._refused[digest] = error
            self._coming.discard(digest)
            self._changed.notify_all()

    def put(self, digest: str, content: bytes) -> None:
        """Keep a file that comes whole. ValueError: it has not this hash; OSError: no room."""
        if hashlib.sha256(content).hexdigest() != digest:
            raise ValueError(digest)
        with self._room(len(content)), staged(self.path(digest)) as aside:
            aside.write_bytes(content)
        self._added(digest, len(content))

    def part(self, digest: str, place: int, content: bytes, size: int) -> None:
        """Keep a part of a file that comes in parts, in order; the file is there with the last one. As `put`."""
        aside = self._folder / f"{digest}.part"
        with self._room(len(content)), aside.open("r+b" if place else "wb") as file:
            file.seek(place)
            file.write(content)
        if place + len(content) == size:
            self._whole(digest, aside, size)

    def _whole(self, digest: str, aside: Path, size: int) -> None:
        if sha256_file(aside) != digest:
            aside.unlink()
            raise ValueError(digest)
        path = self.path(digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.chmod(0o444)
        aside.replace(path)
        self._added(digest, size)

    def take(self, path: Path) -> tuple[str, int]:
        """Keep what a stage wrote; gives hash and size. The file itself may be gone then."""
        digest, size = sha256_file(path), path.stat().st_size
        if not self.has(digest):
            kept = self.path(digest)
            kept.parent.mkdir(parents=True, exist_ok=True)
            path.chmod(0o444)
            path.replace(kept)
            self._added(digest, size)
        return digest, size

    def link(self, digest: str, place: Path) -> None:
        """Have a file appear at a place; OSError."""
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(self.path(digest), place)
        except OSError:
            shutil.copyfile(self.path(digest), place)

    def read(self, digest: str, place: int, length: int) -> bytes:
        """A part of a file; OSError."""
        with self.path(digest).open("rb") as file:
            file.seek(place)
            return file.read(length)

    def _added(self, digest: str, size: int) -> None:
        self._checked[digest] = _stamp(self.path(digest))
        with self._changed:
            self._sizes[digest] = size
            self._used[digest] = time.monotonic()
            self._coming.discard(digest)
            self._changed.notify_all()
        if sum(self._sizes.values()) > self._bound:
            self._tidy(int(self._bound * _TIDY))

    @contextmanager
    def _room(self, size: int) -> Iterator[None]:
        """Make room on the disk for so many bytes, where it is short."""
        if shutil.disk_usage(self._folder).free < size + (1 << 20):
            self._tidy(0, size + (1 << 20))
        yield

    def _tidy(self, bound: int, free: int = 0) -> None:
        """Remove what is not in use, longest unused first, down to a bound or until so much of the disk is free."""
        with self._changed:
            waiting = sorted(set(self._sizes) - set(self._held), key=lambda digest: self._used.get(digest, 0.0))
        for digest in waiting:
            if sum(self._sizes.values()) <= bound or (free and shutil.disk_usage(self._folder).free >= free):
                return
            self._remove(digest)

    def _remove(self, digest: str) -> None:
        with suppress(OSError):
            self.path(digest).unlink()
        for table in (self._checked, self._used, self._sizes):
            table.pop(digest, None)

    def _look(self) -> None:
        """What an earlier worker left: whole files; of those that came in parts nothing."""
        for path in sorted(self._folder.glob("??/*"), key=lambda path: path.stat().st_mtime):
            if path.name.startswith("."):
                path.unlink()  # aside, of a worker that was killed
                continue
            self._sizes[path.parent.name + path.name] = path.stat().st_size
        for path in self._folder.glob("*.part"):
            path.unlink()


def _stamp(path: Path) -> Stamp:
    found = path.stat()
    return found.st_size, found.st_mtime_ns, found.st_ino
