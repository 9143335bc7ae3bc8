"""Tables of costs: what they hold, what they are held to, and whose a core uses that has none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from edgewright import ops
from edgewright.arch import _costs, costs_of, instructions_of
from edgewright.errors import UserError
from edgewright.kernels.call import Call
from edgewright.kernels.core import Core
from edgewright.kernels.headers import headers
from edgewright.kernels.unpack import decoded, unpacked
from testbench.kernels import cases
from testbench.kernels.cases import TRAINED, Flavour
from testbench.kernels.image import BOARDS

TABLE = """
[sources]
instructions = "a manual"
code = "seen"
kernels = "measured"
variants = "measured"

[instructions]
load = 2

[code]
base = 100
kernel = 90
unpack = 80

[variants]
ref = 5
fast = 2

[kernels.conv_2d_s8_dsp]
step = 3
pair = 10
code_bytes = 700

[kernels.conv_2d_s8_fast]
mac = 1.5
output = 20
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(_costs, "FOLDER", tmp_path)
    costs_of.cache_clear()
    yield tmp_path
    costs_of.cache_clear()


def test_an_estimate_is_the_sum_of_what_a_kernel_does(folder: Path) -> None:
    (folder / "mine.toml").write_text(TABLE)
    costs = costs_of("mine")
    assert costs.cycles("conv_2d_s8_dsp", {"step": 100, "pair": 2}) == 320
    assert not costs.has("conv_2d_s8_dsp", {"fill": 1})
    with pytest.raises(ValueError, match="no row for conv_2d_s8_dsp: fill"):
        costs.cycles("conv_2d_s8_dsp", {"fill": 1})


def test_a_kernel_without_counts_is_priced_by_its_products(folder: Path) -> None:
    (folder / "mine.toml").write_text(TABLE)
    costs = costs_of("mine")
    assert costs.of_macs("conv_2d_s8_fast", 100, 2) == 190
    assert costs.of_macs("other_s8_fast", 100, 2) == 200  # by its variant
    assert costs.of_macs("other_f32_new", 100, 2) == 500  # as the portable one
    assert (costs.code_bytes("conv_2d_s8_dsp"), costs.code_bytes("other_s8_fast")) == (700, 90)


def test_a_table_may_use_another_one(folder: Path) -> None:
    (folder / "mine.toml").write_text(TABLE)
    (folder / "like.toml").write_text('uses = "mine"\n[sources]\ninstructions = "mine"\n[instructions]\nload = 7\n')
    costs = costs_of("like")
    assert (costs.core, costs.instructions.load, costs.code.base) == ("mine", 7, 100)
    assert (costs.sources.instructions, costs.sources.code) == ("mine", "seen")


def test_a_table_that_uses_another_one_may_have_rows_of_its_own(folder: Path) -> None:
    (folder / "mine.toml").write_text(TABLE)
    (folder / "like.toml").write_text(
        'uses = "mine"\n[sources]\n[kernels.conv_2d_s8_fast]\nmac = 0.5\ncode_bytes = 90\n'
    )
    costs = costs_of("like")
    assert costs.cycles("conv_2d_s8_fast", {"mac": 10}) == 5
    assert costs.cycles("conv_2d_s8_dsp", {"step": 100, "pair": 2}) == 320  # of the table that it uses


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("load = 2", "loads = 2", r"instructions.loads: Extra inputs are not permitted"),
        ("step = 3", "step = -3", r"kernels.conv_2d_s8_dsp.step: Input should be greater than or equal to 0"),
        ("step = 3", "step = nan", r"kernels.conv_2d_s8_dsp.step: Input should be"),
        ("base = 100", "", r"code.base: Field required"),
        ('code = "seen"', "", r"sources.code: Field required"),
        ("ref = 5", "", r"variants.ref is missing"),
        ("[code]", "[code", r"not valid TOML"),
    ],
)
def test_a_broken_table_is_refused_with_its_key(folder: Path, before: str, after: str, message: str) -> None:
    (folder / "mine.toml").write_text(TABLE.replace(before, after))
    with pytest.raises(UserError, match=rf"mine\.toml.*{message}"):
        costs_of("mine")


def test_a_core_without_a_table_uses_that_of_one_with_its_instructions() -> None:
    assert costs_of("cortex-m85", "armv8.1-m.main", has_dsp=True, has_mve=True).core == "cortex-m55"
    like_m33 = costs_of("cortex-m35p", "armv8-m.main", has_dsp=True)
    assert (like_m33.core, like_m33.instructions.scale) == ("cortex-m4", 0.9)
    assert costs_of("cortex-m23", "armv8-m.base").core == "cortex-m0"
    assert costs_of("hazard3", "rv32imac").core == "rv32imc"
    assert instructions_of("cortex-m85", "armv8.1-m.main") is None


@pytest.mark.parametrize("path", sorted(_costs.FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_every_table_has_its_kernels_and_says_where_figures_come_from(path: Path) -> None:
    costs = costs_of(path.stem)
    assert {f"{kernel}.h" for kernel in costs.kernels} <= set(headers())
    assert all(costs.sources.model_dump().values())


@pytest.mark.parametrize("board", sorted(BOARDS))
def test_every_call_that_says_what_it_does_is_priced(board: str) -> None:
    core = BOARDS[board].core
    priced = [call for call in calls(core) if call.work is not None]
    assert {"fully_connected_s8_ref", "conv_2d_s8_coded", "fully_connected_s8_sparse"} <= {c.kernel for c in priced}
    assert [call.kernel for call in priced if not core.costs.has(call.kernel, call.work or {})] == []


def calls(core: Core) -> Iterator[Call]:
    few = Flavour(-128, -128, cases.RELU, (-3, 3), density=0.3)
    for flavour in (TRAINED, few):
        for make in (
            lambda variant, kind: cases.convolution((1, 6, 6, 8), 10, (3, 3), variant, flavour=kind),
            lambda variant, kind: cases.convolution((1, 5, 5, 3), 4, (3, 3), variant, flavour=kind),
            lambda variant, kind: cases.convolution((1, 6, 6, 8), 8, (3, 3), variant, flavour=kind, depthwise=True),
            lambda variant, kind: cases.fully_connected(1, 100, 12, variant, kind),
            lambda variant, kind: cases.fully_connected(6, 40, 12, variant, kind),
        ):
            view = make("ref", flavour).view
            for kernel in ops.get(view.node.op).kernels:
                if kernel.isa in core.isas and kernel.unsupported(view) is None:
                    made = make(kernel.name, flavour).calls
                    yield from made
                    coded = unpacked(made)
                    yield from () if coded is None else decoded(coded)
