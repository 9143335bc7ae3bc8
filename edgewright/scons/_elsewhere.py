"""Stages that run on other machines: what a stage of the graph reads and writes, as a worker has to know it.

A stage stays on this machine when it works on something that is here, adds to a file that outlives builds, or reads
what lies outside of the project's folder.
"""

from __future__ import annotations

import atexit
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgewright.datasets import expanded, own_files
from edgewright.errors import UserError
from edgewright.executors import Needs, address_in
from edgewright.files import read_manifest
from edgewright.pipeline import Stage
from edgewright.scons import _data, _ending, _nodes
from edgewright.scons._contents import Contents
from edgewright.spec import StageNeeds, load_machines
from edgewright.surroundings import PACKAGE_ROOT

if TYPE_CHECKING:
    from edgewright.remote import Remote, Shipment

_MOST_THERE = 10_000


class Elsewhere:
    """Runs stages on workers.

    Args:
        remote: the workers.
        root: the project's folder.
        contents: what files hold.
        stages: by their command lines, as JSON.
        needs: what stages take of a machine, by name, where machines.toml says it.
    """

    def __init__(
        self,
        remote: Remote,
        root: Path,
        contents: Contents,
        stages: Mapping[str, Stage],
        needs: Mapping[str, StageNeeds],
    ) -> None:
        self._remote = remote
        self._root = root.resolve()
        self._contents = contents
        self._stages = stages
        self._needs = needs
        self._manifests = {stage.manifest for stage in stages.values() if stage.manifest}
        self._here = threading.BoundedSemaphore(os.cpu_count() or 1)
        self._reading = threading.Lock()

    def __call__(self, words: str, environment: Mapping[str, str], here: Callable[[], int]) -> int:
        """Run a stage; `here` runs it on this machine."""
        stage = self._stages.get(words)
        shipment = self._shipment(stage, json.loads(words), environment) if stage else None
        if shipment is not None:
            return self._remote.run(shipment)
        with self._here:
            return here()

    def _shipment(self, stage: Stage, words: Sequence[str], environment: Mapping[str, str]) -> Shipment | None:
        """A stage as workers have to know it; None for one that stays."""
        if stage.log or (stage.here and not self._is_offered(stage)):
            return None
        with self._reading:
            files = [self._relative(path) for path in self._read(stage, environment)]
        outputs = [self._relative(self._root / path) for path in stage.outputs]
        if None in files or None in outputs:
            return None
        hashes = {path: self._contents.now(self._root / path) for path in dict.fromkeys(filter(None, files))}
        from edgewright.remote import Shipment

        return Shipment(
            words=tuple(words),
            title=stage.title,
            needs=self._takes(stage),
            inputs={path: digest for path, digest in hashes.items() if digest},
            outputs=stage.outputs,
            manifest=stage.manifest,
            there=tuple(self._there(stage)),
            programs=stage.programs,
            packages=stage.packages,
            environment=environment,
        )

    def _takes(self, stage: Stage) -> Needs:
        said = self._needs.get(stage.module)
        if said is None:
            return stage.needs
        return replace(
            stage.needs, cpu=said.cpu or stage.needs.cpu, ram_bytes=said.ram or stage.needs.ram_bytes, gpu=said.gpu
        )

    def _is_offered(self, stage: Stage) -> bool:
        """Whether what the stage works on is at a worker."""
        return stage.needs.board is not None and self._remote.has_board(stage.needs.board)

    def _read(self, stage: Stage, environment: Mapping[str, str]) -> Iterator[Path]:
        """All files that a stage reads, but for those that come with Edgewright."""
        for name in stage.inputs:
            path = self._root / name
            yield path
            if name in self._manifests:
                yield from (path.parent / each for each in _listed(path))
        if stage.data:
            folder = self._root / stage.data
            yield from own_files(folder)
            yield from _data.named_files(folder, self._asking(environment), json.dumps(dict(environment)))
        yield from expanded([self._root / path for path in stage.content], stage.title)
        code = _nodes.code_of(stage, self._root, self._contents)
        yield from (path for path in code if not _comes_along(path))

    def _asking(self, environment: Mapping[str, str]) -> tuple[str, ...]:
        return (*_nodes.python_of(environment["PATH"]), "-m", _data.ASKS)

    def _relative(self, path: Path) -> str | None:
        """A path within the project's folder; None for one that is not."""
        name = os.path.relpath(path, self._root)
        return None if name.startswith("..") else name

    def _there(self, stage: Stage) -> Iterator[str]:
        """Files beside the manifest, which a stage may remove."""
        if stage.manifest is None:
            return
        folder = (self._root / stage.manifest).parent
        for number, path in enumerate(sorted(folder.rglob("*"))):
            if path.is_file() and number < _MOST_THERE and (name := self._relative(path)):
                yield name


def _listed(manifest: Path) -> Sequence[str]:
    try:
        return list(read_manifest(manifest))
    except (UserError, OSError):
        return ()  # the stage that reads it tells


def _comes_along(path: Path) -> bool:
    return path.is_relative_to(PACKAGE_ROOT / "edgewright") or "site-packages" in path.parts


@dataclass(frozen=True)
class Machines:
    """The machines that stages run on, where it is not this one alone, and what they take of them, by name."""

    remote: Remote
    needs: Mapping[str, StageNeeds]


def machines_of(value: str, root: Path) -> Machines | None:
    """What `executor=` names; None for this machine alone. UserError for an address that is none."""
    address = address_in(root, value)
    if address is None:
        return None
    from edgewright.remote import Remote  # what a build on this machine alone does not pay for

    remote = Remote(address, root.resolve(), _ending.ends)
    atexit.register(remote.close)
    return Machines(remote, load_machines(root).spec.needs)


def send_elsewhere(
    envs: Sequence[Any], machines: Machines | None, root: Path, contents: Contents, stages: Sequence[Stage]
) -> None:
    """Have the stages of these environments run on other machines, where there are any."""
    if machines is None:
        return
    for stage in stages:
        machines.remote.depends(stage.programs, stage.packages)
    by_words = {json.dumps(_nodes.words_of(stage)): stage for stage in stages}
    elsewhere = Elsewhere(machines.remote, root, contents, by_words, machines.needs)
    for env in envs:
        env["EDGE_ELSEWHERE"] = elsewhere
