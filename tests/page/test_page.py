"""Pages in a real browser: nothing leaves, nothing is complained of, and all that a person can do works."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from edgewright.packed import Packed
from edgewright.report.page import LIMIT_BYTES, overview_of, render_html
from testbench.browser import Tab
from testbench.pages import entry, sample
from tests.page.conftest import HOSTILE

Open = Callable[..., Tab]
NAMES = ("one", "all")
BUILDS = "builds-1-rows"


def test_a_page_is_light(files: dict[str, Path], library: Packed) -> None:
    assert all(path.stat().st_size <= LIMIT_BYTES for path in files.values())
    many = [entry(f"target-{number}", sample(builds=60)) for number in range(20)]
    assert len(render_html(overview_of(many), library).encode()) <= LIMIT_BYTES


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(  # the usual widths stand for the widest
    ("width", "scheme"), [(390, "dark"), (1440, "light"), pytest.param(1920, "dark", marks=pytest.mark.slow)]
)
def test_every_part_fits_and_is_drawn(tab: Open, shots: Path, name: str, width: int, scheme: str) -> None:
    found = tab(name, width, scheme)
    seen(found, found.sections(), shots / f"{name}-{{}}-{width}-{scheme}.png")


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1440, "dark")])
def test_answers_of_each_kind_fit_and_are_drawn(tab: Open, shots: Path, width: int, scheme: str) -> None:
    seen(tab("kinds", width, scheme), ["answers"], shots / f"kinds-{{}}-{width}-{scheme}.png")


def seen(found: Tab, sections: Sequence[str], path: Path) -> None:
    """Each part is as wide as the window and drawn; a screenshot of each."""
    for section in sections:
        found.show(section)
        assert found.overflow() <= 0, section
        for plot in found.page.query_selector_all(f"#{section} .plot"):
            assert plot.query_selector("svg"), section
            box, drawn = plot.bounding_box(), plot.query_selector("svg").bounding_box()
            assert drawn["width"] <= box["width"] + 1, section
        found.page.screenshot(path=str(path).format(section), full_page=True)


@pytest.mark.parametrize(
    ("name", "scheme"),
    [
        ("one", "light"),
        ("one", "dark"),
        ("all", "dark"),
        ("kinds", "light"),
        pytest.param("hostile", "light", marks=pytest.mark.slow),  # the same page as one, with other names
    ],
)
def test_nothing_is_in_the_way_of_those_who_see_or_move_otherwise(tab: Open, name: str, scheme: str) -> None:
    """axe-core's rules, on all parts of the page at once."""
    found = tab(name, 1440, scheme)
    found.page.evaluate("document.documentElement.classList.remove('tabbed')")
    found.page.evaluate(AXE_SCRIPT)
    result = found.page.evaluate("axe.run(document)")
    assert [(fault["id"], [node["target"] for node in fault["nodes"]][:3]) for fault in result["violations"]] == []


def test_tabs_are_moved_through_by_keys_and_the_address_remembers(tab: Open) -> None:
    found = tab("one")
    found.page.focus("[role=tab][aria-selected=true]")
    found.page.keyboard.press("ArrowRight")
    second = found.sections()[1]
    assert found.page.evaluate("document.activeElement.id") == f"{second}-tab"
    assert found.page.evaluate("location.hash") == f"#{second}"
    assert [panel for panel in found.sections() if found.page.is_visible(f"#{panel}")] == [second]
    found.page.keyboard.press("End")
    assert found.page.is_visible(f"#{found.sections()[-1]}")
    found.page.keyboard.press("ArrowRight")
    assert found.page.is_visible(f"#{found.sections()[0]}")


def test_tables_are_sorted_by_numbers_both_ways(tab: Open) -> None:
    found = tab("all")
    heads = found.page.eval_on_selector_all(f"#{BUILDS} th", "heads => heads.map(head => head.textContent)")
    flash = heads.index("flash") + 1
    button = f"#{BUILDS} th:nth-child({flash}) button"
    found.page.click(button)
    assert found.column(BUILDS, flash) == ["32.0 KiB", "40.0 KiB", "80.0 KiB"]
    assert found.page.get_attribute(f"#{BUILDS} th:nth-child({flash})", "aria-sort") == "ascending"
    found.page.click(button)
    assert found.column(BUILDS, flash) == ["80.0 KiB", "40.0 KiB", "32.0 KiB"]


def test_rows_are_left_out_by_words(tab: Open) -> None:
    found = tab("all")
    box = found.page.locator("#builds input[type=search]").first
    box.fill("fail mcu")
    assert [name[:6] for name in found.column(BUILDS, 1)] == ["mcu-m0"]
    assert found.page.inner_text("#builds [role=status]") == "1 of 3"
    box.fill("")
    assert len(found.column(BUILDS, 1)) == 3


def test_a_layer_is_chosen_and_its_weights_are_drawn(tab: Open) -> None:
    found = tab("one")
    found.show("weights")
    before = found.page.inner_html("#weights-1 .plot")
    found.page.select_option("#weights-1 select", index=1)
    found.page.wait_for_function(
        "before => document.querySelector('#weights-1 .plot').innerHTML !== before", arg=before
    )


def test_light_and_dark_change_without_drawing_anew(tab: Open) -> None:
    found = tab("one", 1440, "light")
    colour = "getComputedStyle(document.querySelector('#layers path[fill^=\"var\"]')).fill"
    light = found.page.evaluate(colour)
    found.page.click(".theme")
    assert found.page.evaluate(colour) != light
    assert found.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 22, 29)"


def test_hovering_names_a_tensor(tab: Open) -> None:
    found = tab("one")
    found.show("memory")
    found.page.hover("#memory-2 .plot .mark-rect path[fill='var(--c1)']", force=True)
    found.page.wait_for_selector("#vg-tooltip-element.visible")
    assert "net" in found.page.inner_text("#vg-tooltip-element")


def test_names_are_text_and_nothing_else(tab: Open) -> None:
    """A dialog, a script or a picture of theirs would be complained of by the policy of the page, or be seen here."""
    found = tab("hostile")
    scripts = found.page.eval_on_selector_all("script", "found => found.map(script => script.parentElement.tagName)")
    assert scripts == ["BODY"] * 3
    assert found.page.query_selector_all("img:not([src^='data:image/png'])") == []
    assert HOSTILE in found.page.inner_text("h1")
    found.show("memory")
    found.page.hover("#memory-2 .plot .mark-rect path[fill='var(--c1)']", force=True)
    found.page.wait_for_selector("#vg-tooltip-element.visible")
    first = HOSTILE.split(";", 1)[0]  # of the names of a fused layer
    assert first in found.page.inner_text("#vg-tooltip-element")


def test_a_breach_is_told_in_words(tab: Open) -> None:
    found = tab("hostile")
    assert "Over budget: flash" in found.page.inner_text(".verdict")
    blame = found.page.inner_text(".blame")
    assert blame.startswith("flash: ")
    assert "of it are weights" in blame


def test_paper_has_all_parts_on_white(tab: Open) -> None:
    found = tab("one", 1440, "dark")
    found.page.emulate_media(media="print", color_scheme="dark")
    assert all(found.page.is_visible(f"#{section}") for section in found.sections())
    assert found.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not found.page.is_visible(".tabs")


def test_without_scripts_all_is_there(browser: Any, files: dict[str, Path]) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(files["one"].as_uri())
    sections = page.query_selector_all(".panel")
    assert len(sections) >= 8
    assert all(section.is_visible() for section in sections)
    context.close()
