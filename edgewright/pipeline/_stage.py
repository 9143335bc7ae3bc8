"""What a stage is, and the pair of target and model that its paths come from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from edgewright.executors import Needs
from edgewright.files import canonical_json
from edgewright.spec import ProjectModel, ProjectTarget

BUILD = "build"

GOALS = {
    "train": "train the models",
    "compress": "compress them",
    "quantize": "quantize them to full-integer TFLite",
    "headers": "write them as C",
    "firmware": "build firmware images (microcontrollers)",
    "app": "write models for apps, with labels and metadata (phones)",
    "flash": "program boards, and read back what they hold (microcontrollers)",
    "bundle": "pack the C library for other build systems (microcontrollers)",
    "transmit": "size what models cost to send, and make updates from earlier versions",
    "measure": "measure latency on the devices or in emulation",
    "report": "all of it, with report and budgets (the default)",
}
"""What a stage may name as its alias, and a person on the command line."""


@dataclass(frozen=True)
class Stage:
    """One command of the graph: `python -m edgewright.stages.<module> <arguments>`.

    Attributes:
        module: the stage's module in edgewright.stages, with its folder: "training.train".
        title: what a person reads while it runs.
        arguments: the command line; every path in it is also an input or an output.
        inputs: files that it reads.
        outputs: files that it writes.
        resources: further files that it reads, as patterns: of those that come with Edgewright; or whole paths.
        data: a model's folder: its files are read, and what its `sources()` names.
        content: files, and folders of files, that are read whole; relative to the project's folder, or absolute.
        modules: dotted names of modules that it loads by name, so that no import statement shows them.
        packages: tools that its outputs depend on, as names of Python packages.
        programs: tools that its outputs depend on, as names of programs on the PATH.
        manifest: the output that lists further files which it writes, {"files": {path beside it: SHA-256}}.
        aliases: names on the command line that build it.
        cached: whether equal inputs give equal outputs, so that a cache may keep them.
        device: what it needs for itself while it runs, or None.
        log: a file that it reads and adds to, which outlives `scons -c`: nothing that a device runs is made from it.
        again: run it each time that one of its aliases is asked for by name, though nothing has changed here.
        needs: what it takes of a machine while it runs.
        here: it runs on the machine that builds alone: what it works on is there, or what it measures.
    """

    module: str
    title: str
    arguments: tuple[str, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    resources: tuple[str, ...] = ()
    data: str | None = None
    content: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    manifest: str | None = None
    aliases: tuple[str, ...] = ()
    cached: bool = True
    device: str | None = None
    log: str | None = None
    again: bool = False
    needs: Needs = field(default_factory=Needs)
    here: bool = False

    @property
    def name(self) -> str:
        """The module without its folder."""
        return self.module.rpartition(".")[2]

    @property
    def words(self) -> tuple[str, ...]:
        """Its module and its arguments, by which it is known in what stages took (`edgewright.times`)."""
        return (f"edgewright.stages.{self.module}", *self.arguments)

    def __post_init__(self) -> None:
        """ValueError for a goal that nobody could ask for."""
        if unknown := set(self.aliases) - set(GOALS):
            raise ValueError(f"goals that are not in GOALS: {unknown}")


@dataclass(frozen=True)
class Job:
    """One target and one model, and where their artifacts lie."""

    target: ProjectTarget
    model: ProjectModel
    warn: bool = False
    stages: list[Stage] = field(default_factory=list)

    @property
    def folder(self) -> str:
        """Where the artifacts of this pair lie."""
        return f"{self.target.folder or f'{BUILD}/{self.target.name}'}/{self.model.name}"

    @property
    def model_folder(self) -> str:
        """Where the artifacts of the model lie that all targets share."""
        return f"{BUILD}/models/{self.model.name}"

    @property
    def trained_folder(self) -> str:
        """Where those lie that come of its training: targets that have it trained otherwise have others."""
        variant = self.model.variant
        return f"{self.model_folder}/variant-{short_hash(variant)}" if variant else self.model_folder

    @property
    def report(self) -> str:
        """All figures of this pair."""
        return f"{self.folder}/report.json"

    @property
    def tflite(self) -> str:
        """The quantized model."""
        return f"{self.folder}/{self.model.name}.tflite"

    def path(self, name: str) -> str:
        """An artifact of this pair."""
        return f"{self.folder}/{name}"

    def add(self, stage: Stage) -> None:
        """Append a stage."""
        self.stages.append(stage)


def short_hash(value: Any) -> str:
    """Names a folder or file by what shapes it: equal values, equal names."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()[:8]
