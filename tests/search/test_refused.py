"""What is wrong with a search is told before anything is built, with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgewright.errors import UserError
from tests.search.conftest import SPACE, planned

WRONG = [
    (
        '"flash"]',
        '"flsh"]',
        "search/tiny.toml:2: search.objectives[1]: no such figure, got 'flsh'",
        "did you mean 'flash'?",
    ),
    (
        '"flash"]',
        '"flash.code_bytes"]',
        "search.objectives[1]: a path does not tell which way is better",
        "least flash.code",
    ),
    ('"flash"]', '"rpi: flash"]', "is none of the targets that are searched, got 'rpi', allowed: mcu", ""),
    ('"8 KiB"', "8192", "search/tiny.toml:4: search.bounds[0]: a size has no unit, got 8192", "a number and one of B"),
    ('"raw", "sparse"', '"raw", "spars"', "compile.weights: no way to store weights: 'spars', got 'spars'", "'sparse'"),
    ('"build.width"', '"build.depth"', "build.depth: build() of models/tiny/model.py takes no such", "allowed: width"),
    ("low = 0.3", "low = -1.0", "compress[0].schedule.final: is out of range, got -1.0, allowed: more than 0", ""),
    (
        '"compress[0].schedule.final"',
        '"compress[1].layers.*"',
        "there is no such place in the target, got 'compress[1]'",
        "",
    ),
    ('"prune", schedule = { final = 0.5 }', '"fold"', "pass fold has no options by layer", "cluster, latent, prune"),
    ('"compress[0]" =', '"compress[1]" =', "there is no such place in the target, got 'compress[1]'", ""),
    ('["raw", "sparse"]', '["raw"]', "leaves nothing to choose", "two values or more"),
    ('"compile.weights"', '"compile..weights"', "is no key of a target file", ""),
    ("low = 8, high = 64", "low = 8, high = 8", "low 8 is not below high 8", ""),
    ("trials = 12", "trails = 12", "search/tiny.toml:3: search.trails: unknown key", "did you mean 'trials'?"),
]


@pytest.mark.parametrize(("right", "wrong", "message", "more"), WRONG, ids=[each[1] for each in WRONG])
def test_each_fault_has_its_place(project: Path, right: str, wrong: str, message: str, more: str) -> None:
    assert right in SPACE
    space = SPACE.replace('"compress[0].schedule.final"', '"compress[0].layers.*"') if wrong == '"fold"' else SPACE
    (project / "search/tiny.toml").write_text(space.replace(right, wrong))
    with pytest.raises(UserError) as caught:
        planned(project)
    assert message in str(caught.value)
    assert more in str(caught.value)
    assert not (project / "build").exists()


def test_flash_is_of_microcontrollers(project: Path) -> None:
    with pytest.raises(UserError, match=r"rpi has no flash: it is no microcontroller"):
        planned(project, "rpi")


def test_a_target_without_a_search(project: Path) -> None:
    (project / "search/tiny.toml").unlink()
    with pytest.raises(UserError, match=r"^target=mcu: has no \[search\]\n  hint: write one into "):
        planned(project)


def test_the_search_of_a_target_comes_first_and_is_not_handed_on(project: Path) -> None:
    folder = project / "targets"
    folder.mkdir()
    own = '[search.vary]\n"compile.weights" = ["raw", "lut"]\n'
    (folder / "mine.toml").write_text(f'extends = "mcu"\n{own}')
    (folder / "other.toml").write_text('extends = "mine"\n')
    assert [each.name for each in planned(project, "mine").dimensions] == ["compile.weights"]
    assert len(planned(project, "other").dimensions) == 4
