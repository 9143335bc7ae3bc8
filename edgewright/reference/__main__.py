"""Writes docs/reference/, or the same into another folder: `python -m edgewright.reference [FOLDER]`."""

import argparse
from pathlib import Path

from edgewright.files import write_text
from edgewright.home import home
from edgewright.reference.files import files

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m edgewright.reference", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=home() / "docs" / "reference", help="docs/reference/")
    folder = parser.parse_args().folder
    for name, text in files().items():
        write_text(folder / name, text)
