"""A whole project: every target, board and model file, read and checked in one go."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from edgewright import registry
from edgewright.errors import UserError, UserErrors, did_you_mean
from edgewright.sections.board import Board
from edgewright.spec import _checks, _ports
from edgewright.spec._brought import Source, check_path, source_of
from edgewright.spec._sources import find, read_all, resolve_extends
from edgewright.spec._stand_in import StandIn, stand_in
from edgewright.spec._validate import known_name, validate
from edgewright.spec.device import ProjectDevice, load_devices
from edgewright.spec.model import Model
from edgewright.spec.target import Target, merge
from edgewright.spec.toml_text import TomlFile

TARGET_FILE = ".toml"
CALIBRATION = "inputs of the model, an array [N, ...] in a .npy file, or one a name of an input in an .npz file"


@dataclass(frozen=True)
class Step:
    """One compression pass of a target, its options checked and filled in, and where it stands."""

    name: str
    options: Mapping[str, Any]
    where: str = ""


@dataclass(frozen=True)
class Measure:
    """How a target is measured: the transport's module and its options, checked and filled in.

    `device` is the name of the lab's device, when the target names one.
    """

    transport: str
    options: Mapping[str, Any]
    device: str | None = None


@dataclass(frozen=True)
class Flash:
    """How a board is programmed: the tool's module and its options, checked and filled in."""

    tool: str
    options: Mapping[str, Any]


@dataclass(frozen=True)
class ProjectTarget:
    """A target with all that its names stand for.

    `file` is its own, as messages call it; `folder` is where it is built when that is not build/<name>: one whose file
    lies in build/ itself is built beside it. `data` is all that the file says, `extends` resolved.
    `stand_in` is what instructions are counted on where the target says nothing of a measurement and its board has no
    emulator. `port_files` are those of a port of the project's own.
    """

    name: str
    spec: Target
    board: Board
    steps: tuple[Step, ...]
    measure: Measure | None
    file: str = ""
    folder: str | None = None
    flash: Flash | None = None
    stand_in: StandIn | None = None
    port_files: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def wanted(self) -> str:
        """What names it on the command line: its file where it is none of targets/."""
        return self.file if self.file and Path(self.file).parent.name != "targets" else self.name


@dataclass(frozen=True)
class ProjectModel:
    """A model of the project, or what somebody brings on the command line (then it has no `spec`).

    Attributes:
        name: names its artifacts.
        folder: that of a model of the project.
        spec: what its model.toml says.
        source: what is brought in place of `build()`.
        code: whether it has a model.py.
        calibration: file of inputs that set the ranges of one that is brought on the command line.
        variant: where a target has it built or trained otherwise, what of both is not the model's own; as JSON.
    """

    name: str
    folder: Path | None = None
    spec: Model | None = None
    source: Source | None = None
    code: bool = True
    calibration: str | None = None
    variant: str = ""

    @property
    def origin(self) -> str:
        """Where it comes from, as the user calls it."""
        return self.source.path if self.source and self.spec is None else f"models/{self.name}"


@dataclass(frozen=True)
class Known:
    """What a target may name besides boards, and where its project lies."""

    root: Path
    models: Mapping[str, ProjectModel]
    devices: Mapping[str, ProjectDevice]


@dataclass(frozen=True)
class Project:
    """All that the files of a project say."""

    root: Path
    targets: Mapping[str, ProjectTarget]
    models: Mapping[str, ProjectModel]

    def select_targets(self, wanted: str) -> list[ProjectTarget]:
        """The targets of a list like "rpi,path/to/own.toml", or all of the project's for "all"."""
        brought = {str(path): path.stem for path in target_files(wanted)}
        known = [name for name in self.targets if name not in brought.values()]
        names = _names("target", wanted, [*known, *brought] if wanted != "all" else known)
        return [self.targets[brought.get(name, name)] for name in names]

    def select_models(self, wanted: str, calibration: str | None = None) -> list[ProjectModel]:
        """The models of a list like "fashion_cnn,other.tflite", or all of the project's for "all".

        Args:
            wanted: the list.
            calibration: file of inputs that set the ranges of what is brought in it.

        UserError for a path that holds what is refused, or where there is no file.
        """
        paths = {name: _brought(name, calibration) for name in split(wanted) if registry.importer_of(name)}
        return [paths.get(name) or self.models[name] for name in _names("model", wanted, {**self.models, **paths})]


