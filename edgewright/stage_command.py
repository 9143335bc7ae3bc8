"""A stage as a command: what every stage's `main` is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from edgewright import times
from edgewright.options import StageOptions, read

O = TypeVar("O", bound=StageOptions)  # noqa: E741 - options


@dataclass(frozen=True)
class Command(Generic[O]):
    """`main(argv)` of a stage: the only door by which options come in.

    Attributes:
        options: what the stage reads.
        work: does it.
    """

    options: type[O]
    work: Callable[[O], None]

    @property
    def module(self) -> str:
        """Dotted name of the stage's module, also when it is the program."""
        module = sys.modules[self.work.__module__]
        return module.__spec__.name if module.__spec__ else module.__name__

    def parse(self, argv: Sequence[str] | None = None) -> O:
        """The options of a command line; `--help` and wrong flags end the process. UserErrors for wrong options."""
        description = sys.modules[self.work.__module__].__doc__
        return read(self.options, argv, program=f"python -m {self.module}", description=description)

    def __call__(self, argv: Sequence[str] | None = None) -> int:
        """Run the stage; gives the exit code."""
        options = self.parse(argv)
        times.timed([self.module, *(sys.argv[1:] if argv is None else argv)], lambda: self.work(options))
        return 0


def stage(options: type[O], work: Callable[[O], None]) -> Command[O]:
    """The `main` of a stage that reads `options` and does `work`."""
    return Command(options, work)
