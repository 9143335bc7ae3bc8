"""Takes a picture of a page, as it is in the browser of bindep.txt.

python -m testbench.screenshot build/mcu/fashion_cnn/report.html docs/images/page.png --tab layers

makes README's.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from testbench.browser import browser_path, launched, opened


def main(argv: Sequence[str] | None = None) -> int:
    """Write the picture."""
    parser = argparse.ArgumentParser(prog="python -m testbench.screenshot", description=__doc__)
    parser.add_argument("page", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--tab", help="name of the tab, as in the page's address: layers")
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--dark", action="store_true")
    arguments = parser.parse_args(argv)
    path = browser_path()
    if path is None:
        print("no browser: apt-get install chromium", file=sys.stderr)
        return 2
    with launched(path) as browser:
        tab = opened(browser, arguments.page.resolve(), arguments.width, "dark" if arguments.dark else "light")
        if arguments.tab:
            tab.show(arguments.tab)
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        tab.page.screenshot(path=arguments.out, full_page=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
