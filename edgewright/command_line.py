"""How errors leave a command: as messages for people, with their exit codes."""

from __future__ import annotations

import argparse
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from typing import Any, NoReturn, TextIO

from edgewright import interrupts
from edgewright.errors import EdgewrightError, machine_error
from edgewright.text import PlainStream

INTERRUPTED = interrupts.INTERRUPTED


class Once(argparse.Action):
    """What argparse does with a value, but for a second one, which it would take in place of the first."""

    def __call__(
        self, _parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: str | None = None
    ) -> None:
        """Take the value; ArgumentError for a second one."""
        if option is not None and self.dest in namespace.__dict__.setdefault("_given", set()):
            first = getattr(namespace, self.dest)
            raise argparse.ArgumentError(self, f"is given twice, {first!r} and {values!r}, allowed: once")
        namespace.__dict__.setdefault("_given", set()).add(self.dest)
        setattr(namespace, self.dest, values)


Main = Callable[[Sequence[str] | None], int]


def run(main: Main) -> NoReturn:
    """Run a stage's `main` on the command line and end the process with its exit code."""
    sys.exit(guarded(main, None, sys.stderr))


def guarded(main: Main, argv: Sequence[str] | None, err: TextIO) -> int:
    """The exit code of `main(argv)`; errors become messages on `err`, and only bugs show a traceback."""
    shown = PlainStream(err)
    try:
        interrupts.raise_again()
        with redirect_stdout(PlainStream(sys.stdout)), redirect_stderr(PlainStream(sys.stderr)):
            return main(argv)
    except EdgewrightError as error:
        return _told(error, shown)
    except KeyboardInterrupt:
        return INTERRUPTED
    except SystemExit as ended:  # it has told why
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except (OSError, MemoryError) as error:
        refused = machine_error(error)
        return _told(refused, shown) if refused else _bug(shown)
    except Exception:  # noqa: BLE001 - whatever it is, the user gets it with a word on what to do
        return _bug(shown)


def _told(error: EdgewrightError, err: PlainStream) -> int:
    print(f"error: {error}", file=err, flush=True)
    return error.exit_code


def _bug(err: PlainStream) -> int:
    traceback.print_exc(file=err)
    print("error: this is a bug in Edgewright; please report it with the lines above", file=err, flush=True)
    return 1
