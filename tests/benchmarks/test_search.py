"""The table of the searches is that of the figures that are kept."""

from __future__ import annotations

from edgewright.files import read_json
from edgewright.home import home

RESULTS = home() / "benchmarks" / "results"


def test_the_table_says_what_the_figures_say() -> None:
    text = (RESULTS / "search.md").read_text()
    for run in read_json(RESULTS / "search.json")["runs"]:
        assert f"| {run['sampler']} | {run['hypervolume'][4]:.4f} |" in text
        assert all(point["what"] in text for point in run["front"])
        assert len(run["hypervolume"]) == 20
