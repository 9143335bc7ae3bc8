"""The layers of the package: imports go down or stay on their level, and TensorFlow stays where models are made."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

PACKAGE = Path(__file__).parents[2] / "edgewright"

# bottom to top; the order is explained in docs/design.md
LAYERS = (
    {
        "__init__",
        "c_constants",
        "cache_server",
        "c_text",
        "command_line",
        "errors",
        "files",
        "forked",
        "hidden",
        "home",
        "imports",
        "interrupts",
        "kinds",
        "packed",
        "live",
        "scratch",
        "several",
        "source",
        "surroundings",
        "templates",
        "times",
        "text",
        "units",
    },
    {"metrics"},
    {"sections"},
    {"options", "stage_command"},
    {"spec", "registry", "arch"},
    {
        "tflite",
        "kernels",
        "ops",
        "passes",
        "tasks",
        "datasets",
        "preprocessing",
        "devices",
        "executors",
        "programmers",
        "importers",
        "report",
        "coding",
    },
    {"compiler", "remote"},
    {"answers", "images"},
    {"frontend"},
    {"training"},
    {"stages"},
    {"pipeline"},
    {"advice"},
    {"search"},
    {"commands", "reference", "server"},
    {"scons", "cli"},
)
HEAVY = {"tensorflow", "tensorflow_model_optimization", "tf_keras", "keras"}
RUNTIMES = {"tflite_runtime", "ai_edge_litert"}
MAKE_MODELS = {"passes", "datasets", "importers", "training", "stages"}


class Import(NamedTuple):
    """One imported module: its dotted name, the line, and whether the import stands inside a function."""

    name: str
    line: int
    in_function: bool


def imports(tree: ast.AST, package: str, *, in_function: bool = False) -> Iterator[Import]:
    """Every import of a module, relative ones made absolute, `import_module("name")` included."""
    for node in ast.iter_child_nodes(tree):
        inside = in_function or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for name in imported_names(node, package):
            yield Import(name, node.lineno, inside)  # type: ignore[attr-defined]
        yield from imports(node, package, in_function=inside)


def imported_names(node: ast.AST, package: str) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=module, names=names, level=level):
            above = package.split(".")[: len(package.split(".")) - level + 1] if level else []
            base = ".".join([*above, *([module] if module else [])])
            return [f"{base}.{alias.name}" for alias in names]
        case ast.Call(func=ast.Attribute(attr="import_module"), args=[ast.Constant(value=str(name)), *_]):
            return [name]
    return []


def layer(module: str) -> int:
    """Number of the layer of a module "edgewright.x.y", from the bottom; a name in no layer fails the test."""
    part = module.split(".")[1] if "." in module else "__init__"
    if part.startswith("__"):
        part = "__init__"
    found = [number for number, parts in enumerate(LAYERS) if part in parts]
    if not found:
        pytest.fail(f"edgewright/{part} is in no layer: give it a place in LAYERS")
    return found[0]


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def dotted(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> list[Import]:
    package = dotted(path) if path.name == "__init__.py" else dotted(path).rpartition(".")[0]
    return list(imports(ast.parse(path.read_text()), package))


def upward(path: Path) -> list[str]:
    ours = [found for found in imports_of(path) if found.name.split(".")[0] == "edgewright"]
    own = layer(dotted(path))
    return [f"{path}:{found.line}: {found.name}" for found in ours if layer(found.name) > own]


def test_imports_never_go_up() -> None:
    assert [fault for path in modules() for fault in upward(path)] == []


def test_tensorflow_is_imported_inside_functions_of_what_makes_models() -> None:
    faults = [
        f"{path}:{found.line}: {found.name}"
        for path in modules()
        for found in imports_of(path)
        if found.name.split(".")[0] in HEAVY
        and (not found.in_function or path.relative_to(PACKAGE).parts[0] not in MAKE_MODELS)
    ]
    assert faults == []


def test_no_module_imports_both_tensorflow_and_a_device_runtime() -> None:
    def names(path: Path) -> set[str]:
        return {found.name.split(".")[0] for found in imports_of(path)}

    assert [path for path in modules() if names(path) & HEAVY and names(path) & RUNTIMES] == []


@pytest.mark.parametrize(
    ("folder", "others"),
    [
        ("tests", {"benchmarks"}),
        ("benchmarks", {"tests"}),
        ("testbench", {"benchmarks", "tests"}),
        ("edgewright", {"benchmarks", "testbench", "tests"}),
    ],
)
def test_tests_and_benchmarks_share_the_testbench_alone(folder: str, others: set[str]) -> None:
    faults = [
        f"{path}:{found.line}: {found.name}"
        for path in sorted((PACKAGE.parent / folder).rglob("*.py"))
        for found in imports(ast.parse(path.read_text()), folder)
        if found.name.split(".")[0] in others
    ]
    assert faults == []


def private(name: str) -> Path | None:
    """The folder that a module or package with a "_" belongs to, when the dotted name passes through one."""
    parts = name.split(".")
    for index, part in enumerate(parts):
        found = PACKAGE.parent.joinpath(*parts[: index + 1])
        if (
            part.startswith("_")
            and not part.startswith("__")
            and (found.is_dir() or found.with_suffix(".py").is_file())
        ):
            return found.parent
    return None


def trespasses(path: Path, package: str) -> list[str]:
    """Imports of modules that are private to a folder in which `path` is not. Tests look into what they test."""
    found = [(item, private(item.name)) for item in imports(ast.parse(path.read_text()), package)]
    return [f"{path}:{item.line}: {item.name}" for item, home in found if home and home not in path.parents]


@pytest.mark.parametrize("folder", ["edgewright", "testbench", "benchmarks", "scripts"])
def test_a_module_with_an_underscore_is_private_to_its_folder(folder: str) -> None:
    paths = sorted((PACKAGE.parent / folder).rglob("*.py"))
    assert [fault for path in paths for fault in trespasses(path, dotted(path).rpartition(".")[0])] == []


def test_a_trespass_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "far.py"
    path.write_text("from edgewright.devices import _lock\nfrom edgewright.devices.host import measure\n")
    assert [fault.split(": ")[1] for fault in trespasses(path, "far")] == ["edgewright.devices._lock"]
    assert trespasses(PACKAGE / "devices" / "ssh.py", "edgewright.devices") == []


def test_the_walk_sees_each_kind_of_import() -> None:
    source = """
import a.b
from edgewright.spec import units
from . import near
from ..errors import UserError
def inside():
    import tensorflow as tf
    importlib.import_module("keras")
"""
    found = list(imports(ast.parse(source), "edgewright.stages"))
    assert [(item.name, item.in_function) for item in found] == [
        ("a.b", False),
        ("edgewright.spec.units", False),
        ("edgewright.stages.near", False),
        ("edgewright.errors.UserError", False),
        ("tensorflow", True),
        ("keras", True),
    ]
