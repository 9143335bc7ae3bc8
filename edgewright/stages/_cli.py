"""What every stage's command line shares: how errors leave it and how structured options enter it."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from typing import Any, NoReturn, TextIO

from edgewright import interrupts
from edgewright.errors import EdgewrightError, UserError, machine_error
from edgewright.text import PlainStream

INTERRUPTED = interrupts.INTERRUPTED

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


def json_object(text: str) -> dict[str, Any]:
    """The value of an `--options` argument: a JSON object whose keys are sections of the TOML files."""
    try:
        value = json.loads(text)
    except ValueError as error:
        raise UserError("--options", f"not JSON: {error}") from error
    if not isinstance(value, dict):
        raise UserError("--options", "not a JSON object", got=text)
    return value


def section(options: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The section `name` of the options; UserError when it is not there."""
    value = options.get(name)
    if not isinstance(value, dict):
        raise UserError("--options", f"the section {name!r} is missing", allowed="what the build passes: see VERBOSE=1")
    return value
