import sys
from pathlib import Path

from edgewright.imports import closure


def project(root: Path, **files: str) -> None:
    for name, text in files.items():
        path = root / (name.replace("__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def names(root: Path, *start: str) -> list[str]:
    return [str(path.relative_to(root)) for path in closure([root / name for name in start], [root])]


def test_all_the_way_down(tmp_path: Path) -> None:
    project(tmp_path, a="import b", b="from c import x", c="x = 1", unused="")
    assert names(tmp_path, "a.py") == ["a.py", "b.py", "c.py"]


def test_modules_of_a_package_over_several_lines_and_inside_functions(tmp_path: Path) -> None:
    source = "def f():\n    from pkg import (\n        one,\n        two,\n    )\n"
    project(tmp_path, a=source, pkg__one="", pkg__two="import three", three="")
    (tmp_path / "pkg/__init__.py").write_text("")
    assert names(tmp_path, "a.py") == ["a.py", "pkg/__init__.py", "pkg/one.py", "pkg/two.py", "three.py"]


def test_an_import_is_found_in_every_kind_of_block(tmp_path: Path) -> None:
    source = """
if x:
    import a
elif y:
    import b
else:
    import c
for _ in x:
    import d
else:
    import e
while x:
    with y:
        import f
try:
    import g
except ValueError:
    import h
else:
    import i
finally:
    import j
match x:
    case 1:
        import k
class K:
    async def m(self):
        async with x:
            async for _ in y:
                import l
        return [lambda: 1 if x else 2]
try:
    pass
except* OSError:
    import m
"""
    if sys.version_info < (3, 11):
        source = source.replace("except*", "except")
    project(tmp_path, start=source, **dict.fromkeys("abcdefghijklm", ""))
    assert names(tmp_path, "start.py") == [*(f"{name}.py" for name in "abcdefghijklm"), "start.py"]


def test_packages_above_a_module_count(tmp_path: Path) -> None:
    project(tmp_path, a="import pkg.sub.leaf", pkg__sub__leaf="", pkg__other="")
    for folder in ("pkg", "pkg/sub"):
        (tmp_path / folder / "__init__.py").write_text("")
    assert names(tmp_path, "a.py") == ["a.py", "pkg/__init__.py", "pkg/sub/__init__.py", "pkg/sub/leaf.py"]


def test_packages_above_the_first_file_count(tmp_path: Path) -> None:
    project(tmp_path, pkg__sub__leaf="", pkg__more="x = 1")
    (tmp_path / "pkg/__init__.py").write_text("from pkg import more")
    (tmp_path / "pkg/sub/__init__.py").write_text("")
    found = names(tmp_path, "pkg/sub/leaf.py")
    assert found == ["pkg/__init__.py", "pkg/more.py", "pkg/sub/__init__.py", "pkg/sub/leaf.py"]


def test_relative_imports_and_rings(tmp_path: Path) -> None:
    one = "from . import two\nfrom .sub import leaf"
    project(tmp_path, pkg__one=one, pkg__two="from .one import x", pkg__sub__leaf="")
    (tmp_path / "pkg/__init__.py").write_text("")
    (tmp_path / "pkg/sub/__init__.py").write_text("")
    found = names(tmp_path, "pkg/one.py")
    assert found == ["pkg/__init__.py", "pkg/one.py", "pkg/sub/__init__.py", "pkg/sub/leaf.py", "pkg/two.py"]


def test_what_is_found_nowhere_is_not_ours(tmp_path: Path) -> None:
    project(tmp_path, a="import numpy, os.path\nfrom json import loads")
    assert names(tmp_path, "a.py") == ["a.py"]
