"""What the ELF file of a firmware holds: symbols, sections and code, by the GNU tools of its cross compiler."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from edgewright.arch import Instruction, architecture_of_elf
from edgewright.devices.tools.run import need, run_tool
from edgewright.errors import ToolError

_CODE = re.compile(r"^\s*([0-9a-f]+):\t([0-9a-f ]+?)\s*\t(\S+)\s*(.*)$")
_LABEL = re.compile(r"^([0-9a-f]+) <(.+)>:$")


@dataclass(frozen=True)
class Symbol:
    """A symbol with a place; `kind` is the letter that nm gives it."""

    name: str
    address: int
    size: int
    kind: str

    @property
    def end(self) -> int:
        """First address behind it."""
        return self.address + self.size


@dataclass(frozen=True)
class Section:
    """A section that takes room on the device."""

    name: str
    address: int
    size: int


def _tool(name: str, elf: Path, *arguments: str) -> str:
    architecture = architecture_of_elf(elf)
    program = need(architecture.tools + name, architecture.hint)
    return run_tool(f"reading {elf}", [program, *arguments, str(elf)], 60.0)


def symbols(elf: Path) -> list[Symbol]:
    """All symbols that have a size, by address; names of static functions may come more than once."""
    found = []
    for line in _tool("nm", elf, "--numeric-sort", "--print-size").splitlines():
        words = line.split()
        if len(words) == 4:
            found.append(Symbol(words[3], int(words[0], 16), int(words[1], 16), words[2]))
    return found


def symbol(elf: Path, name: str) -> Symbol:
    """The one symbol of that name; ToolError when the file has none."""
    for found in symbols(elf):
        if found.name == name:
            return found
    raise ToolError(f"{elf}: has no symbol {name}: it is no firmware of Edgewright's, or was stripped")


def sections(elf: Path) -> Mapping[str, Section]:
    """The sections by name."""
    lines = (line.split() for line in _tool("size", elf, "-A").splitlines())
    rows = [words for words in lines if len(words) == 3 and words[0].startswith(".")]
    return {name: Section(name, int(address), int(size)) for name, size, address in rows}


def disassemble(elf: Path) -> list[Instruction]:
    """All code in order of address; data between functions is left out."""
    architecture = architecture_of_elf(elf)
    found: list[Instruction] = []
    function = ""
    for line in _tool("objdump", elf, "--disassemble", *architecture.disassembler).splitlines():
        label = _LABEL.match(line)
        if label:
            function = label[2]
        code = _CODE.match(line)
        if code and not code[3].startswith("."):
            size = len(code[2].replace(" ", "")) // 2
            operands = architecture.comment.split(code[4], maxsplit=1)[0].strip()
            found.append(Instruction(int(code[1], 16), size, code[3], operands, function))
    return found
