"""SCons tool "edge": the graph of Edgewright in any SConstruct.

    env = Environment(tools=["edge"], toolpath=[PyPackageDir("edgewright.scons")])
    env.EdgeCommand("lint", ["ruff", "check"], "check style")      # before EdgeProject: a goal of the project's own
    env.EdgeProject(target="rpi", model="fashion_cnn")

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
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from SCons.Script import ARGUMENTS, COMMAND_LINE_TARGETS, GetBuildFailures

from edgewright import times
from edgewright.errors import EdgewrightError, ToolError, UserError, UserErrors, did_you_mean, machine_error
from edgewright.home import cache_home, home
from edgewright.pipeline import (
    BUILD,
    GOALS,
    Made,
    Stage,
    check_group,
    check_pair,
    left_out,
    made,
    made_together,
    overview_stage,
    renamed,
    report_text,
    stages_of,
    together_stages,
    together_text,
)
from edgewright.scons import _database, _literal, _live, _nodes, _options, _show, _truth, _why
from edgewright.scons._cache_dir import CheckedCache, empty
from edgewright.scons._contents import Contents
from edgewright.spec import Project, ProjectModel, ProjectTarget, escaped, load_project

Pair = tuple[ProjectTarget, ProjectModel]
Group = tuple[ProjectTarget, list[ProjectModel]]

PASSED_ON = ("HOME", "LANG", "LC_ALL", "TERM", "TMPDIR", "COLUMNS", "CI", "VIRTUAL_ENV", "SSH_AUTH_SOCK")
PASSED_ON_PREFIXES = (
    *("ADB_", "ANDROID_", "EDGEWRIGHT_", "XDG_", "PIP_", "UV_", "SSL_", "REQUESTS_", "CURL_", "OPENBLAS_"),
    *("http", "https"),
)


def generate(env: Any) -> None:
    """Add EdgeProject and EdgeCommand to an environment."""
    env["ENV"] = _environment()
    env["EDGE_GOALS"] = {**GOALS, _show.CLEAN_CACHE: "throw the cache of finished artifacts away"}
    env.AddMethod(edge_project, "EdgeProject")
    env.AddMethod(edge_command, "EdgeCommand")


def exists(_env: Any) -> bool:
    """Nothing but this package is needed to declare the graph."""
    return True


def edge_project(env: Any, target: str, model: str = "all") -> None:
    """Declare the stages of all chosen targets and models; `target` and `model` are the defaults."""
    root = Path(env.Dir("#").abspath)
    contents = Contents(root / BUILD / ".contents.json")
    try:
        decide = _truth.decide_by_content(env, contents)
        plan = _planned(root, _options.options(target, model))
    except UserError as error:
        _refuse(env, error)
        return
    _say(env, plan)
    tables = [report_text(*pair) for pair in plan.pairs] + [together_text(*group) for group in plan.groups]
    outputs = (output for stage in plan.stages for output in stage.outputs)
    _refuse_unknown_goals(env, root, {*outputs, *map(_table_name, tables)})
    _refuse_empty_goals(env, plan.stages)
    try:
        _prepare(env, root, plan.values["cache"])
        _live.look_on(env, root, plan.stages, COMMAND_LINE_TARGETS, sys.argv[1:])
        atexit.register(contents.save)
        verbose = plan.values["VERBOSE"] == "1"
        declared = [_declare(env, stage, root, contents, verbose=verbose) for stage in plan.stages]
    except (UserError, OSError) as error:
        _refuse(env, error)
        return
    if path := _why.asked():
        _why.write(path, declared, decide, root)
        env.Exit(0)
    for text in tables:
        _declare_table(env, text)
    env.Default("report")


@dataclass(frozen=True)
class _Plan:
    """What the command line chooses of a project."""

    project: Project
    table: Sequence[_options.Option]
    values: Mapping[str, str]
    pairs: Sequence[Pair]
    groups: Sequence[Group]
    stages: Sequence[Stage]


def _planned(root: Path, table: Sequence[_options.Option]) -> _Plan:
    values, errors = _options.read_options(table, ARGUMENTS)
    project = _load(root, errors)
    pairs = _choose(project, values)
    groups = _groups(pairs)
    stages = [*_stages(pairs, groups, values["budget"] == "warn"), overview_stage(_built(pairs, groups, root))]
    _refuse_unmade(stages, root)
    return _Plan(project, table, values, pairs, groups, stages)


def _say(env: Any, plan: _Plan) -> None:
    env.Help(_literal.text(_show.help_page(plan.project, plan.table, env["EDGE_GOALS"])))
    models = {model.name: model for _, model in plan.pairs}.values()
    _show.remark(note for model in models if (note := renamed(model)))
    _show.remark(note for pair in plan.pairs if (note := left_out(*pair)))


def _refuse(env: Any, error: UserError | OSError) -> None:
    """End SCons with a message."""
    told: EdgewrightError
    if isinstance(error, UserError):
        told = error
    else:
        place = str(error.filename or "$TMPDIR")
        told = machine_error(error) or UserError(place, f"cannot be used: {error.strerror}")
    _show.tell(told)
    env.Exit(told.exit_code)


def _declare(env: Any, stage: Stage, root: Path, contents: Contents, *, verbose: bool) -> _why.Declared:
    nodes = _nodes.declare(env, stage, root, contents, verbose=verbose)
    return stage, nodes, _truth.renew_damaged(env, stage, nodes, contents)


def edge_command(env: Any, name: str, command: list[str], help: str) -> None:  # noqa: A002 - SCons calls it so
    """A goal that runs a command each time that it is asked for; declared before EdgeProject."""
    env["EDGE_GOALS"][name] = help
    _goal(env, name, env.Action([command], " ".join(command)))


def _goal(env: Any, name: str, action: Any) -> None:
    env.AlwaysBuild(env.Alias(name, [], action))


def _refuse_unknown_goals(env: Any, root: Path, known: set[str]) -> None:
    """End SCons on a goal that is neither one of ours nor a file or folder: SCons' own message names no close one."""
    goals = sorted({*env["EDGE_GOALS"], *known})
    for goal in COMMAND_LINE_TARGETS:
        if goal not in goals and not goal.startswith(f"{BUILD}/") and not (root / goal).exists():
            close = did_you_mean(goal, goals)
            _show.tell(UserError(f"scons {goal}", "no such goal", allowed=env["EDGE_GOALS"], hint=close))
            env.Exit(2)


