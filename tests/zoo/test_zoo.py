"""Files of real converters: exact against their oracle, or refused with a reason, as docs/converters.md says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from edgewright.errors import ToolError
from edgewright.files import write_bytes
from edgewright.home import home
from testbench.differential.images import emulated_boards
from testbench.zoo import _make, _page, _results
from testbench.zoo._files import FILES, WAYS, File, board_of, files, manifest
from testbench.zoo.check import CLOSE, DIFFERS, EXACT, REFUSED, Checker, Outcome

KNOWN = _results.load()
BOARDS = emulated_boards()
IN_TURN = [(file, board_of(file, sorted(BOARDS))) for file in files()]
EVERY = 27
"""Of the files that run as firmware of one board each, one of this many does on every run."""


def _named(file: File) -> str:
    return file.name


def _some(file: File, place: int, every: int) -> tuple[pytest.MarkDecorator, ...]:
    return () if place % every == 0 else (pytest.mark.slow,)


@pytest.fixture(scope="module")
def checker() -> Iterator[Checker]:
    pytest.importorskip("tflite_micro", reason="the oracle tflite-micro is not there for this Python")
    pytest.importorskip("ai_edge_litert", reason="the oracle ai-edge-litert is not there for this Python")
    with Checker() as running:
        yield running


@pytest.mark.parametrize("file", list(files()), ids=_named)
def test_on_this_machine(file: File, checker: Checker) -> None:
    found, known = checker.check(file.path.read_bytes()), KNOWN["host"][file.name]
    assert found.result != DIFFERS
    assert _as_there(found, known), "run: python -m testbench.zoo check, then: page > docs/converters.md"


def _as_there(found: Outcome, known: Outcome) -> bool:
    """Whether an outcome is the known one; another library may give floats other last bits."""
    near = (EXACT, CLOSE)
    return found == known or (found.oracle == known.oracle and found.result in near and known.result in near)


@pytest.mark.parametrize(
    ("file", "board"),
    [pytest.param(*pair, id=f"{pair[0].name} {pair[1]}", marks=_some(pair[0], place, EVERY))
     for place, pair in enumerate(IN_TURN)],
)  # fmt: skip
def test_in_turn_on_a_board(file: File, board: str, checker: Checker) -> None:
    assert _as_there(checker.check(file.path.read_bytes(), BOARDS[board]), KNOWN["host"][file.name])


@pytest.mark.slow
@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize("file", list(files()), ids=_named)
def test_on_every_board(file: File, board: str, checker: Checker) -> None:
    assert _as_there(checker.check(file.path.read_bytes(), BOARDS[board]), KNOWN["host"][file.name])


def test_page_is_up_to_date() -> None:
    made = "run: python -m testbench.zoo page > docs/converters.md"
    assert (home() / "docs" / "converters.md").read_text() == _page.page(KNOWN), made


def test_files_are_those_of_the_manifest() -> None:
    listed = {f"{way}/{name}.tflite": sha for way, facts in manifest().items() for name, sha in facts["files"].items()}
    found = {path.relative_to(FILES).as_posix(): path.read_bytes() for path in FILES.rglob("*.tflite")}
    assert {name: hashlib.sha256(data).hexdigest() for name, data in found.items()} == listed
    assert sum(map(len, found.values())) < 1_500_000


def test_files_are_made_anew_or_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frozen, work = tmp_path / "files", tmp_path / "work"
    monkeypatch.setattr(_make, "FILES", frozen)
    monkeypatch.setattr(_make, "MANIFEST", frozen / "manifest.json")
    lines = {f"{way}/lstm": {"version": f"{way} 1.0"} for way in WAYS}
    for way in WAYS:
        write_bytes(work / way / "lstm.tflite", way.encode())
    lines["tf-int8/gru"] = {"version": "tf-int8 1.0", "failure": "RuntimeError: at /a/b/c.cc:7 error: no GRU"}
    _make.freeze(lines, work)
    made = json.loads((frozen / "manifest.json").read_text())
    digest = hashlib.sha256(b"tf-int8").hexdigest()
    assert made["tf-int8"] == {"version": "tf-int8 1.0", "files": {"lstm": digest}, "failed": {"gru": "no GRU"}}
    assert (frozen / "tf-int8" / "lstm.tflite").read_bytes() == b"tf-int8"
    lines["keras-export/lstm"] = {"failure": "its process ended with -6"}
    with pytest.raises(ToolError, match="keras-export: its converter's process ended with each network"):
        _make.freeze(lines, work)
    assert (frozen / "tf-int8" / "lstm.tflite").is_file()


def test_nothing_that_is_known_is_wrong() -> None:
    outcomes = [KNOWN["host"], *KNOWN["boards"].values(), *KNOWN["packages"].values()]
    assert [name for found in outcomes for name, outcome in found.items() if outcome.result == DIFFERS] == []


def test_what_is_refused_is_told_with_its_reason() -> None:
    for found in (KNOWN["host"], *KNOWN["packages"].values()):
        assert all(outcome.reason for outcome in found.values() if outcome.result == REFUSED)


def test_a_float_model_runs_where_the_compiler_comes_without_math_h(checker: Checker) -> None:
    file = FILES / "tf-float32" / "lstm.tflite"
    assert checker.check(file.read_bytes(), BOARDS["qemu-virt-rv32imc"]).result in (EXACT, CLOSE)
