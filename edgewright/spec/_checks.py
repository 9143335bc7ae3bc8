"""What no single key can say: names that must exist, and keys that contradict each other."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from edgewright import kinds, registry
from edgewright.arch import architecture_of
from edgewright.errors import UserError, did_you_mean
from edgewright.sections.board import Board
from edgewright.sections.data import Data
from edgewright.sections.section import Key
from edgewright.sections.task import OWN, Judged
from edgewright.source import definitions
from edgewright.spec._preprocess import preprocess_keys
from edgewright.spec._quantize import quantize
from edgewright.spec._validate import known_name, validate
from edgewright.spec.model import Model
from edgewright.spec.target import Target
from edgewright.spec.toml_text import TomlFile
from edgewright.units import format_bytes

EMULATOR = "qemu"  # what targets call the emulator of their board, whichever it is
NOTHING = "none"  # built and sized, not run

TAKEN = {"all", "models"}
"""What cannot be a target: the word for all of them, and the folder of build/ that all of them share."""

RUNTIMES = {"microcontroller": ["aot"], "android": ["litert"], "linux": ["tflite-runtime", "litert"]}
CLASSES = {"microcontroller": "a microcontroller", "android": "an Android phone", "linux": "a Linux-class board"}


def file_names(kind: str, found: Mapping[str, tuple[Path, str]]) -> list[UserError]:
    """Faults of the names that targets or boards have by their files."""
    errors = []
    for name, (_, shown) in found.items():
        if not kinds.NAME.takes(name):
            errors.append(UserError(shown, f"no name for a {kind}", got=name, allowed=kinds.NAME.allowed))
        elif kind == "target" and name in TAKEN:
            errors.append(UserError(shown, "means something else already", got=name, hint="name the target otherwise"))
    return errors


def names(file: TomlFile, boards: Iterable[str], models: Iterable[str]) -> list[UserError]:
    """Faults of the names at the top of a target file; values of a wrong type are told by its model."""
    errors = []
    for kind, known in (("board", boards), ("model", models)):
        name = file.data.get(kind)
        if isinstance(name, str) and not registry.importer_of(name):
            errors += known_name(file, (kind,), name, known, kind)
    return [*errors, *_names_of_several(file, models)]


def _names_of_several(file: TomlFile, models: Iterable[str]) -> list[UserError]:
    given = file.data.get("models")
    named = [name for name in given if isinstance(name, str)] if isinstance(given, list) else []
    return [
        error
        for index, name in enumerate(named)
        if not registry.importer_of(name)
        for error in known_name(file, ("models", index), name, models, "model")
    ]


def tables(file: TomlFile, key: str) -> list[dict[str, Any]]:
    """The tables of an array, as far as it is one."""
    found = file.data.get(key)
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def in_order(errors: Iterable[UserError]) -> list[UserError]:
    """Each error once; those of one file together and by line, files in the order of their first error."""
    once = list({str(error): error for error in errors}.values())
    first = {path: index for index, path in reversed([(i, _place(e)[0]) for i, e in enumerate(once)])}
    return sorted(once, key=lambda error: (first[_place(error)[0]], _place(error)[1]))


def _place(error: UserError) -> tuple[str, int]:
    path, _, rest = error.where.partition(":")
    line = rest.partition(":")[0]
    return path, int(line) if line.isdigit() else 0


def model_folder(name: str, folder: Path, file: TomlFile, spec: Model | None) -> list[UserError]:
    """Faults of a model's folder: no model.py, or no data."""
    errors = []
    if not re.fullmatch(r"[A-Za-z_][0-9A-Za-z_]*", name):
        errors.append(
            UserError(f"models/{name}", "not a name that C accepts", allowed="letters, digits and _, no digit first")
        )
    source, brought = folder / "model.py", "source" in file.data  # of a file with other faults, too
    if not source.is_file() and not brought:
        hint = "it must define build()"
        return [*errors, UserError(file.path, "model.py is missing beside it", hint=hint)]
    try:
        defined = definitions(source) if source.is_file() else frozenset()
    except UserError as error:
        return [*errors, UserError(str(error.where).replace(str(source), f"models/{name}/model.py"), error.problem)]
    if spec and spec.data.dataset is None and "load" not in defined:
        known = registry.datasets.names()
        hint = 'write dataset = "..." into [data], or define load() in model.py: docs/models.md shows both'
        return [*errors, UserError(file.where(("data", "dataset")), "no data set", allowed=known, hint=hint)]
    if "build" not in defined and not brought:
        hint = "write one that gives a tf.keras model"
        errors.append(UserError(f"models/{name}/model.py", "no function build()", hint=hint))
    errors += own_functions(folder, file, spec)
    data = file.data.get("data")
    dataset = data.get("dataset") if isinstance(data, dict) else None
    if isinstance(dataset, str):
        errors += known_name(file, ("data", "dataset"), dataset, registry.datasets.names(), "data set")
    errors += preprocess_keys(file, spec.preprocess) if spec else []
    return errors + (_data_keys(file, spec.data) if spec else [])


