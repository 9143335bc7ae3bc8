"""Kinds of text that a file may hold: what each may be made of, as types for pydantic.

Every text of a TOML file ends in a place where some of it could mean more than itself: a command line, a C header, a
linker script, the language of a flash tool. So each has a kind, and a test holds that none is without.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from edgewright.text import is_line

PATH_REFUSED = "$`"
"""What shells, make and SCons look for in names."""

_NO_CONTROLS = r"[^\u0000-\u001f\u007f]*"


@dataclass(frozen=True)
class Kind:
    """What a text may be; as an annotation of `str` it is pydantic's check.

    Attributes:
        allowed: the same for people.
        pattern: what all of it must match, besides being one line without control characters.
        example: a text of this kind.
    """

    allowed: str
    pattern: str = ".*"
    example: str = "one line"

    def takes(self, text: str) -> bool:
        """Whether a text is of this kind."""
        return is_line(text) and re.fullmatch(self.pattern, text, re.ASCII) is not None

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Called by pydantic."""
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(self, source: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Called by pydantic."""
        pattern = _NO_CONTROLS if self.pattern == ".*" else self.pattern
        return {**handler(source), "pattern": f"^(?:{pattern})$", "x-allowed": self.allowed, "x-example": self.example}

    def _checked(self, text: str) -> str:
        if self.takes(text):
            return text
        problem = "holds what cannot stand here" if is_line(text) else "holds a control character or a second line"
        raise PydanticCustomError("edgewright", "{problem}", {"problem": problem, "allowed": self.allowed})


LINE = Kind("one line, without control characters")
NAME = Kind(
    "letters, digits and _ . + -, the first a letter or a digit", r"[A-Za-z0-9_][A-Za-z0-9_.+-]*", example="kws"
)
WORD = Kind(
    "letters, digits and _ . , = + -, the first a letter or a digit", r"[A-Za-z0-9_][A-Za-z0-9_.,=+-]*", example="virt"
)
CONSTANT = Kind("small letters, digits and _, the first a letter", r"[a-z][a-z0-9_]*", example="uart_base")
FUNCTION = Kind(
    'a name that Keras knows, or "module:function" of a file beside model.toml',
    r"[A-Za-z_][A-Za-z0-9_]*(?::[A-Za-z_][A-Za-z0-9_]*)?",
    example="model:my_loss",
)
NUMBER = Kind("a number in quotes", r"[0-9]+", example="3")
PATH = Kind(
    "a path without $, ` and control characters, not led by -",
    rf"[^-{PATH_REFUSED}][^{PATH_REFUSED}]*",
    example="path/to/file",
)
TOOL_PATH = Kind(
    "letters, digits, spaces and / _ . , + @ -, not led by -", r"[\w/.][\w /.,+@-]*", example="board/st_nucleo_l4.cfg"
)
FLAG = Kind("a flag: it begins with - and has no spaces", r"-[^\s$`]+", example="-mcpu=cortex-m4")
HOST = Kind(
    'a host: "pi@raspberrypi.local", an address or a name out of ~/.ssh/config',
    r"(?:[A-Za-z0-9_][\w.+-]*@)?(?:[A-Za-z0-9_][A-Za-z0-9_.:%-]*|\[?[0-9A-Fa-f:]+(?:%[A-Za-z0-9_.-]+)?\]?)",
    example="pi@raspberrypi.local",
)
SERIAL_PORT = Kind(
    'a device like "/dev/ttyACM0", or "socket://host:port" or "rfc2217://host:port"',
    r"(?!-)(?:(?:socket|rfc2217)://[A-Za-z0-9_.:\[\]-]+|(?!.*://)[^\s$`]+)",
    example="/dev/ttyACM0",
)
SERVER = Kind("host:port, or a serial port", r"[A-Za-z0-9_/\[][\w.:/\[\]-]*", example="localhost:3333")
SERIAL = Kind("letters, digits and _ : . -, the first a letter or a digit", r"[A-Za-z0-9_][\w:.-]*", example="0668FF")
CPUS = Kind('numbers of cores: "4-7", "0, 2"', r"[0-9][0-9, -]*", example="4-7")
PER_CENT = Kind('text in per cent: "1 %"', r" *[0-9]+(?:\.[0-9]+)? *% *", example="1 %")

Line = Annotated[str, LINE]
Name = Annotated[str, NAME]
Word = Annotated[str, WORD]
Constant = Annotated[str, CONSTANT]
Function = Annotated[str, FUNCTION]
Number = Annotated[str, NUMBER]
Path = Annotated[str, PATH]
ToolPath = Annotated[str, TOOL_PATH]
Flag = Annotated[str, FLAG]
Host = Annotated[str, HOST]
SerialPort = Annotated[str, SERIAL_PORT]
Server = Annotated[str, SERVER]
Serial = Annotated[str, SERIAL]
PerCent = Annotated[str, PER_CENT]
