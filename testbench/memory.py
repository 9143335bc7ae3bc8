"""Memory that some processes take together.

A page that several of them have counts once, and nothing that other processes of the machine have changes the figure:
PSS would share the pages of TensorFlow's libraries with whoever else has them open.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_PAGE = os.sysconf("SC_PAGE_SIZE")
_WORD = 8
_PRESENT, _OF_A_FILE = np.uint64(1 << 63), np.uint64(1 << 61)
"""Bits of a word of /proc/PID/pagemap: https://docs.kernel.org/admin-guide/mm/pagemap.html"""


def bytes_of(processes: Iterable[int]) -> int:
    """Bytes in memory of processes that share anonymous pages with each other alone; of those that are gone nothing."""
    total, files = 0, dict[str, list[NDArray[np.int64]]]()
    for process in processes:
        with suppress(OSError):
            for file, pages in _file_pages(process):
                files.setdefault(file, []).append(pages)
            total += _anonymous(process)
    return total + sum(_PAGE * len(np.unique(np.concatenate(pages))) for pages in files.values())


def _anonymous(process: int) -> int:
    """Those of no file, divided by how many share each."""
    for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss_Anon:"):
            return int(line.split()[1]) * 1024
    return 0


def _file_pages(process: int) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """Of each mapping of a file, "device:inode" and the numbers of the file's pages that are in memory."""
    with Path(f"/proc/{process}/pagemap").open("rb", buffering=0) as pagemap:
        for line in Path(f"/proc/{process}/maps").read_text().splitlines():
            addresses, _, offset, device, inode = line.split()[:5]
            if inode == "0":
                continue
            begin, end = (int(each, 16) // _PAGE for each in addresses.split("-"))
            pagemap.seek(begin * _WORD)
            words = np.frombuffer(pagemap.read((end - begin) * _WORD), np.uint64)
            there = (words & _PRESENT != 0) & (words & _OF_A_FILE != 0)
            yield f"{device}:{inode}", np.flatnonzero(there) + int(offset, 16) // _PAGE
