"""SCons tool "edge": the graph of Edgewright in any SConstruct.

    env = Environment(tools=["edge"], toolpath=[PyPackageDir("edgewright.scons")])
    env.EdgeCommand("lint", ["ruff", "check"], "check style")      # a goal of the project's own
    built = env.EdgeProject(target="rpi", model="fashion_cnn")
    kws = env.EdgeModel("kws", target="mcu")                       # one pair, whatever the command line chooses
    product.Program("product.elf", ["main.c", kws.library])        # nodes: library, header, firmware, report, tflite

`EdgeProject` reads targets/, targets/boards/ and models/ beside the SConstruct, checks every file, and declares the
stages of the targets and models that the command line chooses (`scons target=rpi model=all`); what it is given are the
defaults of these two, but for targets that name a model themselves. A mistake in any file or on the command line ends
SCons with status 2 before anything is built.
"""

from __future__ import annotations

# ruff: noqa: E402 - Ctrl-C first: the rest takes long to import
from edgewright.scons import _ending

_ending.watch()

import atexit
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import SCons.Script
from SCons.Script import ARGUMENTS, COMMAND_LINE_TARGETS, GetBuildFailures

from edgewright import scratch, times
from edgewright.cache_server import is_server
from edgewright.errors import EdgewrightError, ToolError, UserError, machine_error
from edgewright.home import cache_home
from edgewright.pipeline import BUILD, GOALS, Stage, left_out, renamed
from edgewright.scons import _database, _goals, _literal, _live, _nodes, _options, _search, _show, _truth, _why
from edgewright.scons._artifacts import Artifacts, Built, Models, artifacts_of
from edgewright.scons._cache_dir import CheckedCache, empty
from edgewright.scons._chosen import Plan, planned
from edgewright.scons._contents import Contents
from edgewright.scons._elsewhere import Machines, machines_of, send_elsewhere
from edgewright.scons._resident import Resident
from edgewright.spec import ProjectTarget
from edgewright.surroundings import environment

_SEARCH = "search which method suits the target and the model: edgewright search"


def generate(env: Any) -> None:
    """Add EdgeProject, EdgeModel and EdgeCommand to an environment."""
    env["ENV"] = environment()
    env["EDGE_GOALS"] = {
        **GOALS,
        _show.SEARCH: _SEARCH,
        _show.CLEAN_CACHE: "throw the cache of finished artifacts away",
    }
    env.AddMethod(edge_project, "EdgeProject")
    env.AddMethod(edge_model, "EdgeModel")
    env.AddMethod(edge_command, "EdgeCommand")


def exists(_env: Any) -> bool:
    """Nothing but this package is needed to declare the graph."""
    return True


def edge_project(env: Any, target: str, model: str = "all") -> Built:
    """Declare the stages of all chosen targets and models; `target` and `model` are the defaults.

    Gives the nodes of what they make, by target and model: `built["mcu"]["kws"].library`.
    """
    session = _session(env)
    try:
        plan = planned(session.root, _options.options(target, model), ARGUMENTS)
    except UserError as error:
        raise _ended(env, error) from None
    _say(env, plan)
    try:
        _search.begin_where_asked(env, plan)
    except UserError as error:
        raise _ended(env, error) from None
    _declare(env, session, plan)
    _explain(env, session, plan)
    env.Default("report")
    return Built({its.name: _of_target(env, session.root, plan, its) for its, _ in plan.pairs})


def edge_model(env: Any, model: str, target: str) -> Artifacts:
    """Declare the stages of one model for one target, whatever the command line chooses; gives the nodes of it."""
    session = _session(env)
    given = {name: value for name, value in ARGUMENTS.items() if name not in ("target", "model")}
    try:
        plan = planned(session.root, _options.options(target, model), {**given, "model": model}, alone=True)
        _refuse_several(plan, f"EdgeModel({model!r}, target={target!r})")
    except UserError as error:
        raise _ended(env, error) from None
    if SCons.Script.help_text is None:
        _say(env, plan)
    _declare(env, session, plan)
    if (ARGUMENTS.get("target"), ARGUMENTS.get("model")) == (target, model):
        _explain(env, session, plan)
    return artifacts_of(env, session.root, *plan.pairs[0])


