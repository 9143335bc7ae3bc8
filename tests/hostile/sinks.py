"""Every place where text out of a model, a target or a report becomes part of a file: one function each."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from edgewright import c_text
from edgewright.arch import architecture_of
from edgewright.commands._new import port
from edgewright.commands._new.board import Asked, text_of
from edgewright.commands._new.chip import Facts, Place, Uart
from edgewright.compiler import CompileOptions, compile_model, compile_together
from edgewright.errors import UserError
from edgewright.frontend import header
from edgewright.images import sources
from edgewright.images.model import GeneratedModel, Library
from edgewright.images.placement import Placement
from edgewright.packed import Packed
from edgewright.preprocessing import log_mel, resize
from edgewright.report import compare, render, render_comparison, render_page
from edgewright.report.page import overview_of, page_of, render_html
from edgewright.spec.toml_write import entry_text
from edgewright.stages.microcontroller import bundle
from edgewright.stages.microcontroller._bundle.front import Front
from edgewright.stages.model import app, headers
from edgewright.tflite.graph import Graph
from edgewright.tflite.reader import parse_model
from testbench import boards
from testbench.differential.builder import ModelBuilder
from testbench.nets import Net
from testbench.pages import entry, front, sample
from tests.unit.test_compare import EMULATED, report
from tests.unit.test_report import whole

Files = Mapping[str, str]

BOARD: dict[str, Any] = {
    "name": "b",
    "description": "d",
    "memory": {
        "flash": {"origin": 0, "size": 1024},
        "ram": {"origin": 1 << 20, "size": 1024},
        "fast": {"origin": 1 << 24, "size": 64},
    },
    "port_config": {"uart": 1},
    "emulator": None,
}


def _graph(name: str) -> Graph:
    """Two layers; the file and its tensors called `name`."""
    net = ModelBuilder()
    x, y, z = (net.tensor((1, 2), scale, -128) for scale in (0.5, 0.25, 1 / 256))
    net.op("FULLY_CONNECTED", [x, net.constant(np.eye(2, dtype=np.int8), 0.125)], [y], version=4)
    net.op("SOFTMAX", [y], [z], version=2, beta=1.0)
    graph = parse_model(net.finish([x], [z]), name)
    return replace(graph, tensors={number: replace(tensor, name=name) for number, tensor in graph.tensors.items()})


def library(text: str) -> Files:
    """The C library: names of tensors, of the file and of classes; the command in the banner."""
    compiled = compile_model(_graph(text), "net", labels=[text, "b"], command=text)
    return {name: content for name, content in compiled.files.items() if not name.startswith("kernels/")}


def library_by_rows(text: str) -> Files:
    """The same of a model whose input comes by rows."""
    net = Net()
    x = net.conv(net.input((1, 8, 8, 4), 0.5, 0), np.ones((4, 3, 3, 4), np.int8), None, 1.0)
    graph = net.graph(net.pool(x, 2, 2))
    renamed = {number: replace(tensor, name=text) for number, tensor in graph.tensors.items()}
    graph = replace(graph, name=text, tensors=renamed)
    files = compile_model(graph, "net", options=CompileOptions(input="rows"), command=text).files
    return {name: content for name, content in files.items() if not name.startswith("kernels/")}


def library_of_several(text: str) -> Files:
    """The same of two models."""
    models = [(_graph(text), "net", [text, "b"]), (_graph(text), "other", [text])]
    files = compile_together(models, "net_and_other", command=text).files
    return {name: content for name, content in files.items() if not name.startswith("kernels/")}


def host_program(text: str) -> Files:
    """The program that runs the library here."""
    return compile_model(_graph(text), "net").host_files


def heard(text: str) -> Files:
    """The header that joins a front end with the library."""
    plan = log_mel.plan(log_mel.OPTIONS(rate=8000, bands=2), ())
    given = resize.plan(resize.OPTIONS(size=(1, 2)), (2, 2, 1))
    made = (header("log-mel", plan, _graph(text), "net"), header("resize", given, _graph(text), "net"))
    return {each.name: each.text for each in made}


def array(text: str) -> Files:
    """The model as a C array."""
    facts = headers.describe(_graph(text), b"0", text, [text, "b"], text) | {"header": "net.h"}
    facts |= {"symbol": "net", "macro": "NET"}  # an identifier made of the name: looked at by a test of its own
    facts["inputs"] = [dict(tensor, macro="NET_INPUT") for tensor in facts["inputs"]]
    facts["outputs"] = [dict(tensor, macro="NET_OUTPUT") for tensor in facts["outputs"]]
    names = {"net.h": headers.HEADER_TEMPLATE, "net.c": headers.SOURCE_TEMPLATE}
    return {name: headers._render(template, (), facts) for name, template in names.items()}


def board_files(text: str) -> Files:
    """Header and linker script of a board."""
    board = {**BOARD, "name": text, "description": text}
    layout = {
        "board": board,
        "architecture": architecture_of("armv7e-m"),
        "stack_bytes": 64,
        "placement": Placement(),
    }
    return {name: sources.render(f"{name}.j2", **layout) for name in ("board.h", "linker.ld")}


def placed_names(text: str) -> Files:
    """What lies in fast RAM: names of generated C."""
    layout = {"board": BOARD, "architecture": architecture_of("armv7e-m"), "stack_bytes": 64}
    return {"linker.ld": sources.render("linker.ld.j2", **layout, placement=Placement((text,), (text,)))}


def port_constants(text: str) -> Files:
    """Constants of a port; their names come out of the board's file."""
    return {"board.h": sources.render("board.h.j2", board={**BOARD, "port_config": {text: 1}})}


