"""The report, its budgets and its table."""

from __future__ import annotations

import re
from typing import Any

import pytest

from edgewright.report import Parts, breaches, build_report, render
from edgewright.report._table import _latency_line
from edgewright.report.budget import _RULES
from edgewright.report.build import StepParts
from edgewright.report.figures import COMPARED, Figure
from edgewright.sections.budget import Budget

FACTS: dict[str, Any] = {"target": "t", "model": "m", "board": "b", "runtime": "aot", "budget": {}}
SIZES = {"tflite_bytes": 2000, "tflite_gzip_bytes": 1500, "weights": 100, "nonzero_weights": 50}
LATENCY = {
    "kind": "emulated",
    "instructions": 1000,
    "runs": 5,
    "cpu": "cortex-m4",
    "stack_bytes": 300,
    "layers": [
        {"name": "conv", "op": "CONV_2D", "macs": 10, "instructions": 900},
        {"name": "dense", "op": "FULLY_CONNECTED", "macs": 1, "instructions": 100},
    ],
}
FIRMWARE = {
    "flash": {"code_bytes": 3000, "weights_bytes": 9000, "total_bytes": 12000},
    "ram": {
        "arena_bytes": 4000,
        "scratch_bytes": 0,
        "static_bytes": 16,
        "stack_bytes": 500,
        "total_bytes": 4516,
        "peak_layer": "CONV_2D (layer 0)",
    },
}


def whole(**budget: float) -> dict[str, Any]:
    parts = Parts(
        quantize=SIZES,
        float_test={"value": 0.91, "interval": [0.9, 0.92]},
        float_validation={"value": 0.92},
        float_tflite={**SIZES, "tflite_bytes": 8000},
        steps=[
            StepParts("prune", {"weights": 100, "nonzero_weights": 50}, {"value": 0.80}),
            StepParts("cluster", {"weights": 100, "nonzero_weights": 50}, {"value": 0.79}),
        ],
        accuracy={"metric": "top1", "value": 0.78, "interval": [0.77, 0.79], "samples": 10_000, "runtime": "aot"},
        latency=LATENCY,
        firmware=FIRMWARE,
        artifacts={"m.tflite": "ab"},
        tools={"scons": "4"},
    )
    return build_report({**FACTS, "budget": budget}, parts)


def test_the_keys_of_schema_1() -> None:
    report = whole()
    assert report["schema"] == 1
    assert report["accuracy"] == {
        "metric": "top1",
        "title": "accuracy",
        "better": "more",
        "share": True,
        "unit": "",
        "float": 0.91,
        "float_interval": [0.9, 0.92],
        "float_validation": 0.92,
        "float_validation_interval": None,
        "validation_samples": None,
        "steps": [
            {"step": name, "value": value, "interval": None} for name, value in (("prune", 0.8), ("cluster", 0.79))
        ],
        "quantized": 0.78,
        "quantized_interval": [0.77, 0.79],
        "others": [],
        "samples": 10_000,
        "through": "aot",
    }
    assert report["size"]["float_tflite_bytes"] == 8000
    assert report["artifacts"] == {"m.tflite": "ab"}


def test_how_weights_are_stored_is_told_where_they_are_not_raw() -> None:
    costs = {"bytes": 1700, "raw_bytes": 24768, "extra_scratch_bytes": -3536, "cycles": 900_000, "raw_cycles": 37_000}
    layers = [
        {"operator": 0, "op": "CONV_2D", "name": "c", "weights": {"storage": "raw", **costs}},
        {"operator": 2, "op": "FULLY_CONNECTED", "name": "d", "weights": {"storage": "coded", **costs}},
        {"operator": 3, "op": "SOFTMAX", "name": "s", "weights": None},
    ]
    parts = Parts(quantize=SIZES, latency=LATENCY, firmware={**FIRMWARE, "layers": layers})
    report = build_report({**FACTS, "budget": {}}, parts)
    assert [layer["storage"] for layer in report["weights"]] == ["raw", "coded"]
    text = render(report)
    assert "operator 2 FULLY_CONNECTED, weights coded: 1.7 KiB, raw 24.2 KiB; scratch -3,536 B;" in text
    assert "weights raw" not in text