def load_project(root: Path, home: Path, brought: Sequence[Path] = ()) -> Project:
    """Read and check every file of the project in `root`; targets and boards of `home` stand behind its own.

    Args:
        root: the project's folder.
        home: that of Edgewright.
        brought: further files of targets, relative to the project's folder or absolute.

    Raises:
        UserErrors: all faults of all files.
    """
    errors: list[UserError] = []
    folders = _folders(root, home)
    boards = _all_boards(root, home, errors)
    models = _load_models(read_all(find([root / "models"], "*/model.toml", root), errors), root, errors)
    devices = load_devices(root, boards, errors)
    found = find([f / "targets" for f in folders], "*.toml", root)
    errors += _brought_targets(brought, root, found)
    errors += _checks.file_names("target", found)
    files = read_all(found, errors)
    known = Known(root, models, devices)
    targets = {name: _load_target(name, files, boards, known, errors) for name in sorted(files)}
    if errors:
        raise UserErrors(_checks.in_order(errors))
    return Project(root, {name: target for name, target in targets.items() if target}, models)


def target_files(wanted: str) -> list[Path]:
    """The files of targets that a list like "rpi,path/to/own.toml" names."""
    return [Path(name) for name in split(wanted) if name.endswith(TARGET_FILE)]


def _brought_targets(brought: Sequence[Path], root: Path, found: dict[str, tuple[Path, str]]) -> Iterator[UserError]:
    """Adds files to those that were found; faults of the ones that cannot be."""
    for path in brought:
        where = f"target={path}"
        if not (root / path).is_file():
            yield UserError(where, "no such file", allowed="a TOML file, or a name of a file in targets/")
        elif path.stem in found and found[path.stem][0].resolve() != (root / path).resolve():
            yield UserError(where, f"there is a target {path.stem}", got=found[path.stem][1], hint="name it otherwise")
        else:
            found[path.stem] = (root / path, str(path))


def boards_of(root: Path, home: Path) -> dict[str, Board]:
    """The boards alone, by name. UserErrors: all faults of their files."""
    errors: list[UserError] = []
    boards = _all_boards(root, home, errors)
    if errors:
        raise UserErrors(_checks.in_order(errors))
    return {name: board for name, board in sorted(boards.items()) if board}


def ports_for(chip: str, home: Path) -> list[str]:
    """The ports of Edgewright that are for a chip."""
    return _ports.fitting(chip, _ports.ports([home], []))


def _folders(root: Path, home: Path) -> list[Path]:
    return [root] if root == home else [root, home]


def _all_boards(root: Path, home: Path, errors: list[UserError]) -> dict[str, Board | None]:
    found = find([folder / "targets/boards" for folder in _folders(root, home)], "*.toml", root)
    errors += _checks.file_names("board", found)
    return _load_boards(read_all(found, errors), _ports.ports(_folders(root, home), errors), errors)


def _load_boards(
    files: Mapping[str, TomlFile], ports: _ports.Ports, errors: list[UserError]
) -> dict[str, Board | None]:
    boards = {name: validate(Board, file.data, file, (), errors) for name, file in files.items()}
    for name, board in boards.items():
        if board and board.is_microcontroller:
            errors += _checks.architecture(files[name], board) or list(_ports.faults(files[name], board, ports))
        errors += _checks.emulator(files[name], board) if board else []
        if board and board.flash:
            _load_flash(files[name], board.flash, errors)
    return boards