def _data_keys(file: TomlFile, data: Data) -> list[UserError]:
    """Faults of the keys of `[data]` that depend on the data set."""
    known = data.dataset in registry.datasets.names()
    kind = getattr(registry.datasets.load(str(data.dataset)), "OPTIONS", None) if known else None
    errors: list[UserError] = []
    if kind is not None:
        validate(kind, data.more, file, ("data",), errors)
    elif known or data.dataset is None:
        names = list(Data.model_fields)
        for key in data.more:
            hint = did_you_mean(key, names)
            errors.append(UserError(file.where(("data", key)), "unknown key", allowed=names, hint=hint))
    return errors


def own_functions(folder: Path, file: TomlFile, spec: Model | None) -> list[UserError]:
    """Faults of losses and metrics that are functions of the user's: "module:function" of a file beside model.toml."""
    task = spec.task if spec else None
    named: list[tuple[Key, Judged]] = [(("task",), task)] if task else []
    named += [(("task", "outputs", number), output) for number, output in enumerate(task.outputs if task else ())]
    return [
        error
        for at, goal in named
        for key, name in _functions(goal)
        if (error := _own_function(folder, file.where((*at, key)), name))
    ]


def _functions(goal: Judged) -> Iterator[tuple[str, str]]:
    found = (("loss", goal.loss), ("metric", goal.metric), *(("metrics", name) for name in goal.metrics))
    return ((key, name) for key, name in found if name and OWN in name)


def _own_function(folder: Path, where: str, name: str) -> UserError | None:
    module, _, function = name.partition(OWN)
    source = folder / f"{module}.py"
    if not source.is_file():
        return UserError(where, f"no {module}.py beside model.toml", got=name, allowed='"model:function"')
    defined = definitions(source)
    if function in defined:
        return None
    hint = did_you_mean(function, defined)
    return UserError(where, f"{module}.py has no function {function}()", got=name, allowed=defined, hint=hint)


def reachable() -> list[str]:
    """Transports that reach a thing which a lab can have."""
    return [name for name in registry.transports.names() if not emulates(name)]


def emulates(transport: str) -> bool:
    """Whether a transport stands in for a board."""
    return bool(registry.transports.load(transport).ABILITIES.kind == "emulated")


def emulator(file: TomlFile, board: Board) -> list[UserError]:
    """Faults of a board's `[emulator] kind`."""
    if board.emulator is None:
        return []
    kind, key = board.emulator.kind, ("emulator", "kind")
    if kind in registry.transports.names() and emulates(kind) and board.device_class in _reached(kind):
        return []
    known = [name for name in registry.transports.names() if emulates(name)]
    return known_name(file, key, kind, known, "emulator") or _reach(file, key, kind, board, known)


def transport(file: TomlFile, name: object, board: Board) -> list[UserError]:
    """Faults of `[measure] transport`."""
    key = ("measure", "transport")
    if errors := [] if _is_transport(name) else known_name(file, key, name, _transports(), "transport"):
        return errors
    if name == EMULATOR and not board.emulator:
        where = file.where(key)
        return [UserError(where, "the board has no emulator", got=name, allowed=sorted(_transports() - {EMULATOR}))]
    if name != NOTHING and board.is_microcontroller and board.port is None:
        where = file.where(key)
        hint = "name a port in the board's file"
        return [UserError(where, "the board has no port: nothing there answers", got=name, allowed=NOTHING, hint=hint)]
    if board.device_class in _reached(str(name)):
        return []
    return _reach(file, key, str(name), board, _transports())


def _is_transport(name: object) -> bool:
    """Whether a target may name it; no other transport is loaded to tell."""
    known = isinstance(name, str) and name in registry.transports.names()
    return name in (EMULATOR, NOTHING) or (known and not emulates(str(name)))


def _transports() -> set[str]:
    """All that a target may name."""
    return {NOTHING, EMULATOR, *reachable()}


def _reach(file: TomlFile, key: Key, name: str, board: Board, known: Iterable[str]) -> list[UserError]:
    """The fault of a transport that does not reach boards of this class; those of `known` that do are told."""
    reached = _reached(name)
    classes = " or ".join(CLASSES[each] for each in reached)
    problem = f"reaches {classes} and no other; the board is {CLASSES[board.device_class]}"
    allowed = [other for other in sorted(known) if board.device_class in _reached(other)]
    return [UserError(file.where(key), problem, got=name, allowed=allowed)]


def _reached(name: str) -> Collection[str]:
    if name in (EMULATOR, NOTHING):
        return CLASSES
    reached: Collection[str] = registry.transports.load(name).ABILITIES.reaches
    return reached


def architecture(file: TomlFile, board: Board) -> list[UserError]:
    """Faults of the core of a microcontroller."""
    try:
        architecture_of(board.core.arch)
    except UserError as error:
        return [UserError(file.where(("core", "arch")), error.problem, got=board.core.arch, allowed=error.allowed)]
    return []


