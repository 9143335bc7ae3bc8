"""What PACK.xsd 1.7.32 of Open-CMSIS-Pack asks of the elements that a bundle's .pdsc has, written as a table.

The schema itself is in no registry that these tests reach. Only what a bundle uses stands here: any other element or
attribute is a fault, so that what is new in the template is looked up first.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_ANY = r"[\s\S]*"
_RESTRICTED = r"[-_A-Za-z0-9]+"
_QUALITY = r"(-(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?"
_PACK_VERSION = rf"[0-9]+\.[0-9]+\.[0-9]+{_QUALITY}(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?"
_COMPONENT_VERSION = rf"(0|[1-9]\d*)\.[0-9]+(\.[0-9]+)?{_QUALITY}"
_PART = r"(?=.{2,32}$)[A-Za-z0-9][A-Za-z0-9_+()'/\-\s.]+"
_SUB = r"(?=.{0,32}$)([A-Za-z0-9][A-Za-z0-9_+():/\- .]*)?"
_BRIEF = r"(?=[\s\S]{1,256}$)[\s\S]*\S[\s\S]*"  # its length is told in a comment of the schema, and enforced by packchk
_URI = r"[^\s<>{}|\\^`]+"


@dataclass(frozen=True)
class Element:
    """What one may hold: children with how often, needed attributes, further ones, and its text."""

    children: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    needed: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, str] = field(default_factory=dict)
    text: str = r"\s*"


MANY = 1 << 30
ELEMENTS = {
    "package": Element(
        {
            **dict.fromkeys(("name", "vendor", "description", "url", "releases"), (1, 1)),
            **dict.fromkeys(("license", "components"), (0, 1)),
        },
        {"schemaVersion": r"[0-9]+\.[0-9]+(\.[0-9]+)?"},
        {f"{_XSI}noNamespaceSchemaLocation": _ANY},
    ),
    "name": Element(text=_RESTRICTED),
    "vendor": Element(text=_RESTRICTED),
    "description": Element(text=_BRIEF),
    "url": Element(text=_URI),
    "license": Element(text=_ANY),
    "releases": Element({"release": (1, MANY)}),
    "release": Element(needed={"version": _PACK_VERSION}, more={"date": r"\d{4}-\d\d-\d\d"}, text=_ANY),
    "components": Element({"component": (1, MANY)}),
    "component": Element(
        {"description": (1, 1), "files": (1, 1)},
        {"Cclass": _PART, "Cgroup": _PART, "Cversion": _COMPONENT_VERSION},
        {"Csub": _SUB},
    ),
    "files": Element({"file": (1, MANY)}),
    "file": Element(needed={"category": "doc|header|include|source", "name": _ANY}),
}


def faults(text: str) -> list[str]:
    """What the schema refuses in a .pdsc; of `ValueError` (an XML parser's) where it is no XML."""
    root = ET.fromstring(text)
    return (
        [f"the root is {root.tag}"] if root.tag != "package" else [fault for each in root.iter() for fault in _of(each)]
    )


def _of(element: ET.Element) -> Iterator[str]:
    rule = ELEMENTS.get(element.tag)
    if rule is None:
        yield f"<{element.tag}> is not known"
        return
    found = Counter(child.tag for child in element)
    for name in {*found, *rule.children}:
        least, most = rule.children.get(name, (0, 0))
        if not least <= found[name] <= most:
            yield f"<{element.tag}> has {found[name]} <{name}>"
    yield from (f"<{element.tag}> lacks {name}" for name in rule.needed if name not in element.attrib)
    for name, value in element.attrib.items():
        form = {**rule.needed, **rule.more}.get(name)
        if form is None or not re.fullmatch(form, value):
            yield f"<{element.tag} {name}={value!r}>"
    if not re.fullmatch(rule.text, element.text or ""):
        yield f"<{element.tag}> holds {element.text!r}"
