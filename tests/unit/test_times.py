"""What stages took: a line for each run, and the last of each stage is told."""

from pathlib import Path

import pytest

from edgewright import times

WORDS = ["edgewright.stages.x", "--out", "a"]


def test_the_last_run_of_a_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / times.FILE
    monkeypatch.setenv(times.VARIABLE, str(path))
    done = []
    for _ in range(2):
        times.timed(WORDS, lambda: done.append(sum(range(200_000))))
    assert len(done) == len(path.read_text().splitlines()) == 2
    path.write_text(path.read_text() + '{"stage": "half')
    known = times.read(path)
    found = times.of(WORDS, known)
    assert found is not None
    assert found.cpu_s > 0
    assert found.peak_bytes > 1 << 20
    assert found.module == WORDS[0]
    assert times.of([*WORDS, "b"], known) is None


def test_a_stage_that_fails_has_no_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(times.VARIABLE, str(tmp_path / times.FILE))
    with pytest.raises(ZeroDivisionError):
        times.timed(WORDS, lambda: print(1 / 0))
    assert not (tmp_path / times.FILE).exists()


def test_a_file_that_has_grown_long_keeps_the_last_of_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / times.FILE
    line = '{"stage": "a", "cpu_s": %d, "wall_s": 1.0, "peak_bytes": 1}\n'
    path.write_text("".join(line % number for number in range(100)))
    times.shorten(path)
    assert len(path.read_text().splitlines()) == 100
    monkeypatch.setattr(times, "_LONG", 1000)
    times.shorten(path)
    assert times.read(path)["a"].cpu_s == 99
    assert len(path.read_text().splitlines()) == 1


def test_stages_of_one_module_are_told_together() -> None:
    known = {
        "a": times.Used(1.25, 2.0, 10, "edgewright.stages.device.measure"),
        "b": times.Used(0.5, 1.0, 30, "edgewright.stages.device.measure"),
        "c": times.Used(3.0, 3.0, 20, "edgewright.stages.training.train"),
        "d": times.Used(9.0, 9.0, 90),  # of an earlier version
        "other": times.Used(9.0, 9.0, 90, "edgewright.stages.training.train"),
    }
    assert times.by_module(["a", "b", "c", "d", "from a cache"], known) == {
        "edgewright.stages.device.measure": {"cpu_s": 1.75, "wall_s": 3.0, "peak_bytes": 30},
        "edgewright.stages.training.train": {"cpu_s": 3.0, "wall_s": 3.0, "peak_bytes": 20},
    }