def flash(file: TomlFile, spec: Target, board: Board) -> list[UserError]:
    """Faults of a target's [flash]."""
    if board.is_microcontroller and board.port is None:
        problem = f"{spec.board} has no port: there is no firmware to program"
        return [UserError(file.where(("flash",)), problem, hint="name a port in the board's file")]
    if board.is_microcontroller:
        return []
    return [
        UserError(file.where(("flash",)), f"{spec.board} is {CLASSES[board.device_class]}: nothing is flashed there")
    ]


def device(file: TomlFile, name: object, known: Mapping[str, Any], board: str) -> list[UserError]:
    """Faults of `[measure] device`; `known` are the devices of the lab, which were read before."""
    where = file.where(("measure", "device"))
    if name not in known:
        hint = did_you_mean(str(name), known) or "devices.toml names the devices of a lab, one table each"
        return [UserError(where, "no such device", got=name, allowed=sorted(known) or "none is named yet", hint=hint)]
    its = known[str(name)].spec
    errors = []
    if its.board not in {None, board}:
        errors.append(UserError(where, f"is a {its.board}, and the target is for {board}", got=name))
    asked = file.data["measure"].get("transport", EMULATOR)
    if asked not in {EMULATOR, its.transport}:  # it may be inherited: a device stands before the emulator
        problem = f"is reached by {its.transport}, not by {asked}"
        errors.append(UserError(where, problem, got=name, hint="leave transport out"))
    return errors


def contradictions(file: TomlFile, spec: Target, board: Board, transport: str | None) -> list[UserError]:
    """Keys that cannot be true together."""
    return [
        *_runtime(file, spec, board),
        *_several(file, spec, board),
        *_memory_budgets(file, spec, board),
        *_latency_budgets(file, spec, board, transport),
        *quantize(file, spec),
    ]


def _runtime(file: TomlFile, spec: Target, board: Board) -> list[UserError]:
    allowed = RUNTIMES[board.device_class]
    if spec.runtime in allowed:
        return []
    problem = f"{spec.board} is {CLASSES[board.device_class]}"
    return [UserError(file.where(("runtime",)), problem, got=spec.runtime, allowed=allowed)]


def _several(file: TomlFile, spec: Target, board: Board) -> list[UserError]:
    """Faults of `models`, and of what makes no sense for several."""
    if not spec.models:
        return []
    if not board.is_microcontroller:
        problem = f"share one firmware, and {spec.board} is {CLASSES[board.device_class]}"
        return [UserError(file.where(("models",)), problem, hint="build them one by one: model=a,b")]
    if len(spec.models) == 1:
        return [UserError(file.where(("models",)), "names one model alone", hint=f'model = "{spec.models[0]}"')]
    twice = [name for name in spec.models if spec.models.count(name) > 1]
    if twice:
        return [UserError(file.where(("models",)), "names a model twice", got=twice[0], hint="each runs in its turn")]
    faults = {
        ("model",): "stands beside models" if spec.model is not None else None,
        ("compile", "variants"): "numbers are operators of one model, and there are several"
        if spec.compile.variants
        else None,
        ("compile", "weights"): "numbers are operators of one model, and there are several"
        if spec.compile.of_layers
        else "fits one model to the budget, and there are several"
        if spec.compile.fits_flash
        else None,
        ("compile", "input"): "auto fits one model to the budget, and there are several; rows is for all of them"
        if spec.compile.input == "auto"
        else None,
        ("firmware", "protocol_name"): "names one model, and there are several; each has its own name"
        if spec.firmware.protocol_name
        else None,
    }
    hint = "leave one of the two out"
    return [UserError(file.where(key), problem, hint=hint) for key, problem in faults.items() if problem]


def _memory_budgets(file: TomlFile, spec: Target, board: Board) -> list[UserError]:
    errors = []
    for name in ("flash", "ram"):
        limit = getattr(spec.budget, name)
        if limit is None:
            continue
        where = file.where(("budget", name))
        if board.memory is None:
            hint = "budget the file with size" if name == "flash" else None
            errors.append(
                UserError(where, f"{spec.board} is not a microcontroller", got=format_bytes(limit), hint=hint)
            )
        elif limit > (size := board.memory.ram_bytes if name == "ram" else board.memory.flash.size):
            allowed = f"at most the {format_bytes(size)} of {spec.board}"
            errors.append(UserError(where, "more than the board has", got=format_bytes(limit), allowed=allowed))
    return errors


def _latency_budgets(file: TomlFile, spec: Target, board: Board, transport: str | None) -> list[UserError]:
    if transport is None:
        return []  # nothing is measured yet: the report says so, and holds the limit for the day that something is
    emulated = emulates(transport)
    errors = []
    if spec.budget.latency is not None and emulated and not board.core.cycle_model:
        problem = "nothing measures a time here"
        hint = "budget latency_instructions, or point [measure] at a device"
        errors.append(UserError(file.where(("budget", "latency")), problem, hint=hint))
    if spec.budget.latency_instructions is not None and not emulated:
        problem = "nothing counts instructions here"
        hint = f'only an emulator counts them: transport = "{EMULATOR}"; budget latency for a device'
        errors.append(UserError(file.where(("budget", "latency_instructions")), problem, hint=hint))
    return errors
