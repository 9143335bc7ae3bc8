"""What a model's own data are at this moment, as one hash: a change of any file is a change of all that reads them."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from edgewright.datasets import expanded, own_files
from edgewright.errors import UserError
from edgewright.files import canonical_json
from edgewright.scons._contents import Contents
from edgewright.source import definitions

ASKS = "edgewright.stages.training.sources"
"""Asks a model.py for its `sources()`."""

SOURCES = "sources"
"""The function of a model.py that names data which lie elsewhere."""


@cache
def data_hash(model: Path, contents: Contents, command: Sequence[str], environment: str) -> str:
    """Hash of names and contents of the files of a model's folder, and of what its `sources()` names.

    Args:
        model: the folder, with a model.py.
        contents: what files hold.
        command: asks a model.py for its `sources()`, see `ASKS`.
        environment: that of the command, as JSON.

    Raises:
        UserError: `sources()` fails, or names what is not there.
    """
    own = {str(path.relative_to(model)): contents.sha256(path) for path in own_files(model)}
    named = named_files(model, command, environment)
    return hashlib.sha256(canonical_json([own, _hashes(named, contents)]).encode()).hexdigest()


@cache
def named_files(model: Path, command: Sequence[str], environment: str) -> Sequence[Path]:
    """The files that `sources()` of a model names; as `data_hash`."""
    source = model / "model.py"
    return expanded(_asked(source, command, environment), f"{source}: {SOURCES}()") if _has_sources(source) else []


def content_hash(places: Sequence[Path], contents: Contents) -> str:
    """Hash of names and contents of files, and of those in folders. UserError where one is not there."""
    files = expanded(places, "[data]")
    return hashlib.sha256(canonical_json(_hashes(files, contents)).encode()).hexdigest()


def _hashes(files: Sequence[Path], contents: Contents) -> dict[str, str | None]:
    common = os.path.commonpath([path.parent for path in files]) if files else ""
    return {os.path.relpath(path, common): contents.sha256(path) for path in files}  # no path of this machine


def _has_sources(source: Path) -> bool:
    return source.is_file() and SOURCES.encode() in source.read_bytes() and SOURCES in definitions(source)


def _asked(source: Path, command: Sequence[str], environment: str) -> list[Path]:
    words = [*command, "--source", str(source)]
    done = subprocess.run(words, env=json.loads(environment), capture_output=True, text=True, check=False)
    if done.returncode:
        reason = done.stderr.rpartition("error: ")[2].strip()  # libraries may have said more before
        raise UserError(f"{source}: {SOURCES}()", f"failed: {reason}")
    found: list[Any] = json.loads(done.stdout.splitlines()[-1])
    return [Path(path) for path in found]