def test_the_measured_stack_replaces_the_estimated_one() -> None:
    ram = whole()["ram"]
    assert (ram["stack_bytes"], ram["total_bytes"], ram["stack_kind"]) == (300, 4316, "emulated")


def test_a_stack_that_could_not_be_estimated_is_measured() -> None:
    firmware = {**FIRMWARE, "ram": {**FIRMWARE["ram"], "stack_bytes": None, "total_bytes": 4016}}
    ram = build_report({**FACTS, "budget": {}}, Parts(quantize=SIZES, latency=LATENCY, firmware=firmware))["ram"]
    assert (ram["stack_bytes"], ram["total_bytes"]) == (300, 4316)


@pytest.mark.parametrize(
    ("budget", "words"),
    [
        ({"size": 1000}, ["2.0 KiB is over the limit of 1000 B by 1000 B"]),
        ({"flash": 10_000}, ["is over the limit", "8.8 KiB of it are weights"]),
        ({"ram": 4000}, ["by 316 B", "the arena peaks in CONV_2D (layer 0)"]),
        ({"latency_instructions": 999}, ["by 1 instructions", "conv (CONV_2D) takes 90%"]),
        ({"metric_loss": 0.1}, ["13.00 points is over the limit of 10.00 points by 3.00", "lost in prune"]),
        ({"metric_loss": "10 %"}, ["13.00 points is over the limit of 10.00 points by 3.00", "lost in prune"]),
        ({"metric": 0.8}, ["is under the limit of 80.00 % by 2.00 points", "may be 77.00 to 79.00 % (95 %)"]),
    ],
)
def test_a_broken_budget_says_by_how_much_and_where(budget: dict[str, Any], words: list[str]) -> None:
    (message,) = breaches(whole(**budget))
    assert message.startswith("t/m: budget")
    for text in words:
        assert text in message


def test_input_by_rows_is_proposed_where_it_makes_the_arena_smaller() -> None:
    report = whole(ram=4000)
    (without,) = breaches(report)
    (told,) = breaches({**report, "ram": {**report["ram"], "by_rows_bytes": 2048}})
    assert "input =" not in without
    assert '[compile] input = "auto" would make the arena about 2.0 KiB (3.9 KiB today)' in told


ERROR = {"title": "mean absolute error", "better": "less", "share": False, "unit": "kWh"}


def of_numbers(**budget: float | str) -> dict[str, Any]:
    """The report of a regression, whose float model has an error of 2 kWh and whose int8 one 2.5."""
    r2 = {"metric": "r2", "title": "R2", "better": "more", "share": False, "unit": "", "interval": None}
    parts = Parts(
        quantize={**SIZES, "scheme": "int8", "validation": {**ERROR, "quantized": 2.4, "float": 2.1, "examples": 50}},
        float_test={"value": 2.0, "interval": [1.8, 2.2], "others": [{**r2, "value": 0.9}]},
        float_validation={"value": 2.1, "samples": 50},
        accuracy={
            "metric": "mae",
            **ERROR,
            "value": 2.5,
            "interval": [2.2, 2.8],
            "samples": 40,
            "runtime": "aot",
            "others": [{**r2, "value": 0.8}],
        },
    )
    return build_report({**FACTS, "budget": budget}, parts)


def test_a_metric_is_told_in_its_own_terms() -> None:
    text = render(of_numbers(metric_loss=0.6, metric=3))
    assert "mean absolute error 2.5 kWh (2.2 to 2.8 kWh) of 40 test examples\n" in text
    assert "the float model 2 kWh (1.8 to 2.2 kWh)\n         R2 0.8\n         the float model 0.9\n" in text
    assert "2.4 kWh of 50 validation examples, the float model 2.1 kWh" in text
    assert "metric_loss: 0.5 kWh of 0.6 kWh: ok" in text
    assert "metric: 2.5 kWh at most 3 kWh: ok" in text
    assert re.search(r"^ int8 +2\.4 kWh +2\.5 kWh", text, re.MULTILINE)


def test_what_few_validation_examples_decided_is_no_figure_of_all() -> None:
    report = of_numbers()
    report["accuracy"]["validation_samples"] = 51
    assert re.search(r"^ int8 +- +2\.5 kWh", render(report), re.MULTILINE)