def _refuse_empty_goals(env: Any, stages: Sequence[Stage]) -> None:
    """End SCons on a goal that no stage of the chosen targets and models has."""
    there = sorted({alias for stage in stages for alias in stage.aliases})
    for goal in COMMAND_LINE_TARGETS:
        if goal in GOALS and goal not in there:
            problem = f"nothing to do for the chosen targets and models: {GOALS[goal]}"
            _show.tell(UserError(f"scons {goal}", problem, allowed=there, hint="choose others: target=... model=..."))
            env.Exit(2)


def _load(root: Path, errors: list[UserError]) -> Project:
    try:
        project = load_project(root, home())
    except UserErrors as caught:
        raise UserErrors([*errors, *caught.errors]) from None
    if errors:
        raise UserErrors(errors)
    return project


def _choose(project: Project, values: dict[str, str]) -> list[Pair]:
    targets = project.select_targets(values["target"])
    pairs = [(target, model) for target in targets for model in _models(project, target, values)]
    if not pairs:
        hint = "bring one: model=path/to/net.tflite; or describe one in models/<name>/model.toml and model.py"
        raise UserError(f"model={values['model']}", "the project has no model", hint=hint)
    if errors := [*_namesakes(pairs), *(error for pair in pairs for error in check_pair(*pair))]:
        raise UserErrors(errors)
    return pairs


def _models(project: Project, target: ProjectTarget, values: dict[str, str]) -> list[ProjectModel]:
    return project.select_models(_wanted(target, values), values["calibration"] or None)


def _namesakes(pairs: list[Pair]) -> Iterator[UserError]:
    """Models of one target that would be built in one folder, where the last would stand for all of them."""
    first: dict[tuple[str, str], ProjectModel] = {}
    for target, model in pairs:
        other = first.setdefault((target.name, model.name), model)
        if other != model:
            problem = f"{other.origin} and {model.origin} would both be built in {BUILD}/{target.name}/{model.name}"
            yield UserError(f"model={model.origin}", problem, hint="copy one of them under another name")


def _wanted(target: ProjectTarget, values: dict[str, str]) -> str:
    """The models of the command line, else those that the target names, else the project's default."""
    named = [*target.spec.models, *([target.spec.model] if target.spec.model is not None else [])]
    own = None if "model" in ARGUMENTS else ",".join(map(escaped, named))
    return own or values["model"]


