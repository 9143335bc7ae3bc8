"""The table of the models that come along: made of reports, and put between its marks."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from edgewright.home import home
from testbench.pages import report_of

MARK, END = "<!-- python -m benchmarks.models -->", "<!-- end -->"
ABSENT = "spoken_digits"
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| (.*?) \|", re.MULTILINE)


def rows(page: Path) -> dict[tuple[str, str], str]:
    """What each model is worth on each target, as the page says."""
    between = page.read_text().partition(MARK)[2].partition(END)[0]
    return {(model, target): worth for model, target, worth in ROW.findall(between)}


def test_the_table_is_made_of_reports(tmp_path: Path) -> None:
    known = rows(home() / "docs/models.md")
    assert len(known) == 15
    built = [(name, target) for name, target in known if name != ABSENT]
    for name, target in built:
        for seed, value in (("", 0.889), ("-seed2", 0.881), ("-seed3", 0.888)):
            report = {**report_of(name, 32_768), "target": target}
            report["accuracy"] = {**report["accuracy"], "quantized": value, "quantized_interval": [0.88, 0.9]}
            path = tmp_path / ("seeds" if seed else "") / f"{target}{seed}" / name / "report.json"
            path.parent.mkdir(parents=True)
            path.write_text(json.dumps(report))
    page = tmp_path / "page.md"
    kept = [f"| `{name}` | {target} | as it was |" for name, target in known if name == ABSENT]
    page.write_text("\n".join(["before", MARK, "old", *kept, END, "after\n"]))
    words = ["-m", "benchmarks.models", "--build", str(tmp_path), "--page", str(page)]
    done = subprocess.run([sys.executable, *words], cwd=home(), check=True, capture_output=True, text=True)
    assert f"{ABSENT}: not built, its rows stay as they are: no report in {tmp_path}" in done.stderr
    made = rows(page)
    assert list(made) == list(known)
    assert {made.pop(pair) for pair in known if pair not in built} == {"as it was"}
    assert set(made.values()) == {"accuracy 88.90 % (88.00 to 90.00 %)"}
    assert page.read_text().count("| 88.60 % (88.10 to 88.90 %) |") == len(built)
    assert page.read_text().startswith("before\n")
    assert page.read_text().endswith("after\n")
