"""Writes docs/reference/, or the same into another folder: `python -m edgewright.reference [FOLDER]`."""

import sys
from pathlib import Path

from edgewright.files import write_text
from edgewright.home import home
from edgewright.reference.files import files

if __name__ == "__main__":
    folder = Path(sys.argv[1]) if sys.argv[1:] else home() / "docs" / "reference"
    for name, text in files().items():
        write_text(folder / name, text)