def _prepare(env: Any, root: Path, cache: str) -> None:
    (root / BUILD).mkdir(exist_ok=True)
    env.SConsignFile(f"{BUILD}/{_database.RECORD}")
    _database.guard(root / BUILD)
    if cache != "off":
        folder = cache_home() / "artifacts" if cache == "on" else Path(cache)
        _share(env, folder)
        _goal(env, _show.CLEAN_CACHE, env.Action(_cleaner(folder), _literal.text(f"empty the cache {folder}")))
    scratch = Path(tempfile.mkdtemp(prefix="edgewright-"))
    times.shorten(root / BUILD / times.FILE)
    env["ENV"] |= {times.VARIABLE: str(root / BUILD / times.FILE)}
    env["ENV"] |= _warm(scratch)
    _show.finish_with(GetBuildFailures, scratch)


def _warm(scratch: Path) -> dict[str, str]:
    """Where stages find the warm process: that of who started this build, if it has one, else one of this build."""
    names = ("EDGEWRIGHT_WARM", "EDGEWRIGHT_WARM_OWNER", "EDGEWRIGHT_WARM_IDLE_S")
    given = {name: os.environ[name] for name in names if name in os.environ}
    return {names[0]: str(scratch / "warm"), names[1]: str(os.getpid())} if names[1] not in given else given


def _share(env: Any, folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        print(f"warning: no cache: {error} (cache=off, or a folder that can be written, ends this)", file=sys.stderr)
        return
    env.CacheDir(_literal.text(str(folder)), CheckedCache)


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


def _stages(pairs: list[Pair], groups: list[Group], warn: bool) -> list[Stage]:
    """The stages of all pairs and groups; what two of them share is in it once."""
    alone = (stage for pair in pairs for stage in stages_of(*pair, warn=warn))
    together = (stage for group in groups for stage in together_stages(*group, warn=warn))
    return list({stage.outputs: stage for stage in (*alone, *together)}.values())


def _names_of(target: ProjectTarget, pairs: list[Pair]) -> set[str]:
    return {model.name for its, model in pairs if its is target}


def _groups(pairs: list[Pair]) -> list[Group]:
    """The chosen targets that put several models into one firmware, where all of these are chosen; UserErrors."""
    chosen: dict[str, Group] = {}
    for target, model in pairs:
        names = {str(name) for name in target.spec.models}
        if names & {model.name, model.origin}:
            chosen.setdefault(target.name, (target, []))[1].append(model)
    groups = [group for group in chosen.values() if len(group[1]) == len(group[0].spec.models)]
    if errors := [error for group in groups for error in check_group(*group, _names_of(group[0], pairs))]:
        raise UserErrors(errors)
    return groups


def _built(pairs: list[Pair], groups: list[Group], root: Path) -> list[Made]:
    """The builds of the page of all builds: the chosen ones, and those that were made before."""
    folders = (path.parent.relative_to(root).as_posix() for path in (root / BUILD).glob("*/*/history.json"))
    chosen = [*(made(*pair) for pair in pairs), *(made_together(*group) for group in groups)]
    return sorted({*chosen, *map(Made.in_folder, folders)})


def _refuse_unmade(stages: list[Stage], root: Path) -> None:
    """UserErrors for files of the build that a stage reads, that are not there, and that no stage makes."""
    made = {output for stage in stages for output in stage.outputs}
    hint = "choose the model that makes it as well: model=a,b"
    errors = [
        UserError(
            stage.title, "reads a file that is not there and that nothing in this build makes", got=path, hint=hint
        )
        for stage in stages
        for path in stage.inputs
        if path.startswith(f"{BUILD}/") and path not in made and not (root / path).exists()
    ]
    if errors:
        raise UserErrors(errors)


def _table_name(text: str) -> str:
    """The goal that shows a table: target/model."""
    return Path(text).parent.relative_to(BUILD).as_posix()


def _declare_table(env: Any, text: str) -> None:
    """Every build that makes a report ends with its table, also when nothing had to be made."""
    table = env.Alias(_table_name(text), text, env.Action(_show.print_report(text), strfunction=None))
    env.AlwaysBuild(table)
    env.Alias("report", table)
    env.Requires(str(Path(text).with_name("budget.txt")), table)


def _environment() -> dict[str, str]:
    """The environment of the stages: no more of the user's than they need, so that builds are alike."""
    passed = {k: v for k, v in os.environ.items() if k in PASSED_ON or k.startswith(PASSED_ON_PREFIXES)}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    package_root = str(Path(__file__).resolve().parents[2])
    return {**passed, "PATH": path, "PYTHONPATH": package_root, "PYTHONHASHSEED": "0"}