def glue(text: str) -> Files:
    """What ties a model to the harness."""
    found = {}
    for count in (1, 2):
        whole = _library("net", text, count)
        values = {"library": whole, "models": whole.models, "device": text, "protocol_name": text}
        found[f"glue{count}.c"] = sources.render("glue.c.j2", **values)
    return found


def packed(text: str) -> Files:
    """The bundle: all of it goes by the model's name."""
    whole = _library(text, "CONV_2D", 1)
    (model,) = whole.models
    front = Front(Path(), text, f"{text}_stream.h", 5, True, "int16", 8000, b"")
    part = bundle.Part(model, [], front)
    values = {"library": whole, "parts": [part], "title": text, "short_title": text, "version": "1"}
    values |= {**part.values(), "sources": [f"{text}.c"], "needs_math": True, "level": "-O2"}
    values |= {"component": text, "arduino_name": text}
    own = {"names": text, "other": text, "core": text, "decides": model, "one_other": True, "text": "int a;"}
    guarded = {"guarded.c": sources.render("bundle/guarded.c.j2", model=model, **own)}
    templates = {**bundle.TEMPLATES, **bundle.OF_A_MODEL, **bundle.EXAMPLES[False]}
    templates |= {"stream/main.c": front.template, "input/main.c": replace(front, frames=0).template}
    several = {f"several {name}": template for name, template in bundle.EXAMPLES[True].items()}
    return guarded | {
        name: sources.render(f"bundle/{template}", **values) for name, template in {**templates, **several}.items()
    }


def _library(name: str, op: str, count: int) -> Library:
    names = [name, *(f"{name}_{number}" for number in range(1, count))]
    return Library(Path(), name, tuple(_generated(each, op) for each in names), ())


def _generated(name: str, op: str) -> GeneratedModel:
    end = {"bytes": 2, "shape": [1, 2], "dtype": "int8", "scale": 0.5, "zero_point": 0, "arena_offset": 0}
    facts = {
        "name": name,
        "files": [f"{name}.c"],
        "inputs": [end],
        "outputs": [end],
        "core": name,
        "source_sha256": "0",
        "needs": ["defined(A)"],
        "arena_bytes": 1,
        "layers": [{"op": op}],
    }
    return GeneratedModel(Path(), facts)


def app_page(text: str) -> Files:
    """The README beside a model for an app."""
    meaning = app.Meaning("net", text, (text, "b"), False)
    return {"README.md": app._readme(_graph(text), meaning, "net.tflite", "0")}


def _report(text: str) -> dict[str, Any]:
    latency = {**EMULATED, "cpu": text, "device": text, "throttled": [text]}
    return report(text, latency, model=text, board=text, runtime=text, budget=[{"name": text, "ok": False}])


def comparison_page(text: str) -> Files:
    """Reports beside each other, as a page."""
    return {"compare.html": render_page(compare([_report(text), _report("b")]))}


def build_page(text: str) -> Files:
    """The page of a build."""
    return {"report.html": render_html(page_of(sample(text, label=text)), Packed.of(""))}


def overview_page(text: str) -> Files:
    """The page of all builds."""
    return {
        "report.html": render_html(
            overview_of([entry(text, sample(text)), entry("b", sample())], [front(text, text)]), Packed.of("")
        )
    }


def comparison_table(text: str) -> Files:
    """The same on a terminal."""
    return {"terminal.txt": render_comparison(compare([_report(text), _report("b")]))}


def report_table(text: str) -> Files:
    """A report on a terminal."""
    return {"terminal.txt": render({**whole(), "model": text, "target": text, "board": text, "runtime": text})}


def message(text: str) -> Files:
    """An error."""
    return {"terminal.txt": str(UserError(text, text, got=text, allowed=text, hint=text))}


def layer_comment(text: str) -> Files:
    """Any template that a comment filter is used in, as the simplest of all."""
    return {"one.c": f"/* {c_text.comment(text)} */\n"}


def as_json(text: str) -> Files:
    """Facts for programs."""
    return {"facts.json": json.dumps({"a": text, "b": 1}, ensure_ascii=False)}


def target_entry(text: str) -> Files:
    """What `edgewright advise` writes into a target file: names of layers are keys and values of it."""
    return {"entry.toml": entry_text({"pass": "prune", "skip": [text, "b"], "layers": {text: 0.5}})}


def board_of_a_chip(text: str) -> Files:
    """What `edgewright new board` writes of a vendor's files."""
    place = Place(text, 0x20000000, 1024)
    facts = Facts(others=(place,), uarts=(Uart(text, 0x40000000, {"DR": 4}),), sources=(text,))
    answers = {"clock": "1 MHz", "flash": "1 KiB", "flash_origin": "0", "ram": "1 KiB", "ram_origin": "0x20000000"}
    asked = Asked("mine", answers, "CHIP-1", facts, boards.board("mps2-an386"), [])
    return {"board.toml": text_of(asked), **{path.name: made for path, made in port.files(asked, None).items()}}


SINKS: tuple[Callable[[str], Files], ...] = (
    *(library, library_by_rows, library_of_several, host_program, heard, array, board_files, placed_names),
    *(port_constants, glue, packed),
    *(
        app_page,
        comparison_page,
        build_page,
        overview_page,
        comparison_table,
        report_table,
        message,
        layer_comment,
        as_json,
        target_entry,
        board_of_a_chip,
    ),
)
