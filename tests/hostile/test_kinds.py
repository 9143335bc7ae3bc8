"""Every text that a file of the project may hold has a kind, and each kind refuses what could mean more than itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pytest
from pydantic import BaseModel, ValidationError

from edgewright import kinds, registry
from edgewright.kinds import Kind
from edgewright.sections.board import Memory
from edgewright.spec import Board, Model, SearchFile, Target
from edgewright.spec.device import Device
from edgewright.spec.project import escaped, split
from edgewright.text import is_line
from tests.hostile.names import hostile

REGISTRIES = (registry.passes, registry.transports, registry.programmers)
SECTIONS = [Board, Model, Target, Device, SearchFile]
OPTIONS = [each.load(name).OPTIONS for each in REGISTRIES for name in each.names()]
CHECKED_LATER = {
    *("Board.flash", "Target.compress", "Target.measure", "Target.flash"),
    *("Target.train", "Target.search.over", "Target.search.vary", "SearchFile.search.over", "SearchFile.search.vary"),
}
"""Tables whose keys are those of the OPTIONS that a name in them chooses, of another class, or of a target file."""

EXAMPLES = {
    kinds.LINE: ["déjà vu, 日本", "a $ and a `"],
    kinds.NAME: ["mcu", "rpi-4.b", "3d"],
    kinds.WORD: ["rv32,zba=false", "virt"],
    kinds.CONSTANT: ["uart0_base"],
    kinds.FUNCTION: ["huber", "model:my_loss"],
    kinds.NUMBER: ["12"],
    kinds.PATH: ["a b.tflite", "it's.tflite", "modèle.tflite", "~/.ssh/key", "a,b"],
    kinds.TOOL_PATH: ["board/st_nucleo_l4.cfg"],
    kinds.FLAG: ["-mcpu=cortex-m4"],
    kinds.HOST: ["pi@raspberrypi.local", "kitchen", "10.0.0.7", "pi@fe80::1%eth0", "[::1]"],
    kinds.SERIAL_PORT: ["/dev/ttyACM0", "socket://localhost:4000", "COM3"],
    kinds.SERVER: ["localhost:3333", "/dev/ttyACM0", "[::1]:3333"],
    kinds.SERIAL: ["0668FF", "192.168.0.7:5555"],
    kinds.CPUS: ["4-7", "0,2"],
    kinds.PER_CENT: ["1 %", "0.5%"],
}
REFUSED = {
    kinds.PATH: ["", "-x", "$x", "${1}", "`x`", "a\nb", "a\x1b[2J"],
    kinds.TOOL_PATH: ["", "-x", "$x", "{x}", "a;b", "a\nb", "a\x1b[2J"],
    kinds.NAME: ["..", ".x", "-x", "a/b", "a b", "a$", "a\n", ""],
    kinds.WORD: ["-x", "a b", "a;b", ""],
    kinds.CONSTANT: ["A", "a b", "a\n#define b", "1a", "a(x)"],
    kinds.FLAG: ["x", "-a b", "-", "-$x"],
    kinds.HOST: ["-oProxyCommand=x", "pi@-x", "a b", "a;b", "$x", "a\n"],
    kinds.SERIAL_PORT: ["-x", "spy:///dev/ttyACM0?file=x", "a b", "$x"],
    kinds.SERVER: ["| x", "-x", "a b"],
    kinds.SERIAL: ["-x", "a b", "a\n", "a;shutdown"],
    kinds.PER_CENT: ["1", "-1 %", "x %", "1 %\n"],
}


def texts(kind: type[BaseModel], at: str) -> Iterator[tuple[str, bool]]:
    """Each text in the fields of a model, and those of the models in it: where, and whether it has a kind."""
    for name, annotation in get_type_hints(kind, include_extras=True).items():
        if name in kind.model_fields and f"{at}.{name}" not in CHECKED_LATER:
            yield from _texts(annotation, f"{at}.{name}", has_kind=False)


def _texts(annotation: Any, at: str, *, has_kind: bool) -> Iterator[tuple[str, bool]]:
    if annotation in (str, Any):
        yield at, has_kind
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from texts(annotation, at)
    elif get_origin(annotation) is Annotated:
        inner, *marks = get_args(annotation)
        yield from _texts(inner, at, has_kind=any(isinstance(mark, Kind) for mark in marks))
    elif str(get_origin(annotation)) != "typing.Literal":
        for part in get_args(annotation):
            yield from _texts(part, at, has_kind=has_kind)


@pytest.mark.parametrize("section", [*SECTIONS, *OPTIONS], ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_every_text_has_a_kind(section: type[BaseModel]) -> None:
    assert [at for at, has_kind in texts(section, section.__name__) if not has_kind] == []


class Inner(BaseModel):
    text: str = ""


class Outer(BaseModel):
    known: kinds.Name | None = None
    table: dict[str, list[kinds.Line]] = {}
    inner: Inner | None = None


def test_the_walk_sees_every_place() -> None:
    assert list(texts(Outer, "o")) == [
        ("o.known", True),
        ("o.table", False),
        ("o.table", True),
        ("o.inner.text", False),
    ]


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in EXAMPLES.items() for text in texts])
def test_what_people_write_is_taken(kind: Kind, text: str) -> None:
    assert kind.takes(text)


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in REFUSED.items() for text in texts])
def test_what_means_more_is_refused(kind: Kind, text: str) -> None:
    assert not kind.takes(text)


def test_every_kind_has_examples() -> None:
    assert set(EXAMPLES) == {value for value in vars(kinds).values() if isinstance(value, Kind)}


@pytest.mark.parametrize("kind", EXAMPLES, ids=lambda kind: kind.allowed)
def test_no_kind_takes_control_characters(kind: Kind) -> None:
    taken = [text for text in hostile(2000, seed=3) if kind.takes(text)]
    assert all(map(is_line, taken))


@pytest.mark.parametrize(
    ("flash", "ram"), [((0, 2048), (1024, 1024)), ((0, 1024), ((1 << 32) - 8, 1024)), ((-1, 8), (64, 8))]
)
def test_regions_that_cannot_be_are_refused(flash: tuple[int, int], ram: tuple[int, int]) -> None:
    regions = {name: {"origin": at, "size": f"{size} B"} for name, (at, size) in (("flash", flash), ("ram", ram))}
    with pytest.raises(ValidationError):
        Memory.model_validate(regions)


def test_a_comma_in_a_name_is_written_with_a_backslash() -> None:
    assert split(r"a, b\,c.tflite,,d") == ["a", "b,c.tflite", "d"]
    assert split(escaped("x,y.tflite")) == ["x,y.tflite"]