def _load_models(files: Mapping[str, TomlFile], root: Path, errors: list[UserError]) -> dict[str, ProjectModel]:
    models = {}
    for name, file in files.items():
        folder = root / "models" / name
        spec = validate(Model, file.data, file, (), errors)
        errors += _checks.model_folder(name, folder, file, spec)
        source = _load_source(name, root, file, spec, errors)
        models[name] = ProjectModel(name, folder, spec, source, code=(folder / "model.py").is_file())
    return models


def _load_source(name: str, root: Path, file: TomlFile, spec: Model | None, errors: list[UserError]) -> Source | None:
    if spec is None or spec.source is None:
        return None
    try:
        return source_of(f"models/{name}/{spec.source}", file.where(("source",)), root)
    except UserError as error:
        errors.append(error)
        return None


def _load_target(
    name: str,
    files: Mapping[str, TomlFile],
    boards: Mapping[str, Board | None],
    known: Known,
    errors: list[UserError],
) -> ProjectTarget | None:
    file = resolve_extends(name, files, errors)
    if not file:
        return None
    spec = validate(Target, file.data, file, (), errors)
    errors += _checks.names(file, boards, known.models)
    found = [_load_step(index, file, entry, errors) for index, entry in enumerate(_checks.tables(file, "compress"))]
    steps = tuple(step for step in found if step)
    errors += _order(steps)
    errors += _nothing_to_compress(file)
    board = boards.get(file.data.get("board", ""))
    if spec is None or board is None:
        return None
    measure = _load_measure(file, spec, board, known.devices, errors)
    errors += _checks.contradictions(file, spec, board, measure.transport if measure else None)
    flash = _flash_of(file, spec, board, errors)
    other = stand_in(board, boards) if measure is None and not spec.measure else None
    if other:
        other = replace(other, port_files=_ports.own_files(known.root, other.board.port))
    own = _ports.own_files(known.root, board.port)
    return ProjectTarget(
        name, spec, board, steps, measure, file.path, _folder_of(file.path), flash, other, own, file.data
    )


def _folder_of(file: str) -> str | None:
    return file.removesuffix(TARGET_FILE) if Path(file).parts[0] == "build" else None


def _load_step(index: int, file: TomlFile, entry: Mapping[str, Any], errors: list[UserError]) -> Step | None:
    at = ("compress", index)
    name = entry.get("pass")
    found = known_name(file, (*at, "pass"), name, registry.passes.names(), "pass")
    errors += found
    if found or not isinstance(name, str):
        return None
    options = {key: value for key, value in entry.items() if key != "pass"}
    checked = validate(registry.passes.load(name).OPTIONS, options, file, at, errors)
    return Step(name, checked.model_dump(mode="json"), file.where(at)) if checked else None


def _nothing_to_compress(file: TomlFile) -> list[UserError]:
    """A target that brings a .tflite file and says how to compress it."""
    model = file.data.get("model")
    if not isinstance(model, str) or not registry.importer_of(model) or not _checks.tables(file, "compress"):
        return []
    problem = f"{model} is quantized already: a pass needs a model that can be trained"
    hint = "name a model of models/, or write compress = []"
    return [UserError(file.where(("compress",)), problem, hint=hint)]


def _order(steps: Sequence[Step]) -> list[UserError]:
    """Faults of passes that make no sense after those before them."""
    errors: list[UserError] = []
    before: list[tuple[str, Any]] = []
    for step in steps:
        module = registry.passes.load(step.name)
        options = module.OPTIONS.model_validate(dict(step.options))
        if hasattr(module, "check_order"):
            errors += module.check_order(options, before, step.where)
        before.append((step.name, options))
    return errors


