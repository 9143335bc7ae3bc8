"""`scons search`: the command `edgewright search`, with what of scons' own command line holds there too.

All else is refused, and nothing is dropped: a search takes hours, and should be the one that was asked for.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import SCons.Script.Main
from SCons.Script import COMMAND_LINE_TARGETS
from SCons.Script.SConsOptions import SConsValues

from edgewright.errors import UserError, UserErrors
from edgewright.scons import _show
from edgewright.scons._chosen import Plan
from edgewright.spec import escaped

_PASSED_ON = ("target", "model", "executor", "cache")
"""Variables that a search knows."""

_KNOWN = ("num_jobs", "cache_readonly", "no_exec", "clean", "help", "no_progress", "directory", "climb_up")
"""Options that are passed on, and those that are heeded before a search would begin, as scons stores them."""

_ALLOWED = "target=, model=, executor=, cache=, -j, --cache-readonly, -n"


def begin_where_asked(env: Any, plan: Plan) -> None:
    """Become the command that searches where the command line asks for it; with -n say it, with -h let help be shown.

    It takes the place of this process, since it builds by itself: two builds at once would write one record.

    Raises:
        UserErrors: something was given that does not hold in a search.
    """
    if _show.SEARCH not in COMMAND_LINE_TARGETS or env.GetOption("help"):
        return
    words = _words(env, plan)
    if errors := list(_not_passed_on(env, plan, words)):
        raise UserErrors(errors)
    if env.GetOption("no_exec"):
        print(shlex.join(["edgewright", "search", *words]))
        env.Exit(0)
    sys.stdout.flush()
    os.chdir(env.Dir("#").abspath)
    os.execv(sys.executable, [sys.executable, "-m", "edgewright.commands.search", *words])


def _words(env: Any, plan: Plan) -> list[str]:
    targets = ",".join(dict.fromkeys(escaped(target.wanted) for target, _ in plan.pairs))
    names = (model.name if model.spec else model.origin for _, model in plan.pairs)
    models = ",".join(dict.fromkeys(map(escaped, names)))
    words = [targets, models, f"-j{env.GetOption('num_jobs')}"]
    if executor := plan.values["executor"]:
        words += ["--executor", executor]
    if (cache := plan.values["cache"]) != "on":
        words += ["--cache", cache]
    return words + ["--cache-readonly"] * bool(env.GetOption("cache_readonly"))


def _not_passed_on(env: Any, plan: Plan, words: Sequence[str]) -> Iterator[UserError]:
    """What a search would drop of the command line."""
    if env.GetOption("clean"):
        folder = "each lies in a folder of build/search: remove that"
        yield UserError("scons search -c", "no search is removed so", hint=folder)
    variables = (option for option in plan.table if option.name not in _PASSED_ON)
    dropped = [f"{each.name}={value}" for each in variables if (value := plan.values[each.name]) != each.default]
    own = shlex.join(["edgewright", "search", *words[:2]])
    for word in [*_options(), *dropped, *(goal for goal in COMMAND_LINE_TARGETS if goal != _show.SEARCH)]:
        hint = f"options of a search: {own} --help" if word.startswith("-") else None
        yield UserError(f"scons search {word}", "means nothing in a search", allowed=_ALLOWED, hint=hint)


def _options() -> Iterator[str]:
    """Options on the command line that a search does not know; those of $SCONSFLAGS hold in the builds of trials."""
    parser = SCons.Script.Main.OptionsParser
    given, rest = parser.parse_args(sys.argv[1:], SConsValues(parser.values.__defaults__))
    options = [option for group in (parser, *parser.option_groups) for option in group.option_list]
    yield from (str(option) for option in options if option.dest in vars(given).keys() - set(_KNOWN))
    yield from (word for word in rest if word.startswith("-"))
