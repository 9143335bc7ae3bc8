"""`pytest --cpu-times`: which folders, files and tests take most processor time.

What tests start counts while it runs, so that a process that serves many tests is not the last one's; and so does the
warm process of TensorFlow with what it has started. What else tests leave behind does not.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

NAME = "cpu_seconds"
SHOWN = 40


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option."""
    parser.addoption("--cpu-times", action="store_true", help="show which tests take most processor time")


def pytest_configure(config: pytest.Config) -> None:
    """Measure, where it was asked for."""
    if config.getoption("--cpu-times"):
        config.pluginmanager.register(Meter())
        config.pluginmanager.register(Table())


@dataclass
class Clock:
    """Processor seconds of this process and of its children, and of its warm process with its own."""

    seen: set[str] = field(default_factory=set)
    known: set[str] = field(default_factory=set)
    warm: dict[Path, float] = field(default_factory=dict)

    def spent(self) -> float:
        """Seconds until now."""
        self.look()
        for folder, before in self.warm.items():
            self.warm[folder] = max(before, of_process(folder))  # of one that ended, what was last seen
        return of_process(Path("/proc", str(os.getpid()))) + sum(self.warm.values())

    def look(self) -> None:
        """Look at processes that are new for warm ones: those were started apart, and name their owner's number.

        Each is looked at twice: what was forked just now has the command line of who forked it.
        """
        there = {folder.name for folder in Path("/proc").iterdir() if folder.name.isdecimal()}
        for name in there - self.known:
            with suppress(OSError):
                if is_warm(name) and not is_warm(parent_of(name)):
                    self.warm[Path("/proc", name)] = 0.0
        self.known = there & self.seen
        self.seen = there


def is_warm(name: str) -> bool:
    """Whether the process of this number is the warm one, or one that it forked; OSError: it is gone."""
    words = Path("/proc", name, "cmdline").read_bytes().split(b"\0")
    return b"edgewright.training._warm_server" in words and str(os.getpid()).encode() in words


def parent_of(name: str) -> str:
    """The number of a process's parent; OSError: it is gone."""
    return Path("/proc", name, "stat").read_text().rpartition(")")[2].split()[1]


def of_process(folder: Path) -> float:
    """Processor seconds of a process and of its children, which may have ended or not; 0 once it is gone."""
    try:
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
        tasks = [(task / "children").read_text() for task in (folder / "task").iterdir()]
    except OSError:
        return 0.0
    children = " ".join(tasks).split()
    ended = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return ended + sum(of_process(folder.with_name(child)) for child in children)


def summed(values: Mapping[str, float], name: Callable[[str], str]) -> dict[str, float]:
    """Sums of the values whose keys have the same name."""
    sums: dict[str, float] = defaultdict(float)
    for key, value in values.items():
        sums[name(key)] += value
    return sums


class Meter:
    """Where tests run: adds to each test's report what it took since the one before."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.before = self.clock.spent()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """A test has ended with its last phase."""
        if call.when == "teardown":
            now = self.clock.spent()
            item.user_properties.append((NAME, now - self.before))
            self.before = now


class Table:
    """Where results are shown: sums of the reports."""

    def __init__(self) -> None:
        self.tests: dict[str, float] = defaultdict(float)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """The properties of a test are in the report of its last phase."""
        for name, value in report.user_properties:
            if name == NAME and isinstance(value, float):
                self.tests[report.nodeid] += value

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Three tables, the most first."""
        files = summed(self.tests, lambda name: name.partition("::")[0])
        folders = summed(files, lambda name: name.rpartition("/")[0])
        for title, sums in (("folder", folders), ("file", files), ("test", self.tests)):
            terminalreporter.section(f"processor seconds by {title}: {sum(sums.values()):.0f}")
            for name, seconds in sorted(sums.items(), key=lambda item: -item[1])[:SHOWN]:
                terminalreporter.line(f"{seconds:8.1f}  {name}")