def _refuse_several(plan: Plan, where: str) -> None:
    if len(plan.pairs) != 1:
        raise UserError(where, "names several", allowed="one target and one model")


@dataclass
class _Session:
    """What the calls of one SConstruct share.

    Attributes:
        root: the project's folder.
        contents: what files hold.
        decide: whether an input has changed.
        envs: environments that stages were declared with.
        declared: stages by their outputs: what two calls ask for is declared once.
        tables: tables that are declared.
        machines: those that stages run on, where it is not this one alone.
        is_ready: whether the folder of the build, record and cache are.
    """

    root: Path
    contents: Contents
    decide: _truth.Changed
    envs: list[Any] = field(default_factory=list)
    declared: dict[tuple[str, ...], _why.Declared] = field(default_factory=dict)
    tables: set[str] = field(default_factory=set)
    machines: Machines | None = None
    is_ready: bool = False

    @property
    def stages(self) -> list[Stage]:
        """What is declared, each after those that it reads from."""
        return [stage for stage, _, _ in self.declared.values()]

    def goals(self) -> dict[str, str]:
        """Goals and what they are for, of all environments."""
        return {name: text for env in self.envs for name, text in env["EDGE_GOALS"].items()}


_SESSIONS: dict[Path, _Session] = {}


def _session(env: Any) -> _Session:
    root = Path(env.Dir("#").abspath)
    if root not in _SESSIONS:
        contents = Contents(root / BUILD / ".contents.json")
        try:
            decide = _truth.decide_by_content(env, contents)
        except UserError as error:
            raise _ended(env, error) from None
        session = _SESSIONS[root] = _Session(root, contents, decide)
        there = lambda: {alias for stage in session.stages for alias in stage.aliases}  # noqa: E731
        _goals.refuse_unknown(env, root, session.goals, there)
    env.Decider(_SESSIONS[root].decide)
    return _SESSIONS[root]


def _of_target(env: Any, root: Path, plan: Plan, target: ProjectTarget) -> Models:
    return Models({model.name: artifacts_of(env, root, its, model) for its, model in plan.pairs if its is target})


def _say(env: Any, plan: Plan) -> None:
    env.Help(_literal.text(_show.help_page(plan.project, plan.table, env["EDGE_GOALS"])))
    models = {model.name: model for _, model in plan.pairs}.values()
    _show.remark(note for model in models if (note := renamed(model)))
    _show.remark(note for pair in plan.pairs if (note := left_out(*pair)))


def _declare(env: Any, session: _Session, plan: Plan) -> None:
    """Declare the stages and tables of a plan that are not declared yet."""
    verbose = plan.values["VERBOSE"] == "1"
    try:
        if not session.is_ready:
            _cache_class(plan.values["cache"])  # a mistake in it is told before anything is made
            session.machines = machines_of(plan.values["executor"], session.root)
            _prepare(env, session.root, plan.values["cache"])
            atexit.register(session.contents.save)
            session.is_ready = True
        elif not any(env is known for known in session.envs):
            env["ENV"] |= session.envs[0]["ENV"]
            env["EDGE_RESIDENT"] = session.envs[0]["EDGE_RESIDENT"]
            _share(env, plan.values["cache"])
        session.envs.append(env)
        for stage in plan.stages:
            if stage.outputs not in session.declared:
                nodes = _nodes.declare(env, stage, session.root, session.contents, verbose=verbose)
                damaged = _truth.renew_damaged(env, stage, nodes, session.contents)
                session.declared[stage.outputs] = stage, nodes, damaged
        send_elsewhere(session.envs, session.machines, session.root, session.contents, session.stages)
        _live.look_on(session.envs, session.root, session.stages, COMMAND_LINE_TARGETS, sys.argv[1:])
    except (UserError, OSError) as error:
        raise _ended(env, error) from None
    for text in plan.tables:
        if text not in session.tables:
            session.tables.add(text)
            _declare_table(env, text)


