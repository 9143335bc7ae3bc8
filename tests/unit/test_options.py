"""Options of stages: written and read by one class each, all of them through one door, each default in one place."""

from __future__ import annotations

import ast
import importlib
import json
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from edgewright import options, registry, sections, stages
from edgewright.errors import UserError, UserErrors
from edgewright.home import home
from edgewright.options import StageOptions, firmware, measure, quantize, read, words
from edgewright.options import compile as compiled
from edgewright.options._base import json_object
from edgewright.pipeline import stages_of
from edgewright.sections.board import Board
from edgewright.sections.budget import Budget
from edgewright.sections.compile import Compile
from edgewright.sections.data import Data
from edgewright.sections.quantize import Quantize
from edgewright.sections.section import Section
from edgewright.spec import load_project
from edgewright.stage_command import Command

ROOT = home()


def modules(package: ModuleType) -> Iterator[ModuleType]:
    """Every module below a package."""
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield importlib.import_module(found.name)


def public(module: ModuleType) -> bool:
    return not any(part.startswith("_") for part in module.__name__.split("."))


STAGES = [module for module in modules(stages) if public(module) and not hasattr(module, "__path__")]


def own(module: ModuleType, kind: type) -> list[Any]:
    """The classes of a kind that a module itself declares."""
    found = [each for each in vars(module).values() if isinstance(each, type) and issubclass(each, kind)]
    return [each for each in found if each.__module__ == module.__name__ and each is not kind]


@pytest.mark.parametrize("module", STAGES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_every_stage_takes_its_options_through_the_one_door(module: ModuleType) -> None:
    assert isinstance(module.main, Command)
    assert issubclass(module.main.options, StageOptions)
    assert module.main.options.__module__.startswith("edgewright.options.")
    assert module.main.module == module.__name__
    tree = ast.parse(Path(str(module.__file__)).read_text())
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert "argparse" not in imported, "options come in by main.parse"


def test_each_class_of_options_has_its_stage() -> None:
    found = {kind for module in modules(options) for kind in own(module, StageOptions)}
    assert found == {module.main.options for module in STAGES}


def test_no_default_of_a_section_is_declared_again() -> None:
    """A class declares only keys that none below it has, and no stage declares a key of a section that it reads."""
    for module in modules(sections):
        for kind in own(module, Section):
            below = {name for base in kind.__mro__[1:] if hasattr(base, "model_fields") for name in base.model_fields}
            again = below & set(vars(kind).get("__annotations__", {}))
            assert all(kind.model_fields[name].is_required() for name in again), (kind, again)
    fields = [
        item for module in modules(sections) for kind in own(module, Section) for item in kind.model_fields.items()
    ]
    keys = {name for name, info in fields if not info.is_required()}
    for module in modules(options):
        for kind in own(module, StageOptions):
            again = {name for name, info in kind.model_fields.items() if name in keys and not info.is_required()}
            sections_of = {name for name in again if isinstance(kind.model_fields[name].default, Section | None)}
            assert again == sections_of, f"{kind} has keys of a section as its own"


def literals(path: Path) -> Iterator[tuple[int, str, Any]]:
    """Line, name and value of the default of a class's field, as far as it is written out."""
    for node in ast.walk(ast.parse(path.read_text())):
        if (
            isinstance(node, ast.AnnAssign)
            and isinstance(node.target, ast.Name)
            and isinstance(node.value, ast.Constant)
        ):
            yield node.lineno, node.target.id, node.value.value


def test_no_stage_and_no_part_of_the_graph_has_a_default_of_its_own_for_a_key_of_a_section() -> None:
    """The fault that this holds off: `qat` had two defaults, of which the stage's was another than the file's."""
    keys = {
        name: info.default
        for kind in (Quantize, Compile, Data)
        for name, info in kind.model_fields.items()
        if name not in ("seed", "limit")
    }
    folders = [ROOT / "edgewright" / name for name in ("stages", "pipeline", "spec", "compiler", "commands")]
    found = [
        f"{path}:{line}: {name} = {value!r}"
        for folder in folders
        for path in folder.rglob("*.py")
        for line, name, value in literals(path)
        if name in keys and value is not None
    ]
    assert found == []


def graph() -> list[Any]:
    """Every stage of every target of this repository, each with the first model."""
    project = load_project(ROOT, ROOT)
    model = next(model for model in project.models.values() if model.spec)
    return [stage for target in project.targets.values() for stage in stages_of(target, model)]


def test_every_command_of_the_graph_is_read_as_it_was_written() -> None:
    kinds = {module.__name__.removeprefix("edgewright.stages."): module.main.options for module in STAGES}
    for stage in graph():
        given = read(kinds[stage.module], stage.arguments, program=stage.module, description=None)
        assert words(given) == stage.arguments


def test_flags_and_sections() -> None:
    argv = ["--model", "m.tflite", "--out", "o.json", "--tool", "a", "--tool", "b"]
    argv += ["--options", '{"measure":{"transport":"host"},"runtime":"litert"}']
    given = read(measure.Options, argv, program="x", description=None)
    assert [str(path) for path in given.tool] == ["a", "b"]
    assert (given.runtime, given.board, given.compile.rounding) == ("litert", None, "tflm")
    assert words(given) == ("--model", "m.tflite", "--tool", "a", "--tool", "b", "--out", "o.json", *argv[-2:])


@pytest.mark.parametrize("text", ["", "{", "[1]", "3", "null", '{"a":'])
def test_options_must_be_a_json_object(text: str) -> None:
    with pytest.raises(UserError, match="--options"):
        json_object(text)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"data": {}}, "--options: quantize: is missing"),
        ({"data": {}, "quantize": {}, "train": {"epoch": 2}}, "train.epoch: unknown key, allowed: .*did you mean 'epo"),
        ({"data": {}, "quantize": {"scheme": "int4"}}, "quantize.scheme: unknown value, got 'int4', allowed: int8, "),
        ({"data": {}, "quantize": {}, "model": "x"}, "--options: model: is a flag of its own\n  hint: write --model"),
    ],
)
def test_what_is_wrong_in_options_is_told(given: dict[str, Any], message: str) -> None:
    argv = ["--model", "m.h5", "--out", "m.tflite", "--stats", "s.json", "--options", json.dumps(given)]
    with pytest.raises(UserError, match=f"(?s){message}"):
        read(quantize.Options, argv, program="x", description=None)


