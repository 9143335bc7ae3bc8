"""The project's history: only grows, is the same for the same builds, and survives damage and builds at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from edgewright import cli
from edgewright.errors import UserError
from edgewright.files import canonical_json
from edgewright.metrics import Terms
from edgewright.report import history
from testbench.pages import report_of

COMMIT = {"commit": "c0ffee", "date": "2026-01-01", "changed": False}


def line(target: str = "mcu", **more: Any) -> dict[str, Any]:
    return {**history.line_of(report_of("net", 32768), COMMIT), "target": target, **more}


def test_a_line_has_the_figures_by_their_places_in_the_report() -> None:
    figures = line()["figures"]
    assert figures["flash.total_bytes"] == 32768
    assert figures["accuracy.quantized"] == 0.889
    assert "latency.latency_us" not in figures  # it was counted, and not measured


def test_a_build_that_changes_nothing_adds_nothing(tmp_path: Path) -> None:
    log = tmp_path / "history.jsonl"
    for commit in ("a", "a", "b", "b", "a"):
        history.record(log, line(commit=commit))
    assert [found["commit"] for found in history.read(log)] == ["a", "b", "a"]


def test_what_stages_took_makes_no_line_new(tmp_path: Path) -> None:
    log = tmp_path / "history.jsonl"
    for seconds in (1.0, 2.0):
        took = {"edgewright.stages.training.train": {"cpu_s": seconds, "wall_s": seconds, "peak_bytes": 1}}
        found = history.record(log, line() | {history.TOOK: took})
    assert [each[history.TOOK]["edgewright.stages.training.train"]["cpu_s"] for each in found] == [1.0]
    assert history.without_times(found[0]) == line()


def test_equal_builds_write_equal_bytes_and_lines_are_only_added(tmp_path: Path) -> None:
    for name in ("one", "two"):
        history.record(tmp_path / name, line("a"))
        before = (tmp_path / name).read_bytes()
        history.record(tmp_path / name, line("b"))
        assert (tmp_path / name).read_bytes().startswith(before)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_lines_of_others_are_not_handed_on(tmp_path: Path) -> None:
    log = tmp_path / "history.jsonl"
    history.record(log, line("rpi"))
    assert [found["target"] for found in history.record(log, line("mcu"))] == ["mcu"]


@pytest.mark.parametrize(
    "damage",
    [
        *(b'{"schema": 1, "tar', b"\x00\xff\xfe\n", b"[1, 2]\n", b'{"schema": 1}\n', b"[" * 100_000 + b"\n", b"\n\n"),
        canonical_json(line(figures={"size.tflite_bytes": "much"})).encode() + b"\n",
    ],
)
def test_damage_costs_no_more_than_its_own_line(tmp_path: Path, damage: bytes) -> None:
    log = tmp_path / "history.jsonl"
    history.record(log, line(commit="a"))
    with log.open("ab") as file:
        file.write(damage)
    history.record(log, line(commit="b"))
    assert [found["commit"] for found in history.read(log)] == ["a", "b"]


def test_builds_at_once_lose_no_line(tmp_path: Path) -> None:
    log = tmp_path / "history.jsonl"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: history.record(log, line(f"t{number % 4}", commit=str(number))), range(64)))
    assert sorted(int(found["commit"]) for found in history.read(log)) == list(range(64))
    assert log.read_bytes().count(b"\n") == 64


def test_a_history_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be written"):
        history.record(tmp_path, line())


def test_the_command_shows_the_last_builds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["history"]) == 0
    assert "no builds" in capsys.readouterr().out
    for number in range(3):
        history.record(Path("history.jsonl"), line(commit=f"{number}" * 12))
    assert cli.main(["history", "--last", "2", "--target", "mcu"]) == 0
    shown = capsys.readouterr().out
    assert "32.0 KiB" in shown
    assert "222222222" in shown
    assert "000000000" not in shown


def test_the_metric_heads_its_column(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    error = Terms("mean absolute error", "less", unit="V").as_json()
    for target, more, title in (("mcu", {}, "accuracy"), ("pi", {"metric": error}, "mean absolute error")):
        figures = {**line()["figures"], "accuracy.quantized": 0.125}
        history.record(Path("history.jsonl"), line(target=target, figures=figures, **more))
        assert cli.main(["history", "--target", target]) == 0
        assert title in capsys.readouterr().out
    assert cli.main(["history"]) == 0
    shown = capsys.readouterr().out
    assert "metric" in shown
    assert "accuracy" not in shown
    assert "0.125 V" in shown
