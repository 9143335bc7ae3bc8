"""What has changed since it was last looked at: by content, of what a stage reads and of what it has written.

SCons remembers the hash of every file that it has made. A file of the build that holds another content now was damaged,
or edited by hand, and is made anew.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from SCons.Script import GetOption, SetOption
from SCons.Util import set_hash_format

from edgewright.errors import UserError
from edgewright.files import read_manifest
from edgewright.pipeline import Stage
from edgewright.scons._contents import Contents
from edgewright.scons._literal import file

HASH = "sha256"

Changed = Callable[..., bool]
"""Whether an input, of an output, has changed since the state that is given last."""


def decide_by_content(env: Any, contents: Contents) -> Changed:
    """From now on, an input has changed when its content has; gives what decides it.

    Raises:
        UserError: the command line asks SCons for another hash than the one that is remembered here.
    """
    SetOption("hash_format", HASH)
    SetOption("max_drift", -1)  # SCons' own shortcut: it believes the time stamp of a file that is older than two days
    if GetOption("hash_format") != HASH:
        raise UserError("--hash-format", "no such choice here", got=GetOption("hash_format"), allowed=HASH)
    set_hash_format(HASH)  # the options hold only once all of SConstruct is read
    decide = _decider(contents)
    env.Decider(decide)
    return decide


def _decider(contents: Contents) -> Changed:
    def has_changed(dependency: Any, _target: Any, before: Any, _repository: Any = None) -> bool:
        info = dependency.get_ninfo()
        if not hasattr(info, "csig") and (found := contents.sha256(dependency.get_abspath())):
            info.csig = found
        return bool(dependency.get_csig() != getattr(before, "csig", None))

    return has_changed


def renew_damaged(env: Any, stage: Stage, nodes: list[Any], contents: Contents) -> list[str]:
    """Have a stage's outputs made anew when one of them, or of its manifest's files, is not what was made; say so.

    Gives their paths.
    """
    damaged = [str(node) for node in nodes if _is_damaged(node, contents)]
    listed = {} if damaged or stage.manifest is None else _listed(env, stage.manifest)
    found = {path: contents.sha256(file(env, path).get_abspath()) for path in listed}
    damaged += [path for path, digest in listed.items() if found[path] != digest]
    for path in damaged:
        problem = "is missing" if found.get(path, path) is None else "is not what was built"
        print(f"note: {path} {problem}: it is made anew", file=sys.stderr)
    if damaged:
        env.AlwaysBuild(nodes)
    env.Clean(nodes, [file(env, path) for path in listed])
    return damaged


def _listed(env: Any, manifest: str) -> dict[str, str]:
    """The files of a manifest by their paths, and their hashes; none where there is no manifest yet."""
    path = Path(file(env, manifest).get_abspath())
    with suppress(FileNotFoundError, UserError):
        return {f"{Path(manifest).parent}/{name}": digest for name, digest in read_manifest(path).items()}
    return {}


def _is_damaged(node: Any, contents: Contents) -> bool:
    found = contents.sha256(node.get_abspath())
    return found is not None and found != getattr(node.disambiguate().get_stored_info().ninfo, "csig", found)