def test_all_faults_at_once() -> None:
    argv = ["--model", "m.h5", "--out", "m.tflite", "--stats", "s.json", "--options", '{"datas":{}}']
    with pytest.raises(UserErrors) as caught:
        read(quantize.Options, argv, program="x", description=None)
    assert len(caught.value.errors) == 3


def board() -> Board:
    return load_project(ROOT, ROOT).targets["mcu"].board


def test_a_stage_gets_of_a_board_what_it_reads() -> None:
    core = {"cpu", "arch"}
    built = firmware.Options(model_dir=Path("c"), out_dir=Path("o"), board_name="b", board=board())
    [text] = words(built)[-1:]
    assert set(json_object(text)["board"]["core"]) == core
    assert not {"flash", "os", "ram"} & set(json_object(text)["board"])
    library = compiled.Options(model=Path("m"), name="m", out_dir=Path("c"), core=board().core, compile=Compile())
    assert set(json_object(words(library)[-1])["core"]) <= {*core, "dsp", "mve"}


def test_what_a_scheme_does_not_read_is_no_option() -> None:
    asked = Quantize(scheme="float16", calibration_samples=99, qat="always", percentile=60.0)
    assert asked.essential() == Quantize(scheme="float16")
    assert Quantize(scheme="int16x8", qat_epochs=7, seed=3).essential() == Quantize(scheme="int16x8", seed=3)
    assert Quantize(percentile=60.0, qat="never", qat_epochs=9).essential() == Quantize(qat="never")
    assert Quantize(calibration="percentile", percentile=60.0).essential().percentile == 60.0


def test_sizes_and_times_keep_their_bits_as_json() -> None:
    budget = Budget(flash="1.5 KiB", latency="0.1 us")
    written = budget.model_dump(mode="json", exclude_defaults=True)
    assert written == {"flash": "1536 B", "latency": "0.1 us"}
    assert Budget.model_validate(written) == budget
    assert registry.transports.load("host").OPTIONS(timeout="1 us").model_dump(mode="json")["timeout"] == "0.000001 s"
