"""The folder src/ of a bundle: the model for its core and, chosen by the preprocessor, in portable C for any other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from edgewright import __version__
from edgewright.c_text import comment
from edgewright.errors import UserError
from edgewright.images.model import GeneratedModel
from edgewright.templates import render
from edgewright.text import Safe


def sources(model: GeneratedModel, portable: GeneratedModel, templates: Sequence[Path]) -> Iterator[tuple[str, bytes]]:
    """(path in the bundle, content) of all sources but the self-test.

    Args:
        model: for the core.
        portable: the same model for any processor, its .c file of another name.
        templates: folders that are searched before the project's own.

    Raises:
        UserError: the two were made of different files.
    """
    if portable.facts["source_sha256"] != model.facts["source_sha256"]:
        where = str(portable.folder)
        raise UserError(where, f"is not of the model in {model.folder}", hint="make both anew, of one .tflite file")
    left_out = {f"{model.name}_layers.h", f"{model.name}_memory.h"}  # the first is of use to the harness alone
    for name in model.files:
        if name not in left_out:
            yield f"src/{name}", _guarded(model, model, name, templates)
    for name in portable.files if model.needs else ():
        if name not in {*left_out, f"{model.name}.h", *model.files}:
            yield f"src/{name}", _guarded(model, portable, name, templates)
    yield f"src/{model.name}_memory.h", _memory(model, portable, templates).encode()


def _guarded(model: GeneratedModel, origin: GeneratedModel, name: str, templates: Sequence[Path]) -> bytes:
    """A file as it is; what is compiled only where it is meant to run, where there is a choice."""
    content = (origin.folder / name).read_bytes()
    if not model.needs or not name.endswith(".c"):
        return content
    text, is_portable = Safe(content.decode()), origin is not model
    return render("bundle/guarded.c.j2", templates, model=model, text=text, is_portable=is_portable).encode()


def _memory(model: GeneratedModel, portable: GeneratedModel, templates: Sequence[Path]) -> str:
    unpacked = {"weights_bytes": model.plan["weights_bytes"]}  # portable weights are raw: room for the others is left
    values = {
        "name": model.name,
        "macro": model.macro,
        "core": comment(model.facts["core"]),
        "version": __version__,
        "condition": " && ".join(model.needs),
        "plans": [model.plan, {**portable.plan, **unpacked}] if model.needs else [model.plan],
    }
    return render("model_memory.h.j2", templates, **values)
