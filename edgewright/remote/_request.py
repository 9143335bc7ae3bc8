"""What a build asks of a worker: a stage, with all that it reads and writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from edgewright.executors import Needs


@dataclass(frozen=True)
class Shipment:
    """A stage, as a worker has to know it.

    Attributes:
        words: its command line.
        title: what people call it.
        needs: what it takes of a machine.
        inputs: what it reads, SHA-256 by path; paths are those of the command line.
        outputs: what it writes.
        manifest: the output that lists further files.
        there: files beside the manifest that it may remove.
        programs: programs that its outputs depend on.
        packages: Python packages that they depend on.
        environment: that of a stage which runs here; what a worker may know of it is passed on.
    """

    words: tuple[str, ...]
    title: str
    needs: Needs
    inputs: Mapping[str, str]
    outputs: tuple[str, ...]
    manifest: str | None = None
    there: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