def _load_measure(
    file: TomlFile, spec: Target, board: Board, devices: Mapping[str, ProjectDevice], errors: list[UserError]
) -> Measure | None:
    if "device" in spec.measure:
        return _load_device_measure(file, spec, board, devices, errors)
    transport = spec.measure.get("transport", _checks.EMULATOR if board.emulator else _checks.NOTHING)
    if transport == _checks.NOTHING:
        return None
    found = _checks.transport(file, transport, board)
    errors += found
    if found:
        return None
    module = board.emulator.kind if transport == _checks.EMULATOR and board.emulator else transport
    options = {key: value for key, value in spec.measure.items() if key != "transport"}
    checked = validate(registry.transports.load(module).OPTIONS, options, file, ("measure",), errors)
    return Measure(module, checked.model_dump(mode="json")) if checked else None


def _flash_of(file: TomlFile, spec: Target, board: Board, errors: list[UserError]) -> Flash | None:
    """The target's [flash] laid over the board's; alone where it names another tool."""
    if not spec.flash:
        return _load_flash(file, board.flash, []) if board.flash else None
    if found := _checks.flash(file, spec, board):
        errors += found
        return None
    same = spec.flash.get("tool", board.flash.get("tool")) == board.flash.get("tool")
    return _load_flash(file, merge(board.flash, spec.flash) if same else spec.flash, errors)


def _load_flash(file: TomlFile, section: Mapping[str, Any], errors: list[UserError]) -> Flash | None:
    name = section.get("tool")
    found = known_name(file, ("flash", "tool"), name, registry.programmers.names(), "flash tool")
    errors += found
    if found or not isinstance(name, str):
        return None
    options = {key: value for key, value in section.items() if key != "tool"}
    checked = validate(registry.programmers.load(name).OPTIONS, options, file, ("flash",), errors)
    return Flash(name, checked.model_dump(mode="json")) if checked else None


def _load_device_measure(
    file: TomlFile, spec: Target, board: Board, devices: Mapping[str, ProjectDevice], errors: list[UserError]
) -> Measure | None:
    """What a target adds to a device of the lab: the device's keys, with the target's on top."""
    name = spec.measure["device"]
    found = _checks.device(file, name, devices, spec.board)
    errors += found
    if found:
        return None
    device = devices[name]
    found = _checks.transport(file, device.spec.transport, board)
    errors += found
    options = {key: value for key, value in spec.measure.items() if key not in {"transport", "device"}}
    kind = registry.transports.load(device.spec.transport).OPTIONS
    checked = validate(kind, {**device.options, **options}, file, ("measure",), errors)
    return Measure(device.spec.transport, checked.model_dump(mode="json"), name) if checked and not found else None


def _names(kind: str, wanted: str, known: Iterable[str]) -> Sequence[str]:
    known = list(known)
    if wanted == "all":
        return known
    names = [name for each in split(wanted) for name in (known if each == "all" else [each])]
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        got = unknown[0] if unknown else wanted
        raise UserError(
            f"{kind}={wanted}", f"no such {kind}", got=got, allowed=[*known, "all"], hint=did_you_mean(got, known)
        )
    return list(dict.fromkeys(names))


def split(wanted: str) -> list[str]:
    r"""The names of a list with commas between them; `\,` is a comma in a name."""
    names = (name.replace("\\,", ",").strip() for name in re.split(r"(?<!\\),", wanted))
    return [name for name in names if name]


def escaped(name: str) -> str:
    """A name for such a list."""
    return name.replace(",", "\\,")


def _brought(name: str, calibration: str | None) -> ProjectModel:
    check_path(name, f"model={name}")
    if calibration is not None:
        check_path(calibration, f"calibration={calibration}")
        if not Path(calibration).is_file():
            raise UserError(f"calibration={calibration}", "no such file", allowed=CALIBRATION)
    source = source_of(name, f"model={name}")
    stem = name.rpartition(":")[2] if source.path not in source.files and ":" in name else Path(name).stem
    return ProjectModel(identifier(stem), source=source, code=False, calibration=calibration)


def identifier(text: str) -> str:
    """A name that C, file systems and shells accept: letters, digits and "_", not led by a digit."""
    name = re.sub(r"[^0-9A-Za-z_]+", "_", text).strip("_") or "model"
    return f"m_{name}" if name[0].isdigit() else name
