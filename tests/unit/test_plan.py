"""The memory plan: safe, as low as brute force finds, the same each time, and explained."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from edgewright.compiler import CompileOptions, Core
from edgewright.compiler.ir import Plan, Schedule
from edgewright.compiler.memory.blocks import rectangles
from edgewright.compiler.memory.fit import Work, scan
from edgewright.compiler.memory.items import blocks_of, items_of, pair_count
from edgewright.compiler.memory.plan import plan
from edgewright.compiler.memory.solve import minimise
from edgewright.compiler.memory.verify import PlanError, verify
from edgewright.compiler.rewrites import rewrite
from edgewright.compiler.select.schedule import schedule_of, with_apart
from edgewright.tflite.reader import read_model
from testbench.kernels.image import BOARDS
from testbench.memory_problems import random_problem, schedule
from testbench.nets import RELU, Net


def brute_force(task: Schedule, limit: int) -> int:
    """The lowest arena, by trying all addresses that are multiples of 16."""
    blocks = blocks_of(task, 16)

    def fits(addresses: tuple[int, ...]) -> bool:
        return all(
            addresses[p.j] >= addresses[p.i] + p.i_to_j or addresses[p.i] >= addresses[p.j] + p.j_to_i
            for p in blocks.pairs
        )

    for height in range(0, limit + 1, 16):
        ranges = [range(0, height - item.bytes + 1, 16) for item in blocks.items]
        if any(fits(addresses) for addresses in product(*ranges)):
            return height
    raise AssertionError("limit too low")


@pytest.mark.parametrize("seed", range(40))
def test_as_low_as_brute_force(seed: int) -> None:
    task = random_problem(seed, 3, largest=4)
    found = minimise(blocks_of(task, 16), len(task.steps))
    assert found.height == found.bound == brute_force(task, 400)


@pytest.mark.parametrize("seed", range(12))
def test_random_networks_are_safe_and_repeat(seed: int) -> None:
    task = random_problem(seed, 30, grain=20, largest=40)
    first, second = plan(task), plan(task)
    assert (first.offsets, first.scratch, first.why) == (second.offsets, second.scratch, second.why)
    assert first.bound_bytes <= first.arena_bytes
    assert first.arena_bytes % 16 == 0


def test_a_quick_plan_is_safe_and_says_what_it_is() -> None:
    task = random_problem(3, 30, grain=20, largest=40)
    quick, least = plan(task, "quick"), plan(task)
    verify(task, quick)
    assert quick.why.endswith("it was not asked for the lowest plan")
    assert quick.arena_bytes > least.arena_bytes


def test_in_place_chain_needs_one_buffer() -> None:
    task = schedule([800] * 5, [((n,), (n + 1,), {0: 0}, 0) for n in range(4)])
    assert plan(task).arena_bytes == 800


def shrinking() -> Schedule:
    """Tensor 1 of 160 bytes lies where tensor 0 of 640 was, and tensor 2 is made of it."""
    task = schedule([640, 160, 480], [((0,), (1,), {}, 0), ((1,), (2,), {}, 0)])
    large, _, last = task.buffers
    return Schedule(task.steps, (replace(large, tensors=(0, 1), last=1, shrinks=((1, 160),)), last))


def test_what_a_smaller_output_leaves_is_free() -> None:
    found = plan(shrinking())
    assert found.arena_bytes == found.bound_bytes == 640
    blocks = {(r.first, r.last, r.bytes) for r in rectangles(shrinking(), found)}
    assert blocks == {(-1, 0, 640), (1, 1, 160), (1, 2, 480)}


def test_verify_knows_what_is_left() -> None:
    verify(shrinking(), Plan({0: 0, 2: 160}, {}, 640, 0))
    with pytest.raises(PlanError, match="share bytes at step 1"):
        verify(shrinking(), Plan({0: 0, 2: 144}, {}, 640, 0))


def test_a_depthwise_layer_with_a_stride_writes_where_it_read() -> None:
    random, net = np.random.default_rng(1), Net()
    x = net.input((1, 24, 24, 4), 0.05, 2)
    x = net.conv(x, random.integers(-40, 41, (8, 1, 1, 4)), scale=0.9, act=RELU)
    x = net.conv(x, random.integers(-40, 41, (1, 3, 3, 8)), scale=0.9, act=RELU, stride=2, depthwise=True)
    graph = net.graph(net.conv(x, random.integers(-40, 41, (16, 1, 1, 8)), scale=0.9, act=RELU))
    for board in ("m4", "m3"):
        core = BOARDS[board].core
        task = schedule_of(graph, core, CompileOptions())
        assert [buffer.shrinks for buffer in task.buffers if buffer.shrinks] == [((2, 12 * 12 * 8),)]
        apart = plan(with_apart(graph, task, {1}))
        assert plan(task).arena_bytes == apart.arena_bytes - 12 * 12 * 8


def test_diagonal_overlaps_of_a_chain_add_up() -> None:
    task = schedule([8000] * 4, [((n,), (n + 1,), {0: 64}, 0) for n in range(3)])
    found = plan(task)
    assert found.arena_bytes == found.bound_bytes == 8000 + 3 * 64
    assert "proven lowest" in found.why


def test_skip_connection_keeps_its_buffer() -> None:
    steps = [((0,), (1,), {0: 16}, 0), ((1,), (2,), {0: 16}, 0), ((2, 1), (3,), {0: 0, 1: 0}, 0)]
    assert plan(schedule([64, 64, 64, 64], steps)).arena_bytes == 128


def test_scratch_stays_clear_of_everything_alive() -> None:
    found = plan(schedule([64, 64], [((0,), (1,), {0: 0}, 40)]))
    assert found.arena_bytes == 64 + 48
    assert found.scratch[0] % 16 == 0


def test_an_input_read_again_later_may_not_be_overwritten() -> None:
    steps = [((0,), (1,), {0: 0}, 0), ((1, 0), (2,), {0: 0}, 0)]
    assert plan(schedule([64, 64, 64], steps)).arena_bytes == 128


def test_an_input_used_twice_needs_both_distances() -> None:
    assert plan(schedule([64, 64], [((0, 0), (1,), {0: 0}, 0)])).arena_bytes == 128
    assert plan(schedule([64, 64], [((0, 0), (1,), {0: 0, 1: 16}, 0)])).arena_bytes == 80


def test_words_are_enough_where_wider_alignment_would_cost() -> None:
    found = plan(schedule([1000, 1000], [((0,), (1,), {0: 4}, 0)]))
    assert found.arena_bytes == 1008
    assert all(offset % 4 == 0 for offset in found.offsets.values())


def test_peak_step_is_named() -> None:
    found = plan(schedule([16, 64, 256, 16], [((n,), (n + 1,), {}, 0) for n in range(3)]))
    assert found.peak_step == 1
    assert found.why.startswith("operator 1 (CONV_2D) needs most")


@pytest.mark.parametrize(
    ("name", "most"), [("kws_ref_model", 9_600), ("pretrainedResnet_quant", 33_600)], ids=("kws", "ic")
)
def test_real_networks_reach_their_bounds(name: str, most: int) -> None:
    path = Path(__file__).parents[3] / "shared" / "models" / f"{name}.tflite"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    graph, _ = rewrite(read_model(path))
    found = plan(schedule_of(graph, Core(), CompileOptions()))
    assert found.arena_bytes == found.bound_bytes <= most


def test_empty_problem() -> None:
    found = plan(Schedule((), ()))
    assert (found.arena_bytes, found.peak_step) == (0, -1)


def test_long_network_stays_within_the_work_bound() -> None:
    task = random_problem(7, 200, grain=64, largest=500)
    assert plan(task).arena_bytes >= plan(task).bound_bytes


@pytest.mark.parametrize(
    ("offsets", "scratch", "fault"),
    [
        ({0: 0, 1: 8}, {0: 64}, "share bytes at step 0"),
        ({0: 2, 1: 64}, {0: 128}, "not aligned"),
        ({0: 0, 1: 112}, {0: 48}, "outside the arena"),
        ({0: 0, 1: 32}, {0: 0}, "scratch of step 0 and buffer 0"),
    ],
)
def test_verify_finds_faults(offsets: dict[int, int], scratch: dict[int, int], fault: str) -> None:
    task = schedule([32, 32], [((0,), (1,), {0: 16}, 16)])
    with pytest.raises(PlanError, match=fault):
        verify(task, Plan(offsets, scratch, 128, 0))


def test_verify_accepts_the_exact_distance_and_nothing_less() -> None:
    task = schedule([32, 32], [((0,), (1,), {0: 16}, 0)])
    good = Plan({0: 16, 1: 0}, {}, 48, 0)
    verify(task, good)
    with pytest.raises(PlanError):
        verify(task, replace(good, offsets={0: 12, 1: 0}))


@pytest.mark.parametrize("branches", [60, 200])
def test_wide_networks_are_planned_in_bounded_work(branches: int) -> None:
    sizes = [16 * (4 + n % 7) for n in range(branches) for _ in range(3)]
    steps = [((3 * n + k,), (3 * n + k + 1,), {0: 0}, 0) for n in range(branches) for k in range(2)]
    ends = ([3 * n for n in range(branches)], [3 * n + 2 for n in range(branches)])
    found = plan(schedule(sizes, steps, *ends))  # verified
    assert found.bound_bytes <= found.arena_bytes <= sum(sizes)


def test_work_is_counted() -> None:
    work = Work(10)
    assert [work.spend(n) for n in (4, 7, 6, 1)] == [True, False, True, False]
    assert work.left == 0


def test_blocks_as_they_come_share_no_bytes() -> None:
    task = random_problem(5, 40, largest=40)
    items = items_of(task, 16)
    addresses = scan(items)
    spans = [(a, a + item.bytes, item) for a, item in zip(addresses, items, strict=True)]
    for place, (start, end, item) in enumerate(spans):
        for other_start, other_end, other in spans[place + 1 :]:
            together = item.first <= other.last and other.first <= item.last
            assert not together or end <= other_start or other_end <= start


def test_pairs_are_counted_without_making_them() -> None:
    for seed in range(10):
        task = random_problem(seed, 30)
        assert pair_count(task) == len(blocks_of(task, 4).pairs)