def _explain(env: Any, session: _Session, plan: Plan) -> None:
    """Where somebody asks what a build would do: tell it, and build nothing."""
    if path := _why.asked():
        _why.write(path, [session.declared[stage.outputs] for stage in plan.stages], session.decide, session.root)
        env.Exit(0)


def _ended(env: Any, error: UserError | OSError) -> SystemExit:
    """End SCons with a message; gives what is raised where it does not end by itself."""
    told: EdgewrightError
    if isinstance(error, UserError):
        told = error
    else:
        place = str(error.filename or "$TMPDIR")
        told = machine_error(error) or UserError(place, f"cannot be used: {error.strerror}")
    _show.tell(told)
    env.Exit(told.exit_code)
    return SystemExit(told.exit_code)


def edge_command(env: Any, name: str, command: list[str], help: str) -> None:  # noqa: A002 - SCons calls it so
    """A goal that runs a command each time that it is asked for; before EdgeProject, `scons -h` lists it."""
    env["EDGE_GOALS"][name] = help
    _goal(env, name, env.Action([command], " ".join(command)))


def _goal(env: Any, name: str, action: Any) -> None:
    env.AlwaysBuild(env.Alias(name, [], action))


def _prepare(env: Any, root: Path, where: str) -> None:
    (root / BUILD).mkdir(exist_ok=True)
    env.SConsignFile(f"{BUILD}/{_database.RECORD}")
    _database.guard(root / BUILD)
    if folder := _cache(where):
        _share(env, where)
        _goal(env, _show.CLEAN_CACHE, env.Action(_cleaner(folder), _literal.text(f"empty the cache {folder}")))
    own = scratch.make()
    times.shorten(root / BUILD / times.FILE)
    env["ENV"] |= {times.VARIABLE: str(root / BUILD / times.FILE)}
    if not {"EDGEWRIGHT_WARM", "EDGEWRIGHT_WARM_OWNER"} <= env["ENV"].keys():  # else that of who started this build
        env["ENV"] |= {"EDGEWRIGHT_WARM": str(own / "warm"), "EDGEWRIGHT_WARM_OWNER": str(os.getpid())}
    resident = env["EDGE_RESIDENT"] = Resident(own / "stages", _nodes.python_of(env["ENV"]["PATH"])[0], env["ENV"])
    _show.finish_with(GetBuildFailures, own)
    atexit.register(resident.close)


def _cache(value: str) -> Path | None:
    """The folder of finished artifacts."""
    own = value == "on" or is_server(value)
    return None if value == "off" else cache_home() / "artifacts" if own else Path(value)


@cache
def _cache_class(value: str) -> type[CheckedCache]:
    """What the folder of the cache is: with a server behind it where one is named. UserError for a wrong one."""
    if not is_server(value):
        return CheckedCache
    from edgewright.scons._http_cache import Server, shared_with  # what a build without one does not pay for

    return shared_with(Server(value))


def _share(env: Any, value: str) -> None:
    folder = _cache(value)
    if folder is None:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        print(f"warning: no cache: {error} (cache=off, or a folder that can be written, ends this)", file=sys.stderr)
        return
    env.CacheDir(_literal.text(str(folder)), _cache_class(value))


def _cleaner(folder: Path) -> Callable[..., int]:
    """An SCons action that empties the cache; its status is that of the error."""

    def action(**_: Any) -> int:
        try:
            empty(folder)
        except ToolError as error:
            _show.tell(error)
            return error.exit_code
        return 0

    return action


def _table_name(text: str) -> str:
    """The goal that shows a table: target/model."""
    return Path(text).parent.relative_to(BUILD).as_posix()


def _declare_table(env: Any, text: str) -> None:
    """Every build that makes a report ends with its table, also when nothing had to be made."""
    table = env.Alias(_table_name(text), text, env.Action(_show.print_report(text), strfunction=None))
    env.AlwaysBuild(table)
    env.Alias("report", table)
    env.Requires(str(Path(text).with_name("budget.txt")), table)