@pytest.mark.parametrize(
    ("budget", "words"),
    [
        ({"metric_loss": 0.4}, "0.5 kWh is over the limit of 0.4 kWh by 0.1 kWh"),
        ({"metric_loss": "20 %"}, "0.5 kWh is over the limit of 0.4 kWh by 0.1 kWh"),
        ({"metric": 2.25}, "2.5 kWh is over the limit of 2.25 kWh by 0.25 kWh"),
    ],
)
def test_less_of_an_error_is_better(budget: dict[str, float | str], words: str) -> None:
    (message,) = breaches(of_numbers(**budget))
    assert words in message
    assert "may be 2.2 to 2.8 kWh (95 %)" in message


def test_a_kept_budget_says_nothing() -> None:
    report = whole(size=2000, flash=12_000, ram=4316, latency_instructions=1000, metric_loss=0.13, metric=0.78)
    assert breaches(report) == []
    assert [row["ok"] for row in report["budget"]] == [True] * 6


def test_a_limit_of_what_was_not_measured_is_neither_kept_nor_broken() -> None:
    report = build_report({**FACTS, "budget": {"latency": 5.0}}, Parts(quantize=SIZES))
    assert report["budget"] == [{"name": "latency", "limit": 5.0, "value": None, "ok": None}]
    assert breaches(report) == []
    assert "latency: not measured of 5 us" in render(report)


def test_the_table_shows_each_step_and_fits_a_terminal() -> None:
    text = render(whole(size=2000))
    assert max(map(len, text.splitlines())) <= 100
    for word in ("float", "prune", "int8", "78.00 %", "1,000 instructions", "emulated", "stack 300 B (emulated)"):
        assert word in text
    assert text == render(whole(size=2000))


def test_measured_time_is_called_measured() -> None:
    latency = {"kind": "measured", "latency_us": 850.0, "runs": 20, "cpu": "Cortex-A72"}
    text = render(build_report(FACTS, Parts(quantize=SIZES, latency=latency)))
    assert "850 us measured (Cortex-A72, median of 20 runs)" in text
    assert "emulated" not in text


def test_a_device_that_was_slowed_down_is_told_of() -> None:
    measured = {"kind": "measured", "latency_us": 812.0, "runs": 200, "cpu": "Raspberry Pi 4"}
    slowed = {**measured, "throttled": ["throttled"], "temperature_after_c": 84.2}
    for latency, said in (
        (slowed, "; SLOWED DOWN: throttled, 84 C at the end"),
        ({**measured, "throttled": []}, ")\n"),
    ):
        text = render(build_report(FACTS, Parts(quantize=SIZES, latency=latency)))
        assert f"812 us measured (Raspberry Pi 4, median of 200 runs){said.removeprefix(')')}" in text


def test_every_budget_of_a_target_is_judged() -> None:
    """A budget that no rule knew would be kept by every build."""
    assert set(Budget.model_fields) == set(_RULES)


@pytest.mark.parametrize("figure", COMPARED, ids=lambda figure: figure.title)
def test_a_figure_is_where_it_says(figure: Figure) -> None:
    """Its path leads to the number, its kind shuts others out, and a report without it has none."""
    inner: Any = 7.0
    for key in reversed(figure.path):
        inner = {key: inner}
    report = {**inner, "latency": {**inner.get("latency", {}), "kind": figure.kind}}
    assert figure.value(report) == 7.0
    assert figure.value({"latency": None}) is None
    if figure.kind:
        assert figure.value({**report, "latency": {**report["latency"], "kind": "estimated"}}) is None


@pytest.mark.parametrize(
    ("first", "said"),
    [
        ({"first_instructions": 1234}, "emulated in the steady state, the first 1,234 (cortex-m4"),
        (
            {"kind": "measured", "latency_us": 2.0, "first_us": 5000.0},
            "in the steady state, the first 5.0 ms (cortex-m4",
        ),
        ({}, "emulated (cortex-m4"),
        ({"stand_in": "mps2-an386"}, "runs) on mps2-an386, for the board is not emulated"),
    ],
)
def test_a_model_with_state_is_told_in_its_steady_state(first: dict[str, Any], said: str) -> None:
    assert said in _latency_line({**LATENCY, **first})
